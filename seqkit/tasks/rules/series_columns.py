"""Which columns of a table hold series, where only one reading is possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seqkit.data.rows.column_choice import COUNTS, NAMES, STAMPS, choose_columns
from seqkit.data.rows.number_stamps import are_years, whole_numbers
from seqkit.data.sources.base import listed
from seqkit.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.data.forecast.spec import ForecastData
    from seqkit.data.sources.base import Source

COLUMN_KEYS = ("layout", "timestamp", "id", "values")
USUAL = {"timestamp": "timestamp", "id": "id", "value": "value"}
"""What columns are called by default: a column of such a name is that one."""
ROWS_FROM = 4
"""So many columns of numbers beside a name are the steps of a row's series."""


class Columns(NamedTuple):
    """Columns of a table by what they hold, less those that other keys name."""

    frame: pd.DataFrame
    stamps: list[str]
    texts: list[str]
    names: list[str]
    """Texts that are another in each row."""
    numbers: list[str]


def column_keys(
    source: Source, data: ForecastData, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Values of ``COLUMN_KEYS``, those of ``given`` among them.

    Args:
        source: the table.
        data: names covariates.
        given: keys (without ``data.``) that are written by hand.

    Raises:
        DataError: there is more than one reading, or none.
    """
    found = dict(given)
    named = {*data.static, *data.past, *data.future, *(given.get("values") or ())}
    named |= {given[key] for key in ("timestamp", "id") if given.get(key)}
    columns = _columns(source, [one for one in source.columns() if one not in named])
    if "timestamp" not in found:
        rows = found.get("layout") == "rows"
        found["timestamp"] = None if rows else _timestamp(columns, source.name)
    if "id" not in found:
        found["id"] = _id(columns, found, source)
    numbers = [one for one in columns.numbers if one != found["id"]]
    if "layout" not in found:
        found["layout"] = _layout(columns, found, numbers)
    if "values" not in found:
        found["values"] = _values(found["layout"], numbers, source.name)
    return {key: found[key] for key in COLUMN_KEYS}


def _columns(source: Source, names: Sequence[str]) -> Columns:
    import pandas as pd

    frame = pd.concat(list(source.chunks("train", names)), ignore_index=True)
    if not names:
        return Columns(frame, [], [], [], [])
    reasons = choose_columns(source, "train", source.columns(), "long").left_out
    kinds: dict[str, list[str]] = {
        "stamps": [],
        "texts": [],
        "names": [],
        "numbers": [],
    }
    for name in names:
        why = reasons.get(name)
        years = why == COUNTS and _counts_years(frame[name])
        if why == STAMPS or years:
            kinds["stamps"].append(name)
        elif why == NAMES:
            kinds["names"].append(name)
        elif why is None or (why == COUNTS and name == USUAL["value"]):
            kind = "numbers" if _are_numbers(frame[name]) else "texts"
            kinds[kind].append(name)
        elif name == USUAL["id"]:
            kinds["texts"].append(name)
    return Columns(frame, **kinds)


def _counts_years(column: pd.Series) -> bool:
    numbers = whole_numbers(column.dropna())
    return numbers is not None and are_years(numbers)


def _are_numbers(column: pd.Series) -> bool:
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    return bool((numbers.isna() == column.isna()).mean() > 0.5)


def _timestamp(columns: Columns, source: str) -> str | None:
    stamps = columns.stamps
    if USUAL["timestamp"] in stamps:
        return USUAL["timestamp"]
    if len(stamps) > 1:
        raise DataError(
            f"{source} has timestamps in {listed(stamps)}, each of which may be those "
            "of its values. Name the right one in data.timestamp."
        )
    return stamps[0] if stamps else None


def _id(columns: Columns, found: Mapping[str, Any], source: Source) -> str | None:
    """The column that tells series apart; None where there is one series a column."""
    layout, several = found.get("layout"), len(found.get("values") or ()) > 1
    if layout == "wide" or several:
        return None
    every = [*columns.names, *columns.texts]
    if USUAL["id"] in (*every, *columns.numbers):
        return USUAL["id"]
    stamp = found["timestamp"]
    if stamp is None:
        return every[0] if len(every) == 1 else None
    (times,) = source_columns(source, [stamp])
    if not times.duplicated().any():
        return None
    frame = columns.frame
    whole = [one for one in columns.numbers if whole_numbers(frame[one]) is not None]
    able = [
        one
        for one in (*columns.texts, *whole)
        if not frame[one].isna().any()
        and not frame[[one]].assign(_stamp=times.to_numpy()).duplicated().any()
    ]
    texts = [one for one in able if one in columns.texts]
    if len(texts or able) == 1:
        return (texts or able)[0]
    readings = f": {listed(able)}" if able else ""
    raise DataError(
        f"{source.name} has rows of the same {stamp!r}, so that a column must say "
        f"which series a row is of{readings}. Name it in data.id."
    )


def source_columns(source: Source, names: Sequence[str]) -> list[pd.Series]:
    """Whole columns of a source."""
    import pandas as pd

    frame = pd.concat(list(source.chunks("train", names)), ignore_index=True)
    return [frame[name] for name in names]


def usual_keys(given: Mapping[str, Any]) -> dict[str, Any]:
    """``COLUMN_KEYS`` as they go together with others, where no table is known."""
    values = given.get("data.values")
    layout = "wide" if isinstance(values, tuple) and len(values) > 1 else "long"
    layout = given.get("data.layout", layout)
    stamp = None if layout == "rows" else USUAL["timestamp"]
    return {"layout": layout, "timestamp": stamp, "id": None, "values": None}


def _layout(columns: Columns, found: Mapping[str, Any], numbers: Sequence[str]) -> str:
    if len(found.get("values") or ()) > 1:
        return "wide"
    several = len(numbers) >= ROWS_FROM
    if found["timestamp"] is None and "values" not in found and several:
        name = found["id"]
        named = name and not columns.frame[name].duplicated().any()
        if named or np.isnan(_last(columns, numbers)).any():
            return "rows"
    return "long"


def _last(columns: Columns, numbers: Sequence[str]) -> Any:
    """The cells of the last column: empty where a row's series is a shorter one."""
    import pandas as pd

    return pd.to_numeric(columns.frame[numbers[-1]], errors="coerce").to_numpy(float)


def _values(layout: str, numbers: Sequence[str], source: str) -> tuple[str, ...] | None:
    if layout != "long":
        return None
    if USUAL["value"] in numbers:
        return (USUAL["value"],)
    if len(numbers) == 1:
        return (numbers[0],)
    if not numbers:
        raise DataError(
            f"{source} has no column of numbers to forecast that no other key names. "
            "Name it in data.values."
        )
    raise DataError(
        f"{source} holds numbers in {listed(numbers)}: each may be a series, or one "
        "the series and others its covariates. Name the columns to forecast in "
        "data.values (and others in data.past or data.future), or set data.layout to "
        "wide to forecast them all."
    )
