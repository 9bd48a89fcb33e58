"""What training saw never counts as test, whichever way the data are given."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny import TINY, reviews
from tiny_series import TINY_FORECAST, waves
from tiny_training import untrained

import seqkit
from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError, DataWarning, RunError, UsageError
from seqkit.runs.card import model_card
from seqkit.runs.held_out import Unseen, unchanged
from seqkit.runs.report import Report
from seqkit.runs.run import Run

pytestmark = pytest.mark.filterwarnings("ignore:Intervals rest on")

PICTURES = Report.pictures


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are drawn where they are looked at alone: they take seconds."""
    monkeypatch.setattr(Run, "pictures", lambda run: {})
    monkeypatch.setattr(Report, "pictures", lambda report: {})


def on_seen(notes: Sequence[str]) -> list[str]:
    """The notes on what training saw, among others of scores and training."""
    return [note for note in notes if "training saw" in note]


# A coin is tossed for each label: what is right of rows that training saw is learnt by
# heart, of others it is half.
COIN = reviews(200).assign(label=np.random.default_rng(0).permutation([0, 1] * 100))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return seqkit.fit(
        "sample_sentiment",
        TINY | {"data.class_names": None, "data.vocab_size": 300},
        data=COIN,
        out=tmp_path_factory.mktemp("coin") / "run",
        progress=False,
    )


def test_data_given_again_are_scored_as_the_held_out_part(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "coin.csv"
    COIN.to_csv(path, index=False)
    own = run.evaluate(out=tmp_path).to_dict()
    assert own["rows"] == 20 and own["data"] == "frame, test part"
    assert run.evaluate(COIN, out=tmp_path).to_dict() == own
    again = run.evaluate(path, out=tmp_path).to_dict()
    assert again | {"data": own["data"]} == own
    assert again["data"].endswith("coin.csv, test part") and not on_seen(again["notes"])


def test_rows_that_training_saw_are_left_out_of_other_data(
    run: Run, tmp_path: Path
) -> None:
    turned = COIN[::-1].reset_index(drop=True)
    report = run.evaluate(turned, out=tmp_path)
    own = run.evaluate(out=tmp_path)
    assert on_seen(report.notes) == [
        "180 of 200 rows were left out: training saw them."
    ]
    assert report.rows == 20 and report.data == "frame"
    assert report.metrics["accuracy"] == own.metrics["accuracy"]
    fresh = pd.concat([COIN, reviews(60, seed=3).assign(label=1)])
    assert run.evaluate(fresh, out=tmp_path).rows == 80


def test_data_of_which_training_saw_all_are_refused(run: Run, tmp_path: Path) -> None:
    (held_out,) = [pd.read_parquet(run.path / "rows.parquet")]
    seen = COIN[~COIN["text"].isin(held_out["text"])]
    with pytest.raises(DataError, match="training saw all of its 180 rows. Give oth"):
        run.evaluate(seen, out=tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_a_run_of_a_frame_keeps_what_it_held_out(run: Run, tmp_path: Path) -> None:
    own = run.evaluate(out=tmp_path).to_dict()
    loaded = seqkit.load(run.path)
    assert loaded.evaluate(out=tmp_path).to_dict() == own
    assert len(loaded.predict()) == 20
    assert len(run.predict()) == 200


def test_a_folder_without_the_rows_asks_for_the_frame(run: Run, tmp_path: Path) -> None:
    folder = shutil.copytree(run.path, tmp_path / "run")
    (folder / "rows.parquet").unlink()
    old = seqkit.load(folder)
    for verb in (old.evaluate, old.predict):
        with pytest.raises(UsageError, match="its folder keeps no rows of it. Give"):
            verb()
    for name in ("seen.npz", "files.json"):
        (folder / name).unlink()
    old = seqkit.load(folder)
    (note,) = on_seen(old.evaluate(COIN[1:], out=tmp_path).notes)
    assert "does not say what training saw" in note


def test_rows_that_no_file_can_hold_are_told(tmp_path: Path) -> None:
    texts = [f"{text} \ud800" for text in COIN["text"]]
    broken = COIN.assign(text=pd.Series(texts, dtype=object))
    with (
        untrained(),
        pytest.warns(DataWarning, match="cannot be kept in the run's folder"),
    ):
        run = seqkit.fit(
            "sample_sentiment",
            TINY | {"data.class_names": None, "train.epochs": 1},
            data=broken,
            out=tmp_path / "run",
            progress=False,
        )
    # In this process the frame is still at hand.
    assert run.evaluate().rows == 20
    with pytest.raises(UsageError, match="Give the DataFrame again"):
        seqkit.load(run.path).evaluate()


# forecasts


@pytest.fixture(scope="module")
def forecast(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Of two series of 72 days, the last nine are the test part."""
    with untrained():
        return seqkit.fit(
            "airline_forecast",
            TINY_FORECAST | {"train.epochs": 1},
            data=waves(),
            out=tmp_path_factory.mktemp("forecast") / "run",
            progress=False,
        )


def test_a_forecaster_of_a_frame_keeps_its_series(
    forecast: Run, tmp_path: Path
) -> None:
    loaded = seqkit.load(forecast.path)
    own = forecast.evaluate(out=tmp_path).to_dict()
    assert own["rows"] == 6 and not on_seen(own["notes"])
    assert loaded.evaluate(out=tmp_path).to_dict() == own
    assert loaded.evaluate(waves(), out=tmp_path).to_dict() == own
    pd.testing.assert_frame_equal(loaded.predict(), forecast.predict())
    assert loaded.backtest(stride=1, out=tmp_path / "backtest").rows == 14
    assert loaded.plot(id="series 1").axes


def scored(forecast: Run, frame: pd.DataFrame, folder: Path) -> tuple[int, Any]:
    report = forecast.evaluate(frame, out=folder)
    return report.rows, on_seen(report.notes)


def test_windows_whose_targets_training_saw_are_left_out(
    forecast: Run, tmp_path: Path
) -> None:
    def left_out(windows: int) -> list[str]:
        note = f"{windows} of 6 windows were left out: training saw their targets."
        return [note]

    step = waves().groupby("id").cumcount()
    # The first 66 days end three days into the test time: of nine, six were seen.
    cut = waves()[step < 66]
    assert scored(forecast, cut, tmp_path) == (2, left_out(4))
    # A later beginning, and other values beyond what was seen, make no other series.
    assert scored(forecast, cut[step[cut.index] >= 20], tmp_path) == (2, left_out(4))
    one = cut.assign(value=cut["value"].where(step != 40, 7.0))
    assert scored(forecast, one, tmp_path) == (2, left_out(4))
    with pytest.raises(DataError, match="saw the targets of all of its 6 windows"):
        forecast.evaluate(waves()[step < 60], out=tmp_path)
    longer = pd.concat(
        [waves(), waves(steps=90)[lambda f: f["timestamp"] > "2024-03-12"]]
    )
    longer = longer.sort_values(["id", "timestamp"])
    assert scored(forecast, longer, tmp_path) == (6, [])


def test_another_series_of_the_same_name_is_other_data(
    forecast: Run, tmp_path: Path
) -> None:
    step = waves().groupby("id").cumcount()
    other = waves(seed=5)[step < 60]
    assert scored(forecast, other, tmp_path) == (6, [])
    renamed = waves()[step < 60].replace({"id": {"series 0": "a", "series 1": "b"}})
    assert scored(forecast, renamed, tmp_path) == (6, [])


def test_series_without_timestamps_are_known_by_their_values(tmp_path: Path) -> None:
    frame = waves().drop(columns="timestamp")
    with untrained():
        run = seqkit.fit(
            "airline_forecast",
            TINY_FORECAST | {"train.epochs": 1, "data.timestamp": None},
            data=frame,
            out=tmp_path / "run",
            progress=False,
        )
    step = frame.groupby("id").cumcount()
    assert run.evaluate(frame[step < 66]).rows == 2
    assert run.evaluate(waves(seed=5).drop(columns="timestamp")).rows == 6


# parts


def test_why_nothing_was_held_out_is_told(tmp_path: Path) -> None:
    twice = pd.DataFrame({"text": ["good film", "bad film"] * 40, "label": [1, 0] * 40})
    keys = TINY | {"data.class_names": None, "train.epochs": 1}
    fit: dict[str, Any] = {"data": twice, "progress": False}
    why = "all 80 rows hold 2 different texts; equal texts stay in one part, so none"
    with untrained(), pytest.warns(DataWarning) as warned:
        run = seqkit.fit("sample_sentiment", keys, out=tmp_path / "run", **fit)
    texts = [str(one.message) for one in warned if one.category is DataWarning]
    assert len(texts) == 2
    for part, text in zip(("validation", "test"), texts, strict=True):
        assert f"has no {part} part: {why}" in text
    for asked in (run, seqkit.load(run.path)):
        with pytest.raises(RunError, match=why):
            asked.evaluate()
    none = keys | {"data.test": 0.0, "data.validation": 0.0}
    with untrained():
        run = seqkit.fit("sample_sentiment", none, out=tmp_path / "none", **fit)
    with pytest.raises(RunError, match=r"no test rows: data\.test is 0\."):
        run.evaluate()


def test_scores_that_mean_nothing_are_told(run: Run, tmp_path: Path) -> None:
    one = reviews(30, seed=7).assign(label=0)
    report = run.evaluate(one, out=tmp_path)
    assert np.isnan(report.metrics["f1"]).all()
    assert report.notes[-1] == (
        "None of the scored rows is of '1'; macro F1 means nothing for one class."
    )
    assert report.table()["f1"].tolist() == ["n/a"] * (1 + len(report.baselines))
    plain = json.loads((tmp_path / "report.json").read_text())
    assert plain["metrics"]["f1"] == [None] * 3
    assert "n/a" in model_card(run, plain)
    assert "comparison" in PICTURES(report)


class WithTest(FrameSource):
    """A source with an official test part."""

    parts = ("train", "test")

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        rows = slice(0, 150) if part == "train" else slice(145, None)
        yield self.frame.iloc[rows][list(columns)].reset_index(drop=True)


def test_copies_in_an_official_test_part_are_counted(run: Run) -> None:
    """Its rows from 145 on are the test; those up to 150 stand in the training, too."""
    task, recipe = run.task, run.recipe
    data = task.open(recipe.data, recipe.model, WithTest(COIN))
    facts = {"fingerprint": data.fingerprint, "parts": list(WithTest.parts)}
    other = Run(run.path)
    other.facts |= facts
    rows = unchanged(other, recipe, WithTest(COIN))
    assert isinstance(rows.examples, Unseen)
    rows.examples._seen = data.seen()
    assert sum(len(chunk.inputs) for chunk in rows.examples) == 55
    (note,) = rows.examples.notes
    assert note.startswith("5 of 55 rows of the official test part stand in the train")


def test_what_training_saw_cannot_be_edited_unseen(run: Run, tmp_path: Path) -> None:
    folder = shutil.copytree(run.path, tmp_path / "run")
    for name, verb in (
        ("seen.npz", lambda r: r.evaluate(COIN[1:], tmp_path)),
        ("rows.parquet", lambda r: r.evaluate(out=tmp_path)),
    ):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[:-1])
        with pytest.raises(RunError, match=f"{name} is not the file that training"):
            verb(seqkit.load(folder))
        (folder / name).write_bytes(whole)
