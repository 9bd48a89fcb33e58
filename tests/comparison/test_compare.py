"""Runs on disk against each other: who competes, on which rows, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny import TINY, reviews, write_reviews
from tiny_runs import Maker, answer
from tiny_series import TINY_FORECAST, waves

import seqkit
from seqkit import cli
from seqkit.comparison import Comparison, compared
from seqkit.comparison.compare import grouped, kind, settings
from seqkit.errors import RunError, UsageError
from seqkit.runs.run import Run
from seqkit.scores.seeds import between, over_seeds
from seqkit.shared.files import read_json, write_json

CELLS = {"gru": (0.9, 75), "lstm": (0.7, 100)}
"""Share of texts that a made-up cell has right, and its parameters."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reviews(tmp_path_factory.mktemp("data") / "reviews.csv", rows=600)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    keys = TINY | {"data.test": 0.5}
    return Maker(tmp_path_factory.mktemp("runs"), "sample_sentiment", keys)


@pytest.fixture(scope="module")
def runs(make: Maker, data: Path) -> list[Run]:
    """Three seeds of each of two cells."""
    return [
        make(
            f"{cell}{seed}",
            {"model.cell": cell, "train.seed": seed},
            skill,
            data,
            parameters=parameters,
        )
        for seed in (3, 1, 2)
        for cell, (skill, parameters) in CELLS.items()
    ]


@cache
def compared_once(*runs: Run) -> Comparison:
    """Their comparison, for tests that only look at it."""
    return seqkit.compare(*runs)


@pytest.fixture(autouse=True)
def _answers(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Runs answer without a model, but for the tests of whole trainings."""
    if not request.node.get_closest_marker("slow"):
        monkeypatch.setattr(Run, "outputs", answer)


def accuracies(run: Run, frame: pd.DataFrame) -> np.ndarray:
    """Which of the rows a run has right (rows,)."""
    predicted = answer(run, list(frame["text"])).argmax(axis=1)
    return predicted == (frame["label"] == "good").to_numpy()


# the numbers


def test_scores_are_those_of_each_run_on_the_test_rows(
    runs: list[Run], data: Path
) -> None:
    told = compared_once(*runs)
    assert told.rows == 300
    recipe = runs[0].recipe
    texts = [
        text
        for chunk in runs[0]
        .task.open(recipe.data, recipe.model, _source(data, recipe))
        .examples("test")
        for text in chunk.inputs
    ]
    frame = pd.read_csv(data).set_index("text").loc[texts].reset_index()
    right = {run.path.name: accuracies(run, frame).mean() for run in runs}
    for one in told.competitors:
        values = [right[f"{one.name}{seed}"] for seed in (1, 2, 3)]
        assert one.seeds == (1, 2, 3)
        assert one.values == pytest.approx(values)
        assert one.mean == pytest.approx(np.mean(values))
        assert one.sd == pytest.approx(np.std(values, ddof=1))
    gap = told.difference("gru", "lstm")
    means = {one.name: one.mean for one in told.competitors}
    assert gap.value == pytest.approx(means["gru"] - means["lstm"])
    assert told.significant and told.taken == "gru"


def _source(data: Any, recipe: Any) -> Any:
    from seqkit.data.sources.given import given_source

    return given_source(data, recipe.data)


def test_baselines_are_those_of_evaluate(runs: list[Run], tmp_path: Path) -> None:
    told, run = compared_once(*runs), Run(runs[0].path)
    run.pictures = dict  # type: ignore[method-assign]  # there is no history to draw
    report = run.evaluate(out=tmp_path)
    assert {one.name: (one.value, one.low, one.high) for one in told.baselines} == {
        name: metrics["accuracy"] for name, metrics in report.baselines.items()
    }
    alone = compared({"gru": [run]})
    assert (alone.competitors[0].low, alone.competitors[0].high) == pytest.approx(
        report.metrics["accuracy"][1:]
    )


def resampled(runs: list[Run]) -> np.ndarray:
    """Accuracy of each run, gru 1, 2, 3 then lstm, with its resamples."""
    task, recipe = runs[0].task, runs[0].recipe
    scorers = []
    for run in sorted(runs, key=lambda run: run.path.name):
        scorer = task.scorer(run.preprocessing)
        for chunk in task.open(
            recipe.data, recipe.model, _source(None, recipe)
        ).examples("test"):
            scorer.update(chunk.truth, answer(run, chunk.inputs))
        scorers.append(scorer)
    values, units = task.paired(scorers, "accuracy")
    assert units == 300
    return values


def test_seeds_are_paired_where_they_are_the_same(runs: list[Run]) -> None:
    values = resampled(runs)
    gap = compared_once(*runs).difference("gru", "lstm")
    expected = over_seeds(values[:3] - values[3:], units=300)
    assert (gap.value, gap.low, gap.high) == pytest.approx(expected)
    some = sorted(runs, key=lambda run: run.path.name)
    gap = compared({"gru": some[:2], "lstm": some[4:]}).difference("gru", "lstm")
    expected = between(values[:2], values[4:], units=300, paired=False)
    assert (gap.value, gap.low, gap.high) == pytest.approx(expected)
    assert expected[2] != pytest.approx(over_seeds(values[:2] - values[4:])[2])


def test_other_rows_are_scored_whole_but_those_of_the_training_are_not(
    runs: list[Run], data: Path
) -> None:
    other = seqkit.compare(*runs, data=reviews(200, seed=5))
    assert other.rows == 200 and "test part" not in other.data
    own = seqkit.compare(*runs, data=data)
    assert own.rows == 300 and own.data.endswith("test part")


def test_rows_that_any_of_the_runs_saw_are_left_out(make: Maker, data: Path) -> None:
    splits = [
        make(f"split {seed}", {"data.split_seed": seed, "model.units": [9]}, 0.9, data)
        for seed in (5, 6)
    ]
    held_out = [
        {
            text
            for chunk in run.task.open(
                run.recipe.data, run.recipe.model, _source(data, run.recipe)
            ).examples("test")
            for text in chunk.inputs
        }
        for run in splits
    ]
    unseen = set.intersection(*held_out)
    told = compared({"5": splits[:1], "6": splits[1:]}, data)
    assert told.rows == len(unseen) < 200
    assert f"({600 - told.rows} rows left out, which training saw)" in told.data
    frame = pd.read_csv(data)
    frame = frame[frame["text"].isin(unseen)]
    means = {one.name: one.mean for one in told.competitors}
    for name, run in zip("56", splits, strict=True):
        assert means[name] == pytest.approx(accuracies(run, frame).mean())


def test_runs_of_a_frame_are_scored_on_its_test_part(make: Maker) -> None:
    frame = reviews(240, seed=8)
    group = {
        cell: [make(f"frame {cell}", {"model.cell": cell}, skill, frame)]
        for cell, (skill, _) in CELLS.items()
    }
    assert compared(group, frame=frame).rows == 120
    assert seqkit.compare(group["gru"][0], group["lstm"][0], data=frame).rows == 120
    with pytest.raises(UsageError, match="was trained on a DataFrame"):
        compared(group)
    with pytest.raises(RunError, match="has changed since"):
        compared(group, frame=reviews(240, seed=9))


# forecasts


@pytest.fixture(scope="module")
def forecasts(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    folder = tmp_path_factory.mktemp("forecasts")
    return Maker(folder, "airline_forecast", TINY_FORECAST | {"data.test": 30})


SERIES = waves(2, 96)


@pytest.mark.filterwarnings("ignore:1 of 2 series of frame are shorter")
def test_forecasts_are_compared_on_the_windows_that_all_answered(
    forecasts: Maker,
) -> None:
    long = waves(2, 96)
    # Of the second series there is too little for the longer lookback.
    mixed = pd.concat([long[:96], long[96:][-60:]], ignore_index=True)
    keys = {"data.test": 0.5, "data.validation": 6, "data.short": "drop"}
    groups = {
        f"{lookback}": [
            forecasts(
                f"back {lookback} {seed}",
                {**keys, "data.lookback": lookback, "train.seed": seed},
                skill,
                mixed,
            )
            for seed in (1, 2)
        ]
        for lookback, skill in ((12, 1.0), (36, 3.0))
    }
    told = compared(groups, frame=mixed)
    short, far = groups["12"][0], groups["36"][0]
    windows = [
        sum(len(chunk.inputs) for chunk in _test_chunks(run, mixed))
        for run in (short, far)
    ]
    assert windows[0] > windows[1] == told.rows == 16
    # By hand, over the windows of the run that answered fewer.
    for name, group in groups.items():
        (one,) = [each for each in told.competitors if each.name == name]
        assert one.values == pytest.approx(
            [_mase(run, _test_chunks(far, mixed)) for run in group]
        )
    assert not told.greater_is_better
    assert told.difference("12", "36").value > 0
    assert {lead.baseline for lead in told.leads} >= {"last value", "Theta"}


def test_windows_whose_targets_were_seen_are_not_compared(forecasts: Maker) -> None:
    groups = {
        name: [forecasts(f"seen {name}", {"train.seed": 5, **keys}, 1.0, SERIES)]
        for name, keys in (("a", {}), ("b", {"model.units": [5]}))
    }
    # Training and validation saw 66 of the 96 steps. Of the first 80, the test part
    # begins at 50: the origins from 68 on are new.
    told = compared(groups, SERIES[SERIES.groupby("id").cumcount() < 80])
    assert told.rows == 2 * 4
    assert told.data == "frame, test part (12 windows left out, which training saw)"


def _test_chunks(run: Run, data: Any) -> list[Any]:
    opened = run.task.open(run.recipe.data, run.recipe.model, _source(data, run.recipe))
    return list(opened.examples("test"))


def _mase(run: Run, chunks: list[Any]) -> float:
    """Mean absolute error, in that of seasonal naive (season 6) before the test."""
    found = []
    for chunk in chunks:
        outputs = answer(run, chunk.inputs)[:, :, 0]
        for one, truth, output in zip(chunk.inputs, chunk.truth, outputs, strict=True):
            # The whole in-sample, validation too, as M4 scales.
            seen = one.series.values[: one.scored_from]
            scale = np.abs(seen[6:] - seen[:-6]).mean()
            found.append(np.abs(truth - output).mean() / scale)
    return float(np.mean(found))


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("data.horizon", 2, r"data\.horizon is 3 for a and 2 for b"),
        ("data.test", 24, r"data\.test is 30 for a and 24 for b"),
        ("data.test_stride", 1, r"data\.test_stride is None for a and 1 for b"),
        ("data.seasons", [4], "the season or the training time differs"),
        ("model.quantiles", [0.25, 0.75], "same quantiles"),
    ],
)
def test_forecasts_of_other_windows_or_units_are_refused(
    forecasts: Maker, key: str, value: Any, text: str
) -> None:
    plain = forecasts(f"plain {key}", {}, 1.0, SERIES)
    other = forecasts(f"other {key}", {key: value, "train.seed": 1}, 1.0, SERIES)
    with pytest.raises(UsageError, match=text):
        compared({"a": [plain], "b": [other]}, frame=SERIES)


# what is refused


def test_a_comparison_needs_two_runs(runs: list[Run]) -> None:
    with pytest.raises(UsageError, match="at least two runs, got 1"):
        seqkit.compare(runs[0])
    with pytest.raises(UsageError, match="at least two runs, got 0"):
        seqkit.compare()
    with pytest.raises(UsageError, match="at least one for each competitor"):
        compared({"gru": []})


def test_a_run_counts_once(runs: list[Run], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="gru3 is given twice"):
        seqkit.compare(runs[0].path, runs[1], str(runs[0].path))
    copy = shutil.copytree(runs[0].path, tmp_path / "copy")
    with pytest.raises(UsageError, match="two runs of the seed 3, and the same seed"):
        seqkit.compare(runs[0], copy)


def test_an_unfinished_run_is_refused(runs: list[Run], tmp_path: Path) -> None:
    folder = shutil.copytree(runs[0].path, tmp_path / "run")
    write_json(folder / "run.json", read_json(folder / "run.json") | {"status": "x"})
    with pytest.raises(RunError, match="has not finished. Continue it with"):
        seqkit.compare(folder, runs[1])


def test_runs_of_other_tasks_data_or_rows_are_refused(
    runs: list[Run], make: Maker, forecasts: Maker, data: Path
) -> None:
    one = runs[0]
    task = forecasts("another task", {}, 1.0, SERIES)
    with pytest.raises(UsageError, match="that of a is classify_text and that of b fo"):
        compared({"a": [one], "b": [task]})
    source = write_reviews(data.with_name("other.csv"), rows=90, seed=4)
    other = make("other data", {}, 0.9, source)
    with pytest.raises(
        UsageError, match="a was trained on csv:.*reviews.csv and b on "
    ):
        compared({"a": [one], "b": [other]})
    assert compared({"a": [one], "b": [other]}, reviews(60, seed=6)).rows == 60
    told = compared({"a": [one], "b": [other]}, source)
    # Half of the 90 rows are the test part of the one that was trained on them.
    assert told.rows == 45
    assert told.data.endswith("other.csv (45 rows left out, which training saw)")
    rows = make("other rows", {"data.split_seed": 1}, 0.9, data)
    with pytest.raises(UsageError, match=r"data\.split_seed is 0 for a and 1 for b"):
        compared({"a": [one], "b": [rows]})


def test_the_same_rows_read_otherwise_are_compared(make: Maker, data: Path) -> None:
    some = make("40 words", {"train.seed": 5}, 0.8, data)
    fewer = make("20 words", {"data.vocab_size": 20}, 0.8, data)
    told = seqkit.compare(some, fewer)
    names_ = {one.name for one in told.competitors}
    assert names_ == {"data.vocab_size=40", "data.vocab_size=20"}


# names


def names(*made: Run) -> list[str]:
    return list(grouped(made))


def test_competitors_are_named_by_what_differs(
    runs: list[Run], make: Maker, data: Path
) -> None:
    assert sorted(names(*runs)) == ["gru", "lstm"]
    assert [len(group) for group in grouped(runs).values()] == [3, 3]
    one = make("units 4", {"train.seed": 9}, 0.8, data)
    two = make("units 8", {"model.units": [8]}, 0.8, data)
    assert names(one, two) == ["model.units=[4]", "model.units=[8]"]
    three = make("gru 8", {"model.units": [8], "model.cell": "gru"}, 0.8, data)
    assert names(two, three) == ["simple_rnn", "gru"]
    assert settings(grouped([two, three])) == {}
    assert kind(grouped([two, three])) == "cell"
    # Who differs in more than the cell is a run, not a cell.
    assert names(one, three) == [
        "simple_rnn model.units=[4]",
        "gru model.units=[8]",
    ]
    assert settings(grouped([one, three])) == {}
    assert kind(grouped([one, three])) == kind(grouped([one, two])) == "run"
    assert names(one, two, three) == [
        "simple_rnn model.units=[4]",
        "simple_rnn model.units=[8]",
        "gru model.units=[8]",
    ]
    assert settings(grouped([one, two, three])) == {}
    many = {"model.units": [8], "train.epochs": 9, "train.batch_size": 8}
    four = make("many", many | {"model.embedding": 3}, 0.8, data)
    # By their folders, without those of the person around them.
    assert names(one, four) == [one.path.name, four.path.name]
    assert set(settings(grouped([one, four]))[four.path.name]) == {
        *many,
        "model.embedding",
    }
    twin = shutil.copytree(four.path, four.path.parent / "elsewhere" / one.path.name)
    assert names(one, Run(twin)) == [str(one.path), str(twin)]
    assert names(one) == ["sample_sentiment"]


def test_recipes_that_differ_as_a_whole_keep_their_names(
    runs: list[Run], make: Maker, data: Path, tmp_path: Path
) -> None:
    one = make("one", {"model.units": [5]}, 0.8, data)
    two = make("two", {"model.units": [6], "model.dropout": 0.1}, 0.8, data)
    write_json(two.path / "run.json", two.facts | {"name": "mine"})
    assert names(one, Run(two.path)) == ["sample_sentiment", "mine"]


def test_a_copy_of_the_data_is_no_other_data(
    runs: list[Run], make: Maker, data: Path
) -> None:
    copy = Path(shutil.copy(data, data.with_name("copy.csv")))
    twin = make("twin", {"model.cell": "gru", "train.seed": 7}, 0.9, data)
    recipe = twin.recipe.with_({"data.source": f"csv:{copy}"})
    (twin.path / "recipe.yaml").write_text(recipe.to_yaml())
    groups = grouped([*runs, Run(twin.path)])
    assert [len(group) for group in groups.values()] == [4, 3]
    assert compared(groups).rows == 300


def test_the_margin_is_given_or_that_of_the_recipes(
    runs: list[Run], make: Maker, data: Path
) -> None:
    own = compared_once(*runs).margin
    assert own and own.baseline and own.baseline.startswith("TF-IDF")
    told = seqkit.compare(*runs, margin=0.3)
    assert told.margin and (told.margin.value, told.margin.baseline) == (0.3, None)
    keys = {"tune.margin": 0.25, "train.seed": 31}
    pair = [
        make(f"margin {cell}", {**keys, "model.cell": cell}, 0.9, data)
        for cell in CELLS
    ]
    stated = seqkit.compare(*pair).margin
    assert stated and stated.value == 0.25
    # The recipes of these do not agree.
    assert seqkit.compare(pair[0], *runs).margin == own
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(UsageError, match="margin must be a positive number, got"):
            seqkit.compare(*runs, margin=wrong)


# files and the command line


def test_the_command_line_compares_and_writes(
    runs: list[Run],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folders = [str(run.path) for run in runs]
    words = ["compare", *folders, "--out", str(tmp_path / "out")]

    def call(*more: str) -> str:
        monkeypatch.setattr(sys, "argv", ["seqkit", *words, *more])
        with pytest.raises(SystemExit) as stop:
            cli.main()
            sys.exit(0)
        assert not stop.value.code
        return capsys.readouterr().out

    out = call()
    assert out.startswith("The plain baseline wins: TF-IDF") and "is better by" in out
    assert f"The comparison and its picture are in {tmp_path / 'out'}" in out
    told = Comparison.from_dict(read_json(tmp_path / "out" / "comparison.json"))
    assert told == compared_once(*runs)
    assert (tmp_path / "out" / "comparison.png").stat().st_size > 10_000
    plain = json.loads(call("--json"))
    found = [plain[key] for key in ("taken", "winner", "outcome")]
    assert found == ["gru", None, "better"]
    words[1:] = folders[:1]
    monkeypatch.setattr(sys, "argv", ["seqkit", *words])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    assert "compare needs at least two runs, got 1" in capsys.readouterr().err


@pytest.mark.slow
def test_trained_runs_are_compared(tmp_path: Path) -> None:
    data = write_reviews(tmp_path / "reviews.csv", rows=300)
    keys = TINY | {"data.test": 0.4, "train.learning_rate": 0.02}
    trained = [
        seqkit.fit(
            "sample_sentiment",
            keys | {"model.cell": cell, "train.epochs": epochs},
            data=data,
            seed=seed,
            out=tmp_path / f"{cell}{seed}",
            progress=False,
        )
        for cell, epochs in (("gru", 6), ("lstm", 6))
        for seed in (1, 2)
    ]
    told = seqkit.compare(*trained)
    for run in trained:
        report = run.evaluate(out=tmp_path / "report")
        (one,) = [c for c in told.competitors if c.name == run.recipe.model.cell]
        value = one.values[one.seeds.index(run.facts["seed"])]
        assert value == pytest.approx(report.metrics["accuracy"][0])
    assert re.search(r"GRU: [\d.]+ \+- [\d.]+", told.sentence)
