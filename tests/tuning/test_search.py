"""``seqkit.tune`` from a recipe to a verdict on disk, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tiny import reviews, write_reviews
from tiny_comparison import around, tiny_comparison
from tiny_search import tiny_search

import seqkit
from seqkit.errors import DataError, RunError, TrainingError, UsageError
from seqkit.recipe.data_paths import portable
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.runs.fit import loaded
from seqkit.tuning import search as searching
from seqkit.tuning.page import document
from seqkit.tuning.search import differences, tune
from seqkit.tuning.verdict import Verdict


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("search")


@pytest.fixture(scope="module")
def verdict(folder: Path) -> Verdict:
    """Of one search on a csv file, which the tests share."""
    data = write_reviews(folder / "reviews.csv")
    return tune(tiny_search(), data=data, out=folder / "out", progress=False)


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages have their words and the forest alone, for tests of something else."""
    for name in ("search_figures", "effect_figures"):
        monkeypatch.setattr(document, name, lambda *data: [])


def outcome(plain: dict[str, Any]) -> dict[str, Any]:
    """A verdict without what the clock has a part in."""
    kept = {k: v for k, v in plain.items() if k not in ("seconds", "started", "finals")}
    del kept["steps"]
    timed = ("seconds", "bytes")
    kept["competitors"] = [
        {key: value for key, value in one.items() if key not in timed}
        for one in plain["competitors"]
    ]
    # The speed of steps is told in it.
    del kept["sentence"]
    return kept


def test_a_search_ends_in_a_verdict(verdict: Verdict) -> None:
    assert verdict.sentence.startswith(("No cell", "The plain", "GRU", "simple RNN"))
    assert verdict.winner.model.cell in ("simple_rnn", "gru")
    assert isinstance(verdict.significant, bool)
    cells = [n for n in verdict.table.index if n in ("simple_rnn", "gru")]
    assert len(cells) == 2 and "majority class" in verdict.table.index
    for one in verdict.comparison.competitors:
        assert one.seeds == (8, 9)
        assert len(set(one.values)) <= 2


def test_no_whole_path_is_in_what_travels(verdict: Verdict, folder: Path) -> None:
    assert verdict.path
    files = [path for path in verdict.path.rglob("*") if path.is_file()]
    holding = {p.name for p in files if str(folder).encode() in p.read_bytes()}
    assert holding == {"local.json"}
    assert "csv:reviews.csv" in written(verdict).read_text()


def test_the_recipes_and_finals_of_a_search_find_their_data(
    verdict: Verdict, folder: Path
) -> None:
    assert verdict.path
    whole = f"csv:{folder}/reviews.csv"
    assert Verdict.load(verdict.path).winner == verdict.winner
    assert verdict.winner.data.source == whole
    assert loaded(written(verdict), None).data.source == whole
    final = next((verdict.path / "finals").iterdir())
    assert seqkit.load(final).recipe.data.source == whole


def test_it_leaves_all_that_it_found(verdict: Verdict) -> None:
    out = verdict.path
    assert out
    names = {path.name for path in out.iterdir()}
    assert names == {
        *("recipe.yaml", "study.json", "local.json", "log.txt", "trials", "finals"),
        *("verdict.json", "trials.csv", written(verdict).name, "verdict.html"),
        *("speed.json", "winner.yaml"),
    }
    trials = pd.read_csv(out / "trials.csv")
    assert list(trials["trial"]) == ["simple_rnn-001", "simple_rnn-002"] + [
        "gru-001",
        "gru-002",
    ]
    for column in ("train.learning_rate", "score", "seconds", "parameters", "bytes"):
        assert trials[column].notna().all()
    finalists = trials[trials["finalist"]]
    assert list(finalists["cell"]) == ["simple_rnn", "gru"]
    assert finalists["test_mean"].notna().all() and finalists["val_sd"].notna().all()
    page = (out / "verdict.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and "<svg" in page


def written(verdict: Verdict) -> Path:
    """The recipe that a search leaves: the winner's, where there is one."""
    assert verdict.path
    return verdict.path / ("winner.yaml" if verdict.won else "best.yaml")


def test_the_steps_of_finalists_are_measured_side_by_side(verdict: Verdict) -> None:
    steps = verdict.comparison.steps
    assert set(steps) == {"simple_rnn", "gru"}
    counts = {len(rounds) for rounds in steps.values()}
    assert len(counts) == 1 and 3 <= counts.pop() <= 8
    assert all(0 < each < 5 for rounds in steps.values() for each in rounds)
    assert verdict.table.loc["gru", "step_low"] <= verdict.table.loc["gru", "step"]
    assert "ms a step" in str(verdict) and " slower:" not in verdict.sentence


def test_who_has_not_beaten_the_baseline_is_called_no_winner(verdict: Verdict) -> None:
    # TF-IDF has every word of these reviews right.
    assert not verdict.won and verdict.path
    assert verdict.next_step.startswith("take the baseline, TF-IDF")
    assert "winner" not in verdict.sentence
    page = (verdict.path / "verdict.html").read_text(encoding="utf-8")
    visible = page.split("<body>")[1].split("<script>")[0]
    assert "winner" not in visible
    assert '<span class="tag">take this</span>' in visible
    assert "baseline: TF-IDF" in visible and "take the baseline, TF-IDF" in visible


def test_a_baseline_that_nobody_beats_is_a_recipe_as_well(
    verdict: Verdict, tmp_path: Path
) -> None:
    assert verdict.path and verdict.plain
    assert str(verdict.path / "winner.yaml") in verdict.next_step
    assert Verdict.load(verdict.path).plain == verdict.plain
    run = seqkit.fit(verdict.path / "winner.yaml", out=tmp_path / "run")
    assert run.plain is not None and run.plain.title.startswith("TF-IDF")
    report = run.evaluate()
    best = next(one for one in verdict.comparison.baselines if "TF-IDF" in one.name)
    assert report.metrics["accuracy"][0] == pytest.approx(best.value)


def test_the_recipe_is_called_winner_where_it_has_won(
    verdict: Verdict, tmp_path: Path
) -> None:
    plain = {"majority class": 0.5}
    scores = {"gru": around(0.9), "simple_rnn": around(0.8)}
    open_ = {"gru": around(0.9, 0.1), "simple_rnn": around(0.89, 0.1)[::-1]}
    for found, won in ((open_, False), (scores, True)):
        comparison = tiny_comparison(found, plain)
        told = replace(verdict, comparison=comparison, plain=None, path=tmp_path)
        told.save(tmp_path)
        assert told.won is won
        assert told.outcome == ("better" if won else "undecided")
        assert (tmp_path / "winner.yaml").exists() is won
        assert (tmp_path / "best.yaml").exists() is not won
        page = (tmp_path / "verdict.html").read_text(encoding="utf-8")
        assert ("winner" in page.split("<script>")[0].lower()) is won
        step = f"seqkit fit {tmp_path / ('winner.yaml' if won else 'best.yaml')}"
        assert told.next_step.endswith(step)
        assert told.next_step.startswith("undecided; in the") is not won
        loaded = Verdict.load(tmp_path)
        assert loaded.won is won and loaded.winner.model == verdict.winner.model


def test_no_path_of_the_machine_travels_with_recipe_and_page(
    verdict: Verdict, folder: Path
) -> None:
    assert verdict.path
    for path in (written(verdict), verdict.path / "verdict.html"):
        text = path.read_text(encoding="utf-8")
        assert str(folder) not in text and "csv:reviews.csv" in text


def test_few_validation_rows_are_told(verdict: Verdict) -> None:
    (told,) = [hint for hint in verdict.hints if "validation part" in hint]
    rows = json.loads(
        (verdict.path / "trials" / "gru-001.json").read_text()  # type: ignore[operator]
    )["rows"]
    assert told.startswith(f"The validation part has {rows} rows: the best trial's")
    assert "accuracy has a standard error of 0.0" in told


def test_cells_meet_the_same_settings(verdict: Verdict) -> None:
    drawn = verdict.trials.groupby("cell", sort=False)["train.learning_rate"]
    one, other = (list(values) for _, values in drawn)
    assert one == other and one[0] != one[1]


def test_the_winner_is_a_recipe_that_fit_takes(verdict: Verdict) -> None:
    assert verdict.path
    loaded = load_recipe(written(verdict))
    named = loaded.model_copy(update={"name": verdict.winner.name})
    assert named == portable(verdict.winner)
    best = verdict.finalists[verdict.comparison.taken]["overrides"]
    assert loaded.train.learning_rate == best["train.learning_rate"]


@pytest.mark.slow
def test_finalists_are_runs_that_fit_would_make(verdict: Verdict, folder: Path) -> None:
    """The same recipe and seed give the same weights within a search and without."""
    assert verdict.path
    final = verdict.path / "finals" / f"{verdict.comparison.taken}-seed8"
    again = seqkit.fit(verdict.winner, seed=8, out=folder / "again", progress=False)
    pairs = zip(
        seqkit.load(final).model.get_weights(), again.model.get_weights(), strict=True
    )
    assert all((one == other).all() for one, other in pairs)


def test_a_verdict_is_loaded_as_it_was(verdict: Verdict) -> None:
    assert verdict.path
    loaded = Verdict.load(verdict.path)
    one, other = (json.dumps(each.to_dict()) for each in (loaded, verdict))
    assert one == other
    assert loaded.winner == verdict.winner
    assert str(loaded) == str(verdict)
    pd.testing.assert_frame_equal(loaded.trials, verdict.trials)


@pytest.mark.usefixtures("without_figures")
def test_a_verdict_tells_its_hints(verdict: Verdict) -> None:
    hint = "train.learning_rate was best near the upper end of its range."
    hinting = replace(verdict, facts={**verdict.facts, "hints": [hint]})
    for shown in (str(hinting), hinting._repr_html_(), hinting.page()):
        assert hint in shown
    assert hinting.to_dict()["hints"] == [hint] == list(hinting.hints)


def test_a_verdict_shows_itself_in_a_notebook(verdict: Verdict) -> None:
    shown = verdict._repr_html_()
    assert "<table" in shown and "<img" in shown
    assert "4 trials" in shown


def test_a_finished_search_is_not_searched_again(verdict: Verdict) -> None:
    assert verdict.path
    before = (verdict.path / "verdict.json").stat().st_mtime_ns
    again = tune(resume=verdict.path, progress=False)
    assert again.sentence == verdict.sentence
    assert (verdict.path / "verdict.json").stat().st_mtime_ns == before


@pytest.fixture
def restored(verdict: Verdict) -> Iterator[None]:
    """Bring the first ``verdict.json`` back: one made anew took another time."""
    assert verdict.path
    written = (verdict.path / "verdict.json").read_bytes()
    yield
    (verdict.path / "verdict.json").write_bytes(written)


@pytest.mark.usefixtures("restored", "without_figures")
def test_without_its_verdict_it_is_judged_again_and_nothing_is_trained(
    verdict: Verdict, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verdict.path
    before = outcome(json.loads((verdict.path / "verdict.json").read_text()))
    (verdict.path / "verdict.json").unlink()
    trial = verdict.path / "trials" / "gru-001.json"
    kept = trial.stat().st_mtime_ns
    tune(resume=verdict.path)
    assert "8 trials and finals were there already" in capsys.readouterr().err
    assert outcome(json.loads((verdict.path / "verdict.json").read_text())) == before
    assert trial.stat().st_mtime_ns == kept


@pytest.mark.usefixtures("restored", "without_figures")
def test_a_final_whose_result_was_lost_is_scored_again_and_not_trained(
    verdict: Verdict,
) -> None:
    assert verdict.path
    lost = verdict.path / "trials" / "gru-seed9.json"
    model = verdict.path / "finals" / "gru-seed9" / "model.keras"
    before, trained = json.loads(lost.read_text()), model.stat().st_mtime_ns
    for path in (lost, verdict.path / "verdict.json"):
        path.unlink()
    tune(resume=verdict.path, progress=False)
    after = json.loads(lost.read_text())
    assert {**after, "at": None} == {**before, "at": None}
    assert model.stat().st_mtime_ns == trained


def test_a_changed_space_is_refused_with_the_difference_named(verdict: Verdict) -> None:
    changed = {"tune.budget": {"trials": 5}, "train.epochs": 9}
    with pytest.raises(UsageError) as refused:
        tune(overrides=changed, resume=verdict.path)
    assert "train.epochs was 3, is 9" in str(refused.value)
    assert "tune.budget.trials was 2, is 5" in str(refused.value)


@pytest.mark.slow
def test_rows_that_changed_since_it_began_are_refused(tmp_path: Path) -> None:
    data, out = write_reviews(tmp_path / "reviews.csv"), tmp_path / "out"
    tune(tiny_search(), data=data, out=out, progress=False)
    for lost in (out / "verdict.json", out / "trials" / "gru-seed9.json"):
        lost.unlink()
    (out / "finals" / "gru-seed9").rename(tmp_path / "gru-seed9")
    kept = {path.name for path in (out / "trials").iterdir()}
    reviews(rows=200, seed=1).to_csv(data, index=False)
    with pytest.raises(RunError, match="gru-seed9 was trained on other rows than"):
        tune(resume=out, progress=False)
    assert {path.name for path in (out / "trials").iterdir()} == kept


def test_differences_name_every_key() -> None:
    old = {"a": {"b": 1, "c": [1, 2]}, "d": None}
    assert differences(old, {"a": {"b": 1, "c": [1, 2]}, "d": None}) == []
    assert differences(old, {"a": {"c": [1]}, "d": 2}) == [
        "a.b was 1, is null",
        "a.c was [1, 2], is [1]",
        "d was null, is 2",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tune": {}}, "searches nothing"),
        ({"model.cell": "gru"}, "model.cell is searched, so that its override would"),
        ({"tune.budget": {"epochs": 9}}, "tune.budget.epochs is 9, but the finalists"),
        ({"tune.search": "grid", "tune.budget": {"trials": 3}}, "The grid has"),
        ({"data.validation": 0.0}, "Trials are compared on the validation part"),
        ({"data.test": 0.0}, "Finalists are judged on the test part, and it"),
    ],
)
def test_what_cannot_be_searched_is_refused_and_leaves_nothing(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    data, searched = write_reviews(tmp_path / "reviews.csv"), tiny_search()
    with pytest.raises((UsageError, DataError), match=sentence):
        tune(searched, changes, data=data, out=tmp_path / "out", progress=False)
    assert not (tmp_path / "out").exists()


def test_called_wrongly_it_says_how(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="tune needs a recipe"):
        tune()
    with pytest.raises(UsageError, match="workers must be at least 1, got 0"):
        tune(tiny_search(), workers=0)
    with pytest.raises(UsageError, match="minutes must be more than 0, got 0"):
        tune(tiny_search(), minutes=0)
    with pytest.raises(UsageError, match="either workers or cluster"):
        tune(tiny_search(), workers=2, cluster="tls://h:8786")
    with pytest.raises(RunError, match="There is no search to resume"):
        tune(resume=tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="seqkit tune --resume"):
        tune(tiny_search(), out=tmp_path)


def test_minutes_are_the_budget_of_the_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipes: list[Recipe] = []

    def searched(recipe: Recipe, *_: Any) -> None:
        recipes.append(recipe)

    monkeypatch.setattr(searching, "_searched", searched)
    data = write_reviews(tmp_path / "reviews.csv")
    tune(tiny_search(), data=data, minutes=2.5, out=tmp_path / "out", progress=False)
    assert recipes[0].tune.budget.seconds == 150


def test_a_search_that_is_going_on_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    holding = (
        "import fcntl, pathlib, sys, time\n"
        f"file = open(pathlib.Path({str(out)!r}) / '.lock', 'w')\n"
        "fcntl.flock(file, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    out.mkdir()
    (out / "recipe.yaml").write_text(tiny_search().to_yaml())
    (out / "study.json").write_text('{"name": "sample_sentiment"}')
    with subprocess.Popen(
        [sys.executable, "-c", holding],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout and other.stdin
        other.stdout.readline()
        with pytest.raises(RunError, match="is going on in another process"):
            tune(resume=out, progress=False)
        other.stdin.close()


def test_where_every_trial_fails_the_first_reason_is_told(tmp_path: Path) -> None:
    rates = {"train.learning_rate": {"choice": [1e38, 3e38]}}
    recipe = tiny_search(**rates).with_({"tune.model.cell": None})
    with pytest.raises(TrainingError, match="No trial can be judged. .* not a number"):
        tune(recipe, data=reviews(), out=tmp_path / "out", progress=False)


@pytest.mark.slow
def test_a_dataframe_is_searched_as_its_file_is(
    verdict: Verdict, tmp_path: Path
) -> None:
    own = tune(tiny_search(), data=reviews(), out=tmp_path / "out", progress=False)
    one, other = (outcome(each.to_dict()) for each in (verdict, own))
    for plain in (one, other):
        del plain["data"]
    assert other == one


@pytest.mark.slow
def test_workers_give_the_verdict_of_one_process(
    verdict: Verdict, folder: Path, tmp_path: Path
) -> None:
    for workers, data in ((2, folder / "reviews.csv"), (3, reviews())):
        own = tune(
            tiny_search(),
            data=data,
            out=tmp_path / str(workers),
            workers=workers,
            progress=False,
        )
        one, other = (outcome(each.to_dict()) for each in (verdict, own))
        del one["data"], other["data"]
        assert other == one


@pytest.mark.slow
@pytest.mark.parametrize("search", ["grid", "bayesian", "hyperband"])
def test_every_kind_of_search_ends_in_a_verdict(tmp_path: Path, search: str) -> None:
    settings: dict[str, Any] = {
        "search": search,
        "budget": {"trials": 6},
        "train.learning_rate": {"choice": [0.001, 0.003, 0.01, 0.03]},
    }
    out = tmp_path / "out"
    verdict = tune(tiny_search(**settings), data=reviews(), out=out, progress=False)
    counts = verdict.trials.groupby("cell").size()
    assert counts.nunique() == 1
    assert len(verdict.comparison.competitors) == 2
