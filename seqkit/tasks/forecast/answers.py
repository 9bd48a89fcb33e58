"""What forecasts are told as: tables by series and step, and a fan."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.series import History
from seqkit.tasks.base import Examples

MANY_DIGITS = 1e5
"""Numbers that differ by a smaller share than 1 / this look the same in six digits."""

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.tasks.forecast.fitted import ForecastPreprocessing


def decoded(
    outputs: NDArray[np.floating],
    histories: list[History],
    preprocessing: ForecastPreprocessing,
) -> pd.DataFrame:
    """A row a series and step: ``id``, ``timestamp``, ``forecast``, ``q10`` ...

    With ``data.timezone`` a ``timestamp`` of hours or shorter steps has its offset.
    Without timestamps it counts the steps of the series from 0.
    """
    import pandas as pd

    horizon = outputs.shape[1]
    columns: dict[str, Any] = {
        "id": np.repeat([history.id for history in histories], horizon),
        "timestamp": _times(
            [_stamps(history, horizon, preprocessing)[1:] for history in histories],
            preprocessing,
        ),
    }
    flat = outputs.reshape(-1, outputs.shape[2])
    names = preprocessing.output_names
    columns |= {name: flat[:, place] for place, name in enumerate(names)}
    return pd.DataFrame(columns)


def shown_lines(answers: pd.DataFrame) -> list[str]:
    """The answers as text, with the digits in which forecasts of one series differ."""
    table = answers.drop(columns=["id", "timestamp"]).to_numpy(np.float64)
    by_series = answers.groupby("id", sort=False).indices.values()
    spreads = [*np.ptp(table, axis=1), *(np.std(table[rows, 0]) for rows in by_series)]
    spread = min((float(one) for one in spreads if one > 0), default=np.inf)
    largest = float(np.abs(table).max())
    if not np.isfinite(spread) or largest < MANY_DIGITS * spread:
        return answers.to_string(index=False).split("\n")
    decimals = min(max(2 - math.floor(math.log10(spread)), 0), 15)
    text = answers.to_string(index=False, float_format=f"{{:.{decimals}f}}".format)
    return text.split("\n")


def fan(
    history: History,
    outputs: NDArray[np.floating],
    preprocessing: Any,
) -> Figure:
    """A picture of a history and of what is to come."""
    import pandas as pd

    from seqkit.pictures import forecast_fan

    answers = decoded(outputs, [history], preprocessing)
    start, frequency = history.series.start, preprocessing.frequency
    stamps = (
        history.series.step_numbers(0, history.origin)
        if start is None or frequency is None
        else frequency.stamps(start, history.origin)
    )
    times = _times([stamps], preprocessing)
    past = pd.DataFrame({"timestamp": times, "value": history.values})
    return forecast_fan(past, answers, unit=history.id)


def backtested(
    examples: Examples,
    outputs: NDArray[np.floating],
    preprocessing: Any,
) -> pd.DataFrame:
    """A row a forecast value, with its ``origin``, ``step`` and true ``value``."""
    histories: list[History] = examples.inputs
    frame = decoded(outputs, histories, preprocessing)
    horizon = outputs.shape[1]
    lasts = [_stamps(history, 0, preprocessing) for history in histories]
    frame.insert(1, "origin", _times(lasts, preprocessing).repeat(horizon))
    frame.insert(2, "step", np.tile(np.arange(1, horizon + 1), len(histories)))
    frame.insert(4, "value", examples.truth.ravel())
    return frame


def _stamps(
    history: History, horizon: int, preprocessing: ForecastPreprocessing
) -> NDArray[Any]:
    """The timestamps (1 + horizon,) of the last known value and of the horizon's."""
    start, origin = history.series.start, history.origin
    if start is None or preprocessing.frequency is None:
        return history.series.step_numbers(origin - 1, origin + horizon)
    return preprocessing.frequency.stamps(start, origin + horizon)[origin - 1 :]


def _times(parts: list[NDArray[Any]], preprocessing: ForecastPreprocessing) -> Any:
    """Stamps, one series after another, as the clocks of the recipe's zone show them.

    Steps that are counted stay numbers.
    """
    from seqkit.data.forecast.time_zones import local_stamps

    stamps = np.concatenate(parts)
    if stamps.dtype.kind != "M":
        return stamps
    return local_stamps(stamps, preprocessing.data.timezone, preprocessing.frequency)
