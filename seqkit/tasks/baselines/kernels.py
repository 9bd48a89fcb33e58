"""Features of whole series by many small convolutions: MiniRocket's.

"MiniRocket: A Very Fast (Almost) Deterministic Transform for Time Series
Classification" (Dempster, Schmidt & Webb 2021). Libraries that have it (aeon, sktime)
bring a compiler along; these are array operations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.series.rows import Values
from seqkit.shared.kernel_taps import HEAVY, MOST_DILATIONS, TAPS, THRESHOLDS
from seqkit.tasks.baselines.fitting import center_and_unit

GOLDEN = (np.sqrt(5) + 1) / 2

BATCH_NUMBERS = 2**16
"""Steps of all series of a batch together, unless one is longer: they fit a cache."""

Floats = NDArray[np.float32]


def dilations_of(steps: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Steps between the taps of kernels, and how many thresholds go with each.

    Dilations grow exponentially, until a kernel spans ``steps``.
    """
    most = np.log2(max(steps - 1, TAPS - 1) / (TAPS - 1))
    spread = np.logspace(0, most, MOST_DILATIONS, base=2).astype(np.int64)
    dilations, counts = np.unique(spread, return_counts=True)
    counts = (counts * (THRESHOLDS / MOST_DILATIONS)).astype(np.int64)
    # What rounding took away goes to the first ones, one by one.
    missing = THRESHOLDS - int(counts.sum())
    counts += np.bincount(np.arange(missing) % len(counts), minlength=len(counts))
    return dilations, counts


class Batch:
    """Scaled series of any length beside each other, with zeros around each.

    Args:
        series: each (steps, columns).
        reach: steps that kernels look beyond either end, at most.
    """

    def __init__(self, series: list[Floats], reach: int) -> None:
        self.lengths = np.array([len(one) for one in series])
        self.steps, self.reach = int(self.lengths.max()), reach
        # Steps come before rows: one tap of a kernel is then one piece of memory.
        shape = (series[0].shape[1], self.steps + 2 * reach, len(series))
        self.values = np.zeros(shape, np.float32)
        for row, one in enumerate(series):
            self.values[:, reach : reach + len(one), row] = one.T
        self._sums: dict[tuple[int, bytes], Floats] = {}

    def response(
        self, dilation: int, heavy: tuple[int, ...], columns: NDArray[np.bool_]
    ) -> Floats:
        """What a kernel gives at each step (steps, rows), its columns added up."""
        chosen = np.flatnonzero(columns)
        mixed = self.values[chosen[0]]
        for column in chosen[1:]:
            mixed = mixed + self.values[column]
        starts = self.reach + (np.arange(TAPS) - TAPS // 2) * dilation
        taps = [mixed[start : start + self.steps] for start in starts]
        key = dilation, columns.tobytes()
        if key not in self._sums:
            self._sums = {key: sum(taps[1:], taps[0])}
        one, two, three = (taps[tap] for tap in heavy)
        response: Floats = one + two
        response += three
        response *= 3
        response -= self._sums[key]
        return response

    def inside(self, dilation: int, padded: bool) -> NDArray[np.bool_]:
        """Which steps (steps, rows) count: not ``padded``, those without zeros in view.

        Where a series is shorter than the kernel all of its own do.
        """
        reach = dilation * (TAPS // 2)
        margin = np.where(padded | (self.lengths <= 2 * reach), 0, reach)
        steps = np.arange(self.steps)[:, np.newaxis]
        return (steps >= margin) & (steps < self.lengths - margin)


class Kernels(NamedTuple):
    """Kernels whose thresholds were drawn from training series.

    A feature is the share of a series' steps at which a kernel's response is above a
    threshold. Every other kernel reads zeros beyond both ends of a series, the others
    stay within it. Series may have any length: a feature counts the own steps of each.
    """

    dilations: NDArray[np.int64]
    counts: NDArray[np.int64]
    """Thresholds of each kernel at each dilation."""
    columns: NDArray[np.bool_]
    """(dilations, kernels, columns): which a kernel reads."""
    thresholds: Floats
    """(features,), dilation by dilation and kernel by kernel."""
    center: NDArray[np.float64]
    unit: NDArray[np.float64]
    """Mean and standard deviation of each column over all training steps."""

    @classmethod
    def fit(cls, series: list[Values], seed: int) -> Self:
        """Draw columns, and thresholds from the responses of random series.

        The longest series decides the dilations.
        """
        random = np.random.default_rng(seed)
        dilations, counts = dilations_of(max(map(len, series)))
        width = series[0].shape[1]
        columns = _drawn_columns((len(dilations), len(HEAVY)), width, random)
        empty = np.zeros(THRESHOLDS * len(HEAVY), np.float32)
        scale = center_and_unit(np.concatenate(series))
        kernels = cls(dilations, counts, columns, empty, *scale)
        # A sequence that fills (0, 1) evenly, however many are taken of it.
        shares = np.arange(1, len(empty) + 1) * GOLDEN % 1
        for number, kernel in kernels._each():
            one = kernels._scaled(series[random.integers(len(series))])
            response = kernels._batch([one]).response(*kernels._read(number, kernel))
            place = kernels._place(number, kernel)
            at = shares[place] * (len(one) - 1)
            empty[place] = np.interp(at, np.arange(len(one)), np.sort(response[:, 0]))
        return kernels

    def __call__(self, series: list[Values]) -> Floats:
        """Features (series, features), each from 0 to 1."""
        features = np.empty((len(series), len(self.thresholds)), np.float32)
        lengths = np.array([len(one) for one in series])
        order = np.argsort(lengths, kind="stable")
        for rows in _batches(order, lengths):
            features[rows] = self._of_batch([self._scaled(series[row]) for row in rows])
        return features

    def _of_batch(self, series: list[Floats]) -> Floats:
        batch = self._batch(series)
        features = np.empty((len(self.thresholds), len(series)), np.float32)
        for number, kernel in self._each():
            if not kernel:
                dilation = int(self.dilations[number])
                inside = [batch.inside(dilation, padded) for padded in (True, False)]
                counted = [(~steps, steps.sum(axis=0)) for steps in inside]
            response = batch.response(*self._read(number, kernel))
            outside, size = counted[(number + kernel) % 2]
            np.copyto(response, -np.inf, where=outside)
            place = self._place(number, kernel)
            above = response > self.thresholds[place, np.newaxis, np.newaxis]
            features[place] = above.sum(axis=1, dtype=np.int32) / size
        return features.T

    def _batch(self, series: list[Floats]) -> Batch:
        return Batch(series, int(self.dilations.max()) * (TAPS // 2))

    def _each(self) -> Iterator[tuple[int, int]]:
        """The numbers of each dilation and kernel."""
        return product(range(len(self.dilations)), range(len(HEAVY)))

    def _read(
        self, number: int, kernel: int
    ) -> tuple[int, tuple[int, ...], NDArray[np.bool_]]:
        """How a kernel reads: its dilation, its heavy taps and its columns."""
        return int(self.dilations[number]), HEAVY[kernel], self.columns[number, kernel]

    def _place(self, number: int, kernel: int) -> slice:
        """The features of a kernel at a dilation."""
        count = int(self.counts[number])
        start = int(self.counts[:number].sum()) * len(HEAVY) + kernel * count
        return slice(start, start + count)

    def _scaled(self, one: Values) -> Floats:
        return ((one - self.center) / self.unit).astype(np.float32)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """By name, as ``numpy.savez`` takes them."""
        return self._asdict()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """What ``to_arrays`` gave."""
        return cls(*(arrays[name] for name in cls._fields))


def _drawn_columns(
    shape: tuple[int, int], width: int, random: np.random.Generator
) -> NDArray[np.bool_]:
    """A few of the columns for each kernel, at most nine: fewer are likelier."""
    most = np.log2(min(width, TAPS) + 1)
    numbers = (2 ** random.uniform(0, most, shape)).astype(np.int64)
    ranks = random.random((*shape, width)).argsort(axis=-1)
    return ranks < numbers[..., np.newaxis]


def _batches(
    order: NDArray[np.int64], lengths: NDArray[np.int64]
) -> Iterator[NDArray[np.int64]]:
    """Rows in ``order``, from short to long, a batch within BATCH_NUMBERS each."""
    start = 0
    while start < len(order):
        end = start + 1
        while (
            end < len(order)
            and (end + 1 - start) * lengths[order[end]] <= BATCH_NUMBERS
        ):
            end += 1
        yield order[start:end]
        start = end
