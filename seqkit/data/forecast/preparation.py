"""Fitting what prepares series, on their training time alone, and preparing them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import DataError, DataWarning
from seqkit.frequency import Frequency
from seqkit.layers.forecast import formulas
from seqkit.layers.forecast.formulas import Floats, SeriesTables

if TYPE_CHECKING:
    from seqkit.data.forecast.series import Series
    from seqkit.data.forecast.spec import ForecastData


COARSE = 2.0**-12
"""Changes within this share of a level have 12 of float32's 24 bits."""
ENOUGH = 10
"""Differences of values that were given; fewer say less of the scale than all do."""


def season_lengths(spec: ForecastData, frequency: Frequency | None) -> tuple[int, ...]:
    """The season lengths in steps: the recipe's, else those of the frequency."""
    if spec.seasons is not None:
        return tuple(spec.seasons)
    if frequency is None and spec.frequency:
        frequency = Frequency.of(spec.frequency)
    return frequency.seasons() if frequency else ()


def fit_tables(
    series: Sequence[Series],
    train_ends: Sequence[int],
    spec: ForecastData,
    frequency: Frequency | None,
) -> SeriesTables:
    """Each series' parameters, from its first ``train_end`` values alone.

    Box-Cox's lambda is the likeliest between -1 and 2 (Box & Cox 1964). MSTL's seasons
    go on as the last cycle that it found; its trend as the least-squares line through
    it.

    Raises:
        DataError: a training time holds values of 0 or below under log or box_cox, is
            too short for MSTL, or has nothing to scale by; or seasons are to be taken
            off and there are none.
    """
    seasons = _seasons_of_mstl(spec, frequency)
    rows = [
        _fit_one(one, end, spec, seasons, frequency)
        for one, end in zip(series, train_ends, strict=True)
    ]
    _note_levels([one.id for one in series], rows, spec)
    return SeriesTables(
        ids=tuple(one.id for one in series),
        center=np.array([row["center"] for row in rows], np.float64),
        unit=np.array([row["unit"] for row in rows], np.float64),
        lam=np.array([row["lam"] for row in rows], np.float64),
        trend=np.array([row["trend"] for row in rows], np.float64).reshape(-1, 2),
        patterns={
            season: np.array([row["patterns"][season] for row in rows], np.float64)
            for season in seasons
        },
    )


def whole_and_added(
    series: Series,
    row: int,
    tables: SeriesTables,
    spec: ForecastData,
    frequency: Frequency | None,
) -> tuple[Floats, Floats]:
    """A series' transformed values, and what trend and seasons add (steps,) each.

    The first less the second are its levels, from which targets follow. ``row`` is the
    series' place in ``tables``, from 0.

    Raises:
        DataError: log or box_cox, and a value is 0 or below.
    """
    _check_positive(series, len(series), spec)
    lam = float(tables.lam[row])
    whole = _array(formulas.transformed(series.values, spec.transform, lam))
    if spec.decompose == "none":
        return whole, np.zeros_like(whole)
    ordinals = _ordinals(series, frequency)[np.newaxis]
    patterns = {season: rows[[row]] for season, rows in tables.patterns.items()}
    added = formulas.offsets(ordinals, tables.trend[[row]], patterns, [0])
    return whole, _array(added)[0]


def prepared(
    series: Series,
    row: int,
    tables: SeriesTables,
    spec: ForecastData,
    frequency: Frequency | None,
) -> NDArray[np.float32]:
    """What a model reads of a whole series (steps - lost steps,).

    Step i belongs to value i + ``spec.lost_steps``; ``row`` is the series' place in
    ``tables``, from 0. A series that is no longer than the lost steps gives none.
    """
    whole, added = whole_and_added(series, row, tables, spec, frequency)
    levels = (whole - added)[np.newaxis]
    differences = _array(formulas.differenced(levels, *spec.lags))[0]
    steps = (differences - tables.center[row]) / tables.unit[row]
    return steps.astype(np.float32)


def _fit_one(
    series: Series,
    end: int,
    spec: ForecastData,
    seasons: tuple[int, ...],
    frequency: Frequency | None,
) -> Mapping[str, Any]:
    """One series' row of the tables."""
    _check_positive(series, end, spec)
    values, real = series.seen(end), ~np.isnan(series.observed[:end])
    lam = _box_cox_lambda(values[real]) if spec.transform == "box_cox" else 1.0
    whole = _array(formulas.transformed(values, spec.transform, lam))
    trend, patterns = (0.0, 0.0), dict[int, Floats]()
    x = whole
    if seasons:
        ordinals = _ordinals(series, frequency)[:end]
        trend, patterns = _decomposed(series.id, whole, ordinals, seasons, spec)
        tables = {season: pattern[np.newaxis] for season, pattern in patterns.items()}
        added = formulas.offsets(ordinals[np.newaxis], [trend], tables, [0])
        x = whole - _array(added)[0]
    center, unit = _scaled(series.id, x, whole, real, spec)
    row = {"center": center, "unit": unit, "lam": lam, "coarse": _coarse(x, spec)}
    return {**row, "trend": trend, "patterns": patterns}


def _scaled(
    name: str,
    x: Floats,
    whole: Floats,
    real: NDArray[np.bool_],
    spec: ForecastData,
) -> tuple[float, float]:
    """Center and unit of a training time's differenced levels.

    Of those that no filled value has part in, where there are enough.
    """
    if len(x) <= spec.lost_steps:
        raise DataError(
            f"Series {name!r} has {len(x)} steps of training time, of which "
            f"differencing uses up {spec.lost_steps}. Give it more history, or set "
            "data.difference and data.seasonal_difference lower."
        )
    differences = formulas.differenced(x[np.newaxis], *spec.lags)
    if not real.all():
        # NaN spreads to all that is made from it.
        marked = _array(
            formulas.differenced(np.where(real, x, np.nan)[None], *spec.lags)
        )
        unfilled = np.isfinite(marked[0])
        if unfilled.sum() >= ENOUGH:
            differences = _array(differences)[:, unfilled]
    center, unit = formulas.scaling(differences, spec.scale)
    constant = bool(_array(formulas.is_constant(unit, whole[np.newaxis])).item())
    if spec.scale == "none" or not constant:
        return float(_array(center).item()), float(_array(unit).item())
    if spec.constant == "keep":
        return float(_array(center).item()), 1.0
    note = " once prepared" if np.ptp(whole) else ""
    raise DataError(
        f"Series {name!r} never changes{note} in its training time, so that "
        f"data.scale: {spec.scale} has nothing to scale by. Leave the series out, or "
        "set data.constant to keep."
    )


def _coarse(x: Floats, spec: ForecastData) -> bool:
    """Whether float32 holds the changes of a training time in few digits only."""
    if spec.scale not in ("none", "mean"):
        return False
    differences = _array(formulas.differenced(x[np.newaxis], *spec.lags))
    size = float(np.abs(differences).max())
    return 0 < float(np.ptp(differences)) < COARSE * size


def _note_levels(
    ids: Sequence[str], rows: Sequence[Mapping[str, Any]], spec: ForecastData
) -> None:
    coarse = [id for id, row in zip(ids, rows, strict=True) if row["coarse"]]
    if coarse:
        warnings.warn(
            f"{len(coarse):,} of {len(ids):,} series change by little beside their "
            f"level, first {coarse[0]!r}, which data.scale: {spec.scale} leaves in: "
            "the model reads few digits of the changes. Set data.scale to standard.",
            DataWarning,
            stacklevel=2,
        )


def _check_positive(series: Series, end: int, spec: ForecastData) -> None:
    """Refuse values that log and Box-Cox know no level of."""
    if spec.transform == "none" or not end:
        return
    smallest, lowest = series.seen(end).min(), formulas.LOWEST[spec.transform]
    if smallest <= lowest:
        mend = "log1p, which takes 0," if smallest == lowest == 0 else "none"
        raise DataError(
            f"Series {series.id!r} holds {smallest:g}, and data.transform: "
            f"{spec.transform} takes values above {lowest:g} alone. Set data.transform "
            f"to {mend} or leave the series out."
        )


def _box_cox_lambda(values: Floats) -> float:
    """The likeliest lambda between -1 and 2; 1 for values that never change.

    Outside of these bounds a forecast's undoing explodes.
    """
    from scipy.optimize import minimize_scalar
    from scipy.stats import boxcox

    if np.ptp(values) == 0:
        return 1.0

    def bounded(minus_log_likelihood: Any) -> Any:
        return minimize_scalar(
            minus_log_likelihood,
            bounds=(-1.0, 2.0),
            method="bounded",
            options={"xatol": 1e-8},
        )

    return float(boxcox(values, optimizer=bounded)[1])


def _seasons_of_mstl(
    spec: ForecastData, frequency: Frequency | None
) -> tuple[int, ...]:
    """The seasons to take off, shortest first, each once; none without decompose."""
    if spec.decompose == "none":
        return ()
    seasons = tuple(sorted(set(season_lengths(spec, frequency))))
    if not seasons:
        raise DataError(
            f"data.decompose: {spec.decompose} takes off seasons, and there are none "
            f"for steps of {frequency.name if frequency else 'unknown length'}. Set "
            "data.seasons to their lengths in steps, or data.decompose to none."
        )
    return seasons


def _decomposed(
    name: str,
    whole: Floats,
    ordinals: NDArray[np.int64],
    seasons: tuple[int, ...],
    spec: ForecastData,
) -> tuple[tuple[float, float], dict[int, Floats]]:
    """The trend's a and b, and each season's pattern by position, found by MSTL."""
    from statsmodels.tsa.seasonal import MSTL

    needed = 2 * seasons[-1] + 1
    if len(whole) < needed:
        raise DataError(
            f"Series {name!r} has {len(whole)} steps of training time, and "
            f"data.decompose needs {needed}, two seasons of {seasons[-1]} and one "
            "step. Give it more history, or leave that season out of data.seasons."
        )
    # As R's stl, fit the slow curves at every jump-th step and draw lines between: it
    # takes a third of the time.
    jump = -(-seasons[0] // 10)
    jumps = {"trend_jump": jump, "low_pass_jump": jump}
    parts = MSTL(whole, periods=seasons, stl_kwargs=jumps).fit()
    by_season = parts.seasonal.reshape(len(whole), len(seasons)).T
    patterns = {}
    for season, values in zip(seasons, by_season, strict=True):
        patterns[season] = np.empty(season)
        patterns[season][ordinals[-season:] % season] = values[-season:]
    if spec.decompose == "seasons":
        return (0.0, 0.0), patterns
    middle = ordinals.mean()
    slope = np.polynomial.polynomial.polyfit(ordinals - middle, parts.trend, 1)[1]
    return (float(parts.trend.mean() - slope * middle), float(slope)), patterns


def _ordinals(series: Series, frequency: Frequency | None) -> NDArray[np.int64]:
    """The ordinal of each of the series' values (steps,)."""
    if frequency is None or series.start is None:
        raise DataError(
            f"Series {series.id!r} has no timestamps, which data.decompose needs. Name "
            "their column in data.timestamp, or set data.decompose to none."
        )
    first = frequency.ordinal(np.array([series.start], "datetime64[s]"))
    return first + np.arange(len(series), dtype=np.int64)


def _array(tensor: Any) -> Any:
    from keras import ops

    return ops.convert_to_numpy(tensor)
