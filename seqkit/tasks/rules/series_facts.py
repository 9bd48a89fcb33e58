"""What is known of series to forecast, from their training time alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from seqkit.data.forecast.origins import parts_of
from seqkit.data.forecast.spec import ForecastData
from seqkit.frequency import Frequency
from seqkit.tasks.rules.series_columns import COLUMN_KEYS, column_keys
from seqkit.tasks.rules.series_shape import NaiveErrors, Shape, naive_errors, shape_of

if TYPE_CHECKING:
    from seqkit.data.forecast.series import Series
    from seqkit.data.sources.base import Source
    from seqkit.recipe.recipe import Recipe

HELD_OUT = 0.16
"""Of the time before the test part validates."""
MOST_HORIZONS = 100
"""Of the validation part."""
SHORT_SHARE = 0.02
"""Of the series may be too short to be forecast."""


@dataclass(frozen=True)
class SeriesFacts:
    """What a rule knows of series; lengths are those of whole series, all else is of
    training time."""

    series: int
    steps: int
    """Of training time: the median series."""
    shortest: int
    """Steps before the test part, which all but few series have."""
    horizon: int
    test: int | float
    validation: int | float
    """As given by hand, or chosen by lengths."""
    frequency: str | None
    seasons: tuple[int, ...]
    """Of the frequency, or as given."""
    shape: Shape
    errors: NaiveErrors
    least: float
    """The smallest value."""
    typical: float
    """The median size of a value."""
    zeros: float
    """Share of the values."""
    filled: int
    """Steps without a value."""
    still: int
    """Series that never change."""
    dated: bool
    """Whether steps have timestamps."""
    columns: Mapping[str, Any] | None = None
    """Keys that say which columns hold the series; None: no table is known."""

    @classmethod
    def of(cls, recipe: Recipe, source: Source) -> Self:
        """Look at the series of ``source``, mended as they need it."""
        from seqkit.tasks.forecast.data import read_all

        data, given = recipe.data, recipe.given()
        assert isinstance(data, ForecastData)
        columns = _columns(source, recipe)
        mended = {"gaps": "interpolate", "short": "drop", "constant": "keep"}
        mended |= {
            key: given[f"data.{key}"] for key in mended if f"data.{key}" in given
        }
        read = read_all(source, data.model_copy(update={**mended, **columns}))
        frequency = read.frequency
        if frequency is None and data.frequency:
            frequency = Frequency.of(data.frequency)
        seasons = given.get("data.seasons")
        if seasons is None:
            seasons = frequency.seasons() if frequency else ()
        middle = int(np.median([len(one) for one in read.series]))
        horizon = given.get("data.horizon") or usual_horizon(middle, seasons)
        test = given.get("data.test", test_steps(middle, horizon))
        before = middle - (test if isinstance(test, int) else round(test * middle))
        validation = validation_steps(before, horizon)
        validation = given.get("data.validation", validation)
        parted = data.model_copy(
            update={"test": test, "validation": validation, "horizon": horizon}
        )
        return cls(
            **_of_training_time(read.series, parted, (*seasons, 1)[0]),
            horizon=horizon,
            test=test,
            validation=validation,
            frequency=frequency.alias if frequency else None,
            seasons=tuple(seasons),
            dated=all(one.start is not None for one in read.series),
            columns=columns,
        )


def _columns(source: Source, recipe: Recipe) -> dict[str, Any]:
    assert isinstance(recipe.data, ForecastData)
    given = {
        key: getattr(recipe.data, key)
        for key in COLUMN_KEYS
        if f"data.{key}" not in recipe.auto
    }
    whole = len(given) == len(COLUMN_KEYS)
    return given if whole else column_keys(source, recipe.data, given)


def usual_horizon(steps: int, seasons: Sequence[int]) -> int:
    """The first season that a series has eight times, or a twentieth of the series.

    >>> usual_horizon(144, (12,)), usual_horizon(60, (52,))
    (12, 3)
    """
    season = next((s for s in seasons if 8 * s <= steps), 0)
    return season or max(steps // 20, 1)


def test_steps(steps: int, horizon: int) -> int:
    """Whole horizons, about a tenth of a series, one at least.

    >>> test_steps(144, 12), test_steps(1000, 12)
    (12, 96)
    """
    return max(steps // 10 // horizon, 1) * horizon


def validation_steps(before: int, horizon: int) -> int:
    """Whole horizons of the ``before`` steps before the test part, one at least.

    >>> validation_steps(132, 12), validation_steps(60, 12)
    (24, 12)
    """
    return min(max(round(HELD_OUT * before / horizon), 1), MOST_HORIZONS) * horizon


def _of_training_time(
    series: Sequence[Series], parted: ForecastData, season: int
) -> dict[str, Any]:
    parts = [parts_of(len(one), parted) for one in series]
    ends = [one.train_end for one in parts]
    seen = [one.seen(end) for one, end in zip(series, ends, strict=True) if end > 1]
    values = np.concatenate(seen) if seen else np.zeros(1)
    filled = [one.filled[:, 0].sum() for one in series if one.filled is not None]
    return {
        "series": len(series),
        "steps": int(np.median(ends)),
        "shortest": int(np.quantile([p.validation_end for p in parts], SHORT_SHARE)),
        "shape": shape_of(seen, season),
        "errors": naive_errors(seen, parted.horizon, season),
        "least": float(values.min()),
        "typical": float(np.median(np.abs(values))),
        "zeros": float((values == 0).mean()),
        "filled": int(sum(filled)),
        "still": sum(np.ptp(one) == 0 for one in seen),
    }
