"""What ``data.missing`` says holds in every verb, and what it leaves out is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tiny import TINY, reviews
from tiny_training import untrained

import seqkit
from seqkit.errors import DataError, DataWarning
from seqkit.runs.report import Report
from seqkit.runs.run import Run
from seqkit.tasks.inputs.series import check_series
from seqkit.tasks.inputs.text import check_texts

TEXTS = ["a", None, float("nan"), "", pd.NA]


def test_missing_texts_of_a_list_are_taken_as_the_recipe_says() -> None:
    assert check_texts(TEXTS, "empty") == ["a", "", "", "", ""]
    with pytest.warns(DataWarning, match="3 of 5 inputs of the list, where a text is"):
        assert check_texts(TEXTS, "drop") == ["a", ""]
    with pytest.raises(DataError, match="must be a text"):
        check_texts(TEXTS, "error")
    for missing in ("empty", "drop"):
        with pytest.raises(DataError, match="must be a text"):
            check_texts(["a", 3], missing)


def test_series_with_gaps_are_taken_as_the_recipe_says() -> None:
    gaps = [1.0, np.nan, 3.0]
    filled = check_series(gaps, ("x",), "interpolate")
    assert filled is not None and filled[:, 0].tolist() == [1.0, 2.0, 3.0]
    for value in (gaps, None, np.nan, [np.nan]):
        assert check_series(value, ("x",), "drop") is None
        with pytest.raises(DataError):
            check_series(value, ("x",), "error")
    with pytest.raises(DataError, match="shape"):
        check_series([[1.0, 2.0]], ("x",), "drop")


def test_rows_without_a_text_are_left_out_in_every_verb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in (Run, Report):
        monkeypatch.setattr(kind, "pictures", lambda one: {})
    frame = reviews(200)
    frame.loc[::10, "text"] = None
    path = tmp_path / "reviews.csv"
    frame.to_csv(path, index=False)
    left_out = r"data\.missing says: 20 of 200 rows of csv:"
    with untrained(), pytest.warns(DataWarning, match=left_out):
        run = seqkit.fit(
            "sample_sentiment",
            TINY | {"train.epochs": 1, "data.missing": "drop"},
            data=path,
            out=tmp_path / "run",
            progress=False,
        )
    assert sum(run.facts["rows"].values()) == 180
    run = seqkit.load(run.path)
    with pytest.warns(DataWarning, match=left_out):
        assert run.evaluate().rows == run.facts["rows"]["test"]
    with pytest.warns(DataWarning, match=left_out):
        assert len(run.predict(path)) == 180
    with pytest.warns(DataWarning, match="2 of 3 inputs of the list"):
        assert len(run.predict([None, "a fine film", None])) == 1
    with pytest.warns(DataWarning, match="20 of 200 inputs"):
        assert len(run.predict(frame["text"])) == 180
    with (
        pytest.warns(DataWarning, match="2 of 2 inputs"),
        pytest.raises(DataError, match="nothing to predict: every input was left out"),
    ):
        run.predict([None, None])
