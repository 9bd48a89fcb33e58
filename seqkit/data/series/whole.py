"""Whole series with an answer each: read, told apart, scaled and encoded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.parted import PartedRows
from seqkit.data.rows.reading import AnsweredRows, Reading
from seqkit.data.series.rows import Values, read_series
from seqkit.data.series.spec import SeriesSpec
from seqkit.data.sources.base import Source
from seqkit.data.stores.store import padded

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.layers.series_padding import SeriesEncoder

ENCODED_NUMBERS = 2**21
"""So many numbers are scaled in one go, padding included: some tens of MB."""

SAME = 1e-13
"""A spread below this share of the mean is rounding of float64."""


@dataclass(frozen=True)
class Scale:
    """What is taken off a number, and what the rest is divided by; one a column."""

    center: tuple[float, ...]
    unit: tuple[float, ...]


def hash_series(values: Values) -> int:
    """64 bits of a series, the same on every machine."""
    narrow = np.ascontiguousarray(values, "<f4")
    whole = narrow if (narrow == values).all() else np.ascontiguousarray(values, "<f8")
    raw = whole.tobytes()
    digest = hashlib.blake2b(repr(values.shape).encode() + raw, digest_size=8).digest()
    return int.from_bytes(digest, "little")


class SeriesReading(Reading[Values]):
    """Reads whole series as a recipe's ``data`` section says."""

    spec: SeriesSpec
    thing = things = unit = "series"
    hash = staticmethod(hash_series)

    def rows(
        self, source: Source, part: str, answers: bool = True, tell: bool = False
    ) -> Iterator[AnsweredRows[Values]]:
        answer = self.answer if answers else None
        return read_series(source, part, self.spec, self.columns, answer, tell)

    def identity(self, values: tuple[str, ...]) -> Any:
        return values, self.columns

    def as_frame(
        self, inputs: Sequence[Values], answers: Sequence[Any]
    ) -> pd.DataFrame:
        return self._frame(inputs, {self.answer: answers})

    def _frame(
        self,
        inputs: Sequence[Values],
        answers: Mapping[str, Sequence[Any]],
        stepped: tuple[str, ...] = (),
    ) -> pd.DataFrame:
        """Inputs and answers in the layout; those of ``stepped`` are one a step."""
        import pandas as pd

        cells: dict[str, Any] = {
            column: [one[:, place].tolist() for one in inputs]
            for place, column in enumerate(self.columns)
        }
        frame = pd.DataFrame(cells | dict(answers))
        if self.spec.layout == "nested":
            return frame
        frame[self.spec.id] = [f"series {row}" for row in range(1, len(frame) + 1)]
        steps = frame.explode([*self.columns, *stepped], ignore_index=True)
        return steps.astype(dict.fromkeys(self.columns, "float32"))


def training_scale(rows: PartedRows[Values], kind: str, columns: int) -> Scale:
    """What ``data.scale`` fits on the training part, a number a column."""
    if kind in ("none", "series"):
        return Scale((0.0,) * columns, (1.0,) * columns)
    series = (one for chunk in rows.rows("train") for one in chunk.inputs)
    return fit_scale(series, kind)


def target_scale(numbers: NDArray[np.float64], kind: str) -> Scale:
    """Mean and standard deviation of the training numbers; 0 and 1 for ``none``."""
    if kind == "none":
        return Scale((0.0,), (1.0,))
    return fit_scale([numbers[:, None]], "standard")


def fit_scale(series: Any, kind: str) -> Scale:
    """Center and unit of each column over all steps of all ``series``, in one pass.

    ``standard``: mean and standard deviation, merged chunk by chunk (Chan, Golub &
    LeVeque 1983); ``minmax``: minimum and range. A column
    that never changes has unit 1.
    """
    rows: float = 0.0
    mean = apart = low = high = np.zeros(0)
    for one in series:
        steps = np.asarray(one, np.float64)
        its_mean = steps.mean(axis=0)
        its_apart = ((steps - its_mean) ** 2).sum(axis=0)
        if not rows:
            rows, mean, apart = len(steps), its_mean, its_apart
            low, high = steps.min(axis=0), steps.max(axis=0)
            continue
        total = rows + len(steps)
        gap = its_mean - mean
        apart = apart + its_apart + gap**2 * rows * len(steps) / total
        mean = mean + gap * len(steps) / total
        low, high = np.minimum(low, steps.min(axis=0)), np.maximum(high, steps.max(0))
        rows = total
    if kind == "minmax":
        center, unit = low, high - low
    else:
        center, unit = mean, np.sqrt(apart / rows)
    unit = np.where(unit > SAME * np.abs(center), unit, 1.0)
    return Scale(tuple(center.tolist()), tuple(unit.tolist()))


def encode(encoder: SeriesEncoder, series: list[Values]) -> Iterator[list[Values]]:
    """Cut and scale series, some at a time, by the layer that exports carry."""
    import tensorflow as tf

    for piece in _pieces(series):
        lengths = np.array([len(one) for one in piece], np.int32)
        prepared = encoder(tf.constant(padded(piece)), tf.constant(lengths)).numpy()
        kept = np.minimum(lengths, prepared.shape[1])
        yield [one[:length] for one, length in zip(prepared, kept, strict=True)]


def _pieces(series: list[Values]) -> Iterator[list[Values]]:
    """Neighbours whose padded batch has at most ENCODED_NUMBERS, or single series."""
    piece: list[Values] = []
    longest = 0
    for one in series:
        longest = max(longest, len(one))
        if piece and (len(piece) + 1) * longest * one.shape[1] > ENCODED_NUMBERS:
            yield piece
            piece, longest = [], len(one)
        piece.append(one)
    if piece:
        yield piece
