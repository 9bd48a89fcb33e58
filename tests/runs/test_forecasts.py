"""Forecasts as a person uses them: by command line and Python, with data of all sorts.

What cannot be used gives one sentence and leaves nothing behind.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny_series import TINY_FORECAST, waves, with_covariates
from tiny_training import untrained

import seqkit
from seqkit import cli
from seqkit.errors import DataError, UsageError
from seqkit.runs.run import Run

pytestmark = pytest.mark.filterwarnings("ignore:Intervals rest on")

Cli = Callable[..., tuple[int, str, str]]


def fitted(folder: Path, frame: Any, **changes: Any) -> Run:
    keys = TINY_FORECAST | {"train.epochs": 1} | changes
    with untrained():
        return seqkit.fit(
            "airline_forecast", keys, data=frame, out=folder / "run", progress=False
        )


def refused(folder: Path, frame: Any, **changes: Any) -> str:
    """What is said of data or keys that no run can be made of; nothing is left."""
    with pytest.raises((DataError, UsageError)) as error:
        fitted(folder, frame, **changes)
    assert not list(folder.iterdir())
    return str(error.value)


def changed(value: Any, **where: Any) -> pd.DataFrame:
    """Waves with another value at a step of all series, or of one."""
    frame = waves()
    step = frame.groupby("id").cumcount()
    rows = step.isin(where.get("steps", range(72)))
    frame["value"] = frame["value"].astype(object).mask(rows, value)
    return frame


@pytest.fixture(scope="module")
def run(copy_of: Callable[[str], Run]) -> Run:
    return copy_of("forecast")


@pytest.fixture
def seqkit_(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> Cli:
    """Call the command line in this process; gives status, output and errors."""

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["seqkit", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
            sys.exit(0)
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return call


# what cannot be used

HOURLY = waves().assign(
    timestamp=np.tile(pd.date_range("2024-01-01", periods=72, freq="h"), 2)
)


@pytest.mark.parametrize(
    ("frame", "changes", "text"),
    [
        (changed(5.0, steps=range(60)), {}, "never changes in its training time"),
        (changed(5.0), {}, "2 of 2 series that never change"),
        (changed(-1.0), {"data.transform": "log", "data.constant": "keep"}, "holds -1"),
        (changed(-1.0, steps=[3]), {"data.transform": "log"}, "holds -1"),
        (changed(-1.0, steps=[55]), {"data.transform": "box_cox"}, "holds -1"),
        (changed(-1.0, steps=[71]), {"data.transform": "log"}, "holds -1"),
        (changed("x", steps=[3]), {}, "where a number must be"),
        (changed(np.nan, steps=[3]), {}, "values are missing"),
        (changed(np.inf, steps=[3]), {}, "infinite values"),
        (changed(1e300, steps=[3]), {}, r"numbers beyond 3.4e\+38"),
        (waves().iloc[::-1], {}, "timestamps that go back"),
        (pd.concat([waves(1), HOURLY[72:]]), {}, "mixes frequencies"),
        (waves(), {"data.decompose": "seasons", "data.seasons": [30]}, "needs 61"),
        (waves(), {"data.decompose": "seasons", "data.seasons": []}, "there are none"),
        (waves(), {"data.past": ["rain"]}, "no column 'rain'"),
        (waves()["value"], {}, "must be a pandas DataFrame, got Series"),
        (waves(), {"data.horizon": 0}, "data.horizon must be greater than 0, got 0"),
        (waves(), {"model.highway": 13}, "model.highway 13 is longer"),
        (
            waves(),
            {"model.window_norm": "last", "data.difference": 1},
            "model.window_norm last",
        ),
        (
            with_covariates(waves()),
            {"model.strategy": "recursive", "data.past": ["rain"]},
            "model.strategy recursive",
        ),
    ],
)
def test_what_is_unusable_is_told_in_a_sentence_and_leaves_nothing(
    tmp_path: Path, frame: Any, changes: dict[str, Any], text: str
) -> None:
    said = refused(tmp_path, frame, **changes)
    assert re.search(text, said), said
    assert "\n" not in said


def test_an_empty_folder_that_was_there_stays_empty(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with pytest.raises(DataError, match="never changes"):
        fitted(tmp_path, changed(5.0, steps=range(60)))
    assert not list((tmp_path / "run").iterdir())


def test_sections_that_do_not_fit_are_told_before_any_data_are_read() -> None:
    for call in (seqkit.build, seqkit.load_recipe):
        with pytest.raises(UsageError, match=r"model.highway 13 .*\(12 steps\)"):
            call("airline_forecast", TINY_FORECAST | {"model.highway": 13})


@pytest.mark.parametrize(
    ("steps", "changes", "needed"),
    [(20, {}, 12 + 9), (5, {}, 12 + 9), (14, {"data.test": 0.25}, 16)],
)
def test_too_short_a_series_is_told_how_many_points_it_needs(
    tmp_path: Path, steps: int, changes: dict[str, Any], needed: int
) -> None:
    said = refused(tmp_path, waves(steps=steps), **changes)
    assert f"has {steps} points" in said
    assert f"need at least {needed}." in said


def test_a_share_that_leaves_nothing_to_learn_from_is_told(tmp_path: Path) -> None:
    said = refused(tmp_path, waves(), **{"data.validation": 0.9})
    assert "lookback 12 + horizon 3 need 15 points" in said


# a run that was made


def test_other_data_must_have_the_frequency_of_training(
    run: Run, tmp_path: Path
) -> None:
    for ask in (run.predict, lambda data: run.evaluate(data, tmp_path / "report")):
        with pytest.raises(DataError, match="grid of its frequency, D: .* 01:00"):
            ask(HOURLY)
    assert not list(tmp_path.iterdir())


def test_a_failed_backtest_leaves_no_folder(run: Run, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="need at least 21"):
        run.backtest(waves(steps=5), out=tmp_path / "backtest")
    assert not list(tmp_path.iterdir())


def test_a_backtest_has_a_row_for_each_forecast_value(run: Run, tmp_path: Path) -> None:
    report = run.backtest(waves(), stride=2, out=tmp_path)
    rows = pd.read_csv(tmp_path / "backtest.csv")
    # Origins 63, 65, 67 and 69 of 72 steps, of two series.
    assert report.rows == 8
    assert len(rows) == 8 * 3
    truth = waves().set_index(["id", "timestamp"])["value"]
    keys = list(zip(rows["id"], pd.to_datetime(rows["timestamp"]), strict=True))
    np.testing.assert_allclose(rows["value"], truth.loc[keys])
    json.loads((tmp_path / "report.json").read_text(), parse_constant=pytest.fail)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (5, "got int"),
        ([1.0] * 11, "has 11 points"),
        ([None] * 20, "finite numbers"),
        ([1e300] * 20, "finite numbers up to"),
        (np.zeros((2, 20, 1)), "finite numbers"),
        ({"a": [1, 2]}, "got dict"),
    ],
)
def test_what_is_no_series_is_refused(run: Run, given: Any, text: str) -> None:
    with pytest.raises((DataError, UsageError), match=text):
        run.predict(given)


def test_several_lists_are_told_apart(run: Run) -> None:
    answers = run.predict([[1.0, 2.0] * 8, [3.0, 4.0] * 8])
    assert answers["id"].tolist() == ["series 1"] * 3 + ["series 2"] * 3


def test_an_index_of_timestamps_is_read_as_the_column(run: Run) -> None:
    frame = waves()
    plain = run.predict(frame)
    for index in ("timestamp", ["id", "timestamp"]):
        pd.testing.assert_frame_equal(run.predict(frame.set_index(index)), plain)
    unnamed = frame.set_index("timestamp").rename_axis(None)
    pd.testing.assert_frame_equal(run.predict(unnamed), plain)


@pytest.mark.parametrize("transform", ["log", "box_cox"])
def test_values_without_a_level_are_refused_in_prediction(
    tmp_path: Path, transform: str
) -> None:
    made = fitted(tmp_path, waves(), **{"data.transform": transform})
    sunk = waves().assign(value=lambda frame: frame["value"] - 60)
    for ask in (made.predict, made.evaluate):
        with pytest.raises(DataError, match="'series 0' holds -.* above 0 alone"):
            ask(sunk)
    if transform == "box_cox":
        other = waves().replace({"id": {"series 1": "serie 7"}})
        with pytest.raises(DataError, match="Training saw no series 'serie 7'"):
            made.predict(other)


def test_forecasts_of_a_zone_are_told_as_its_clocks_show_them(tmp_path: Path) -> None:
    # The last hour is 2024-10-27 00:00, three hours before clocks go back.
    stamps = pd.date_range(
        end=pd.Timestamp("2024-10-27", tz="Europe/Berlin"), periods=96, freq="h"
    )
    frame = pd.DataFrame({"timestamp": stamps, "value": waves(1, 96)["value"]})
    keys = {"data.id": None, "data.timezone": "Europe/Berlin", "data.horizon": 4}
    made = fitted(tmp_path, frame, **keys)
    local = frame.assign(timestamp=stamps.tz_localize(None))
    for given in (frame, local):
        told = made.predict(given)["timestamp"].astype(str).tolist()
        assert told == [
            "2024-10-27 01:00:00+02:00",
            "2024-10-27 02:00:00+02:00",
            "2024-10-27 02:00:00+01:00",
            "2024-10-27 03:00:00+01:00",
        ]
    made.plot(frame)
    assert made.backtest(frame).rows == 2
    rows = pd.read_csv(made.path / "backtest" / "backtest.csv")
    assert rows["origin"].iloc[0] == "2024-10-26 15:00:00+02:00"


# the command line


def test_the_command_line_forecasts_numbers_files_and_the_runs_own(
    seqkit_: Cli, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "more.csv"
    waves().to_csv(path, index=False)
    status, out, _ = seqkit_("predict", run.path, "--data", path, "--json")
    assert status == 0
    records = [
        json.loads(line, parse_constant=pytest.fail) for line in out.splitlines()
    ]
    assert [r["id"] for r in records] == ["series 0"] * 3 + ["series 1"] * 3
    assert records[0]["timestamp"] == "2024-03-13 00:00:00"
    assert all(r["q10"] <= r["q50"] <= r["q90"] for r in records)
    assert all(r["forecast"] == r["q50"] for r in records)
    status, out, _ = seqkit_("predict", run.path, *range(100, 120))
    assert status == 0 and len(out.splitlines()) == 4
    status, out, _ = seqkit_("predict", run.path, "--json")
    assert status == 0 and [json.loads(line) for line in out.splitlines()] == records


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["predict", "1", "2"], 1, "has 2 points"),
        (["predict", "a"], 2, "made from numbers"),
        (["predict", *["1"] * 20, "--picture", "fan.xyz"], 2, "name it fan.png"),
        (["backtest", "--stride", "0"], 2, "must be greater than 0"),
        (["backtest", "--data", "gone.csv"], 1, "gone.csv"),
        (["evaluate", "--data", "gone.csv"], 1, "gone.csv"),
        (["export", "--format", "onnx"], 1, "classifiers of texts"),
        (["export", "--format", "litert"], 1, "classifiers of texts"),
    ],
)
def test_a_mistake_gives_one_sentence_and_its_status(
    seqkit_: Cli, run: Run, words: list[str], status: int, text: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    where = [] if words[0] == "predict" else ["--out", out]
    got, _, err = seqkit_(words[0], run.path, *words[1:], *where)
    assert (got, text in err) == (status, True), err
    assert not list(tmp_path.iterdir())


def test_a_picture_of_the_forecast_is_a_png(
    seqkit_: Cli, run: Run, tmp_path: Path
) -> None:
    target = tmp_path / "fan.png"
    assert seqkit_("predict", run.path, *range(20), "--picture", target)[0] == 0
    assert target.read_bytes().startswith(b"\x89PNG")
