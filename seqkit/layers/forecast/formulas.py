"""How the values of series are prepared for a model, and how that is undone.

One set of formulas for whole series and for windows inside a graph, on NumPy arrays
and on tensors alike, all in float64. With T the transform, p a step's ordinal, B the
step back, and a series' parameters from its training time alone:

    level       x = T(y) - a - b p - sum_s m_s[p mod s]
    difference  d = (1 - B^season) (1 - B)^difference x
    step        (d - center) / unit                        what a model reads
    target      r_h = (x_{t+h} - base_h) / unit            what a model gives

``base`` is how the levels go on when every further difference is the center. Then r is
the sums of the scaled differences to come: linear in them, and of every quantile of r
comes the same quantile of y.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESOLUTION = 512 * float(np.finfo(np.float64).eps)
"""Changes smaller than this share of the largest value, some 1e-13, are rounding."""

_LARGEST_LOG = 88.0
"""exp of it is near the largest float32: no answer becomes infinite."""


@dataclass(frozen=True, eq=False)
class SeriesTables:
    """Each series' parameters, as its training time has them.

    ``center``, ``unit`` and ``lam`` (Box-Cox) are (series,), ``trend`` is (series, 2):
    a and b of a + b p. ``patterns`` holds (series, season) for each season: what
    position p mod season adds.
    """

    ids: tuple[str, ...]
    center: Floats
    unit: Floats
    lam: Floats
    trend: Floats
    patterns: Mapping[int, Floats]

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it; every number comes back exactly."""
        return {
            "ids": list(self.ids),
            "center": self.center.tolist(),
            "unit": self.unit.tolist(),
            "lam": self.lam.tolist(),
            "trend": self.trend.tolist(),
            "patterns": {str(s): rows.tolist() for s, rows in self.patterns.items()},
        }

    @classmethod
    def from_dict(cls, tables: Mapping[str, Any]) -> SeriesTables:
        """What ``to_dict`` gave."""
        arrays = {
            key: np.asarray(tables[key], np.float64)
            for key in ("center", "unit", "lam", "trend")
        }
        patterns = {
            int(season): np.asarray(rows, np.float64)
            for season, rows in tables["patterns"].items()
        }
        return cls(ids=tuple(tables["ids"]), patterns=patterns, **arrays)


LOWEST = {"log": 0.0, "log1p": -1.0, "box_cox": 0.0}
"""Each transform takes values above this alone."""


def float64(values: Any) -> Any:
    """Numbers as a float64 tensor, none of them rounded on the way."""
    return ops.convert_to_tensor(values, dtype="float64")


def transformed(values: Any, transform: str, lam: Any = 1.0) -> Any:
    """T: ``none``, ``log``, ``log1p`` (of 1 + y) or ``box_cox``, (y^lam - 1) / lam.

    Box-Cox is the log where lam is 0. ``values`` must be positive for log and box_cox,
    and above -1 for log1p; ``lam`` broadcasts against them
    (Box & Cox 1964, "An Analysis of Transformations").
    """
    values = float64(values)
    if transform == "none":
        return values
    if transform == "log1p":
        return ops.log1p(values)
    logs = ops.log(values)
    if transform == "log":
        return logs
    lam = float64(lam)
    zero = ops.equal(lam, 0.0)
    # expm1 keeps its digits where lam is nearly 0.
    return ops.where(zero, logs, ops.expm1(lam * logs) / ops.where(zero, 1.0, lam))


def restored(levels: Any, transform: str, lam: Any = 1.0) -> Any:
    """T undone.

    box_cox reaches no level where lam * level + 1 is below 0: there the value is 0 for
    a positive lam, and the largest for a negative one. Values end at exp(88), near the
    largest float32.
    """
    levels = float64(levels)
    if transform == "none":
        return levels
    if transform == "log":
        return ops.exp(ops.minimum(levels, _LARGEST_LOG))
    if transform == "log1p":
        return ops.expm1(ops.minimum(levels, _LARGEST_LOG))
    lam = float64(lam)
    zero = ops.equal(lam, 0.0)
    product = ops.maximum(lam * levels, -1.0)
    logs = ops.where(zero, levels, ops.log1p(product) / ops.where(zero, 1.0, lam))
    return ops.exp(ops.minimum(logs, _LARGEST_LOG))


def differenced(levels: Any, difference: int, seasonal: int) -> Any:
    """Levels (batch, steps) to (batch, steps - difference - seasonal).

    First each value's predecessor is taken off, ``difference`` times, then the value
    ``seasonal`` steps before, once; 0 is never.
    """
    differences = float64(levels)
    for _ in range(difference):
        differences = differences[:, 1:] - differences[:, :-1]
    if seasonal:
        differences = differences[:, seasonal:] - differences[:, :-seasonal]
    return differences


def accumulated(differences: Any, difference: int, seasonal: int) -> Any:
    """Undo ``differenced`` over a horizon before which all was 0.

    Takes and gives (batch, horizon) or (batch, horizon, outputs).
    """
    sums = float64(differences)
    if 0 < seasonal < sums.shape[1]:
        sums = _seasonal_sums(sums, seasonal)
    for _ in range(difference):
        sums = ops.cumsum(sums, axis=1)
    return sums


def _seasonal_sums(differences: Any, season: int) -> Any:
    """Add to each step all steps that lie whole seasons before it."""
    horizon, *outputs = differences.shape[1:]
    cycles = -(-horizon // season)
    pad = [[0, 0], [0, cycles * season - horizon], *([0, 0] for _ in outputs)]
    by_cycle = ops.reshape(ops.pad(differences, pad), (-1, cycles, season, *outputs))
    sums = ops.reshape(ops.cumsum(by_cycle, axis=1), (-1, cycles * season, *outputs))
    return sums[:, :horizon]


def base(levels: Any, horizon: int, difference: int, seasonal: int, center: Any) -> Any:
    """Levels (batch, horizon) if every difference after ``levels`` were the center.

    Args:
        levels: (batch, steps), more than ``difference + seasonal`` of them.
        center: (batch, 1).
    """
    history = [float64(levels)]
    for _ in range(difference):
        history.append(differenced(history[-1], 1, 0))
    ahead = np.arange(horizon)
    future = float64(center) * np.ones((1, horizon))
    if seasonal:
        last = ops.take(history[-1][:, -seasonal:], ahead % seasonal, axis=1)
        future = last + future * (ahead // seasonal + 1.0)
    for row in reversed(history[:-1]):
        future = row[:, -1:] + ops.cumsum(future, axis=1)
    return future


def scaling(differences: Any, scale: str) -> tuple[Any, Any]:
    """Center and unit, (batch, 1) each, of (batch, steps).

    none: 0 and 1; standard: mean and standard deviation; minmax: the smallest, and
    from it to the largest; mean: 0 and the mean absolute value.
    """
    differences = float64(differences)
    if scale == "standard":
        return (
            ops.mean(differences, axis=1, keepdims=True),
            ops.std(differences, axis=1, keepdims=True),
        )
    if scale == "minmax":
        low = ops.min(differences, axis=1, keepdims=True)
        return low, ops.max(differences, axis=1, keepdims=True) - low
    size = ops.mean(ops.abs(differences), axis=1, keepdims=True)
    zero = ops.zeros_like(size)
    return (zero, size) if scale == "mean" else (zero, ops.ones_like(size))


def is_constant(unit: Any, levels: Any) -> Any:
    """Whether a unit (batch, 1) is nothing but rounding of levels (batch, steps)."""
    largest = ops.max(ops.abs(float64(levels)), axis=1, keepdims=True)
    return ops.less_equal(unit, RESOLUTION * largest)


def offsets(ordinals: Any, trend: Any, patterns: Mapping[int, Any], rows: Any) -> Any:
    """What trend and patterns add to the levels at ordinals (batch, steps), int64.

    ``rows`` (batch,) says which rows of ``trend`` (series, 2) and of each of
    ``patterns`` (series, season) belong to the batch.
    """
    ordinals = ops.convert_to_tensor(ordinals, dtype="int64")
    rows = ops.expand_dims(ops.convert_to_tensor(rows, dtype="int64"), 1)
    line = ops.take(float64(trend), rows[:, 0], axis=0)
    added = line[:, :1] + line[:, 1:] * ops.cast(ordinals, "float64")
    for season, pattern in patterns.items():
        places = rows * season + ordinals % season
        added = added + ops.take(ops.reshape(float64(pattern), (-1,)), places)
    return added
