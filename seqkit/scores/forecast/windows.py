"""What is kept of every window that was scored: sums, and a few windows whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqkit.errors import UsageError
from seqkit.scores.clusters import FEWEST_BLOCKS, cluster
from seqkit.scores.forecast.errors import measured, measures, quantile_name

DETAILED = 64
"""The first windows, of which every step is kept: where there are few, steps count."""
SHOWN_SERIES = 6
SLICE = 256
"""Windows that are measured at once: 5 MB at 96 steps and 26 measures."""


@dataclass(frozen=True)
class Windows:
    """Sums over the steps of n windows; some 700 bytes for one of 96 steps.

    ``series`` and ``origins`` (n,) tell which window it is, ``truths`` (n,) sums its
    true values that are known. ``totals`` and ``counts`` (n, M) sum each measure and
    its steps. ``first`` (n,) is truth less forecast one step ahead, ``errors`` (n, H)
    are absolute errors, ``scale`` (n,) is MASE's denominator (0 is NaN), ``details`` (n
    or fewer, H, M) are the measures themselves, of the first windows.
    """

    series: NDArray[np.int64]
    origins: NDArray[np.int64]
    truths: NDArray[np.float64]
    totals: NDArray[np.float64]
    counts: NDArray[np.int32]
    first: NDArray[np.float64]
    errors: NDArray[np.float32]
    scale: NDArray[np.float64]
    details: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.series)

    def take(self, rows: NDArray[np.intp]) -> Windows:
        """Some of the windows; details only where all of them have some."""
        taken = {f.name: getattr(self, f.name)[rows] for f in fields(self)[:-1]}
        detailed = rows if (rows < len(self.details)).all() else rows[:0]
        return replace(self, **taken, details=self.details[detailed])


def joined(parts: Sequence[Windows]) -> Windows:
    """The windows of all parts, one after the other."""
    names = [f.name for f in fields(Windows)]
    return Windows(
        **{name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
    )


def clustered(
    competitors: Sequence[Windows],
) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    """Clusters (u,) and, for each competitor, sums and counts (u, 2 M) to resample.

    All competitors have the same windows. What is clustered are windows, see
    ``clusters.cluster``; where that gives fewer than ten clusters, the steps of the
    windows, by the time of their targets in place of the origin.
    """
    one = competitors[0]
    horizon = one.errors.shape[1]
    labels = cluster(one.series, one.origins, horizon)
    whole = [np.hstack([each.totals, each.counts]) for each in competitors]
    few = labels.max() + 1 < FEWEST_BLOCKS
    if not few or any(len(each.details) < len(each) for each in competitors):
        return labels, whole
    targets = (one.origins[:, np.newaxis] + np.arange(horizon)).ravel()
    labels = cluster(np.repeat(one.series, horizon), targets, horizon)
    measured = [each.details.reshape(len(targets), -1) for each in competitors]
    return labels, [
        np.hstack([np.nan_to_num(values), np.isfinite(values)]) for values in measured
    ]


class WindowSums:
    """Collects ``Windows``, the sums by step, and a few windows for pictures."""

    def __init__(self, horizon: int, quantiles: tuple[float, ...]) -> None:
        self.quantiles = quantiles
        self.ids: dict[str, int] = {}
        """Series by name -> number, in the order in which they came."""
        self.rows = 0
        self.step_totals = np.zeros((horizon, len(measures(quantiles))))
        self.step_counts = np.zeros(self.step_totals.shape, np.int64)
        self._parts: list[Windows] = []
        self._samples: dict[str, _Samples] = {}

    def add(
        self,
        ids: Sequence[str],
        origins: NDArray[np.int64],
        truth: NDArray[np.float64],
        outputs: NDArray[np.float64],
        scale: NDArray[np.float64],
        spread: NDArray[np.float64],
    ) -> None:
        """Add windows, see ``ForecastScorer.update``; they are checked already."""
        for start in range(0, len(ids), SLICE):
            part = slice(start, start + SLICE)
            series = [self.ids.setdefault(name, len(self.ids)) for name in ids[part]]
            values = measured(
                truth[part], outputs[part], scale[part], spread[part], self.quantiles
            )
            present = np.isfinite(values)
            amounts = np.where(present, values, 0.0)
            # One by one: then the sums do not depend on how the windows come in chunks.
            for amount in amounts:
                self.step_totals += amount
            self.step_counts += present.sum(axis=0)
            error = truth[part] - outputs[part, :, 0]
            self._parts.append(
                Windows(
                    series=np.array(series, np.int64),
                    origins=origins[part],
                    truths=np.nansum(truth[part], axis=1),
                    totals=amounts.sum(axis=1),
                    counts=present.sum(axis=1, dtype=np.int32),
                    first=error[:, 0].copy(),
                    errors=np.abs(error).astype(np.float32),
                    scale=np.where(scale[part] == 0, np.nan, scale[part]),
                    details=values[: max(0, DETAILED - self.rows)].copy(),
                )
            )
            self.rows += len(series)
        self._sample(ids, origins, truth, outputs)

    def windows(self) -> Windows:
        """All windows so far, in the order in which they came.

        Raises:
            UsageError: two windows have the same series and origin.
        """
        self._parts = [joined(self._parts)]
        windows = self._parts[0]
        order = np.lexsort((windows.origins, windows.series))
        keys = np.column_stack([windows.series, windows.origins])[order]
        twice = (np.diff(keys, axis=0) == 0).all(axis=1)
        if twice.any():
            series, origin = keys[int(twice.argmax())]
            raise UsageError(
                "A window is scored once, but that of the series "
                f"{list(self.ids)[series]!r} and the origin {origin} came twice."
            )
        return windows

    def samples(self) -> pd.DataFrame:
        """The first, a middle and the last window of the first six series, by step."""
        chosen = [(name, w) for name, s in self._samples.items() for w in s.chosen()]
        horizon = len(self.step_totals)
        outputs = [outputs for _, (_, _, outputs) in chosen]
        table = {
            "id": np.repeat([name for name, _ in chosen], horizon),
            "origin": np.repeat([origin for _, (origin, _, _) in chosen], horizon),
            "step": np.tile(np.arange(1, horizon + 1), len(chosen)),
            "truth": np.concatenate([truth for _, (_, truth, _) in chosen]),
        }
        names = ["forecast", *map(quantile_name, self.quantiles)]
        columns = np.concatenate(outputs).T
        return pd.DataFrame(table | dict(zip(names, columns, strict=True)))

    def _sample(
        self,
        ids: Sequence[str],
        origins: NDArray[np.int64],
        truth: NDArray[np.float64],
        outputs: NDArray[np.float64],
    ) -> None:
        for row, name in enumerate(ids):
            if name not in self._samples and len(self._samples) == SHOWN_SERIES:
                continue
            samples = self._samples.setdefault(name, _Samples())
            samples.add((int(origins[row]), truth[row].copy(), outputs[row].copy()))


_Sample = tuple[int, NDArray[np.float64], NDArray[np.float64]]


class _Samples:
    """Evenly spaced windows of one series, at most 32 however many come."""

    def __init__(self) -> None:
        self._even: list[_Sample] = []
        self._every = 1
        self._count = 0
        self._ends: list[_Sample] = []

    def add(self, sample: _Sample) -> None:
        self._ends = sorted([*self._ends, sample], key=lambda s: s[0])
        self._ends = [self._ends[0], self._ends[-1]]
        if self._count % self._every == 0:
            self._even.append(sample)
        self._count += 1
        if len(self._even) == 32:
            self._even = self._even[::2]
            self._every *= 2

    def chosen(self) -> list[_Sample]:
        """The first origin, the even one nearest to the middle, the last."""
        first, last = self._ends
        middle = (first[0] + last[0]) / 2
        nearest = min(self._even, key=lambda s: abs(s[0] - middle))
        by_origin = {s[0]: s for s in (first, nearest, last)}
        return [by_origin[origin] for origin in sorted(by_origin)]
