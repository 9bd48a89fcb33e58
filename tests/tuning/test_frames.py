"""A DataFrame reaches another process as it was, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqkit.errors import DataError
from seqkit.tuning.frames import read_frame, write_frame

HOURS = pd.date_range("2024-01-01", periods=3, freq="h", tz="Europe/Paris")


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"text": ["good", "", None], "label": [1, 0, 1]}),
        pd.DataFrame({"target": [0.1 + 0.2, float("nan"), -0.0]}, index=HOURS),
        pd.DataFrame({"label": pd.array([3, None, 5], dtype="Int64")}),
        pd.DataFrame({"label": pd.Categorical(["a", "b", "a"])}),
        pd.DataFrame({"day": pd.period_range("2024-01", periods=3, freq="M")}),
        pd.DataFrame({"when": HOURS, "x": np.float32([0.1, 0.2, 0.3])}),
        pd.DataFrame({"x": [1, 2]}, index=[["a", "b"], HOURS[:2]]),
    ],
    ids=["text", "floats", "nullable", "category", "period", "times", "levels"],
)
def test_frame_comes_back_as_it_was(frame: pd.DataFrame, tmp_path: Path) -> None:
    write_frame(frame, tmp_path / "frame.parquet")
    came = read_frame(tmp_path / "frame.parquet")
    pd.testing.assert_frame_equal(came, frame, check_freq=False)


@pytest.mark.parametrize(
    "values",
    [
        [[1.0, 2.0], [3.0]],
        [np.array([1.0, float("nan")]), np.array([3.0])],
        [["a", "b"], None],
        [[[1, 2], [3, 4]], [[5, 6]]],
    ],
)
def test_lists_in_cells_keep_their_values(values: list[Any], tmp_path: Path) -> None:
    write_frame(pd.DataFrame({"values": values}), tmp_path / "frame.parquet")
    came = read_frame(tmp_path / "frame.parquet")["values"]
    for one, other in zip(values, came, strict=True):
        np.testing.assert_equal(nested(other), nested(one))


def nested(value: Any) -> Any:
    """Lists, arrays and arrays of arrays as lists."""
    if isinstance(value, (list, np.ndarray)):
        return [nested(item) for item in value]
    return value


def test_whole_numbers_that_would_become_fractions_are_refused(tmp_path: Path) -> None:
    # Labels 3 and None would reach the workers as 3.0 and NaN: another class.
    frame = pd.DataFrame({"label": pd.Series([3, None, 5], dtype=object)})
    with pytest.raises(DataError, match=r"column 'label' of the DataFrame \(object\)"):
        write_frame(frame, tmp_path / "frame.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"mixed": [1, "one"]}),
        pd.DataFrame([[1, 2]], columns=["x", "x"]),
        pd.DataFrame({"thing": [object()]}),
    ],
    ids=["mixed", "twice", "object"],
)
def test_frame_that_parquet_cannot_hold_is_refused(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="cannot be handed to other processes"):
        write_frame(frame, tmp_path / "frame.parquet")
    assert list(tmp_path.iterdir()) == []
