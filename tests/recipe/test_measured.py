"""What a recipe says of itself holds for its own data, and goes with other data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from recipe_texts import load
from tiny import TINY, write_reviews
from tiny_runs import Maker, answer

from seqkit.recipe.measured import is_same_source
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.recipe.search_keys import fixed_keys_of_all
from seqkit.recipe.spec import marked_keys
from seqkit.registry import TASKS
from seqkit.runs.card import model_card
from seqkit.runs.report import Report
from seqkit.runs.run import Run

TEXT = """
task: classify_text
description: Our own reviews.
data: {source: "csv:reviews.csv"}
reference: {metric: accuracy, value: 0.9, source: paper}
"""
FORECAST = """
task: forecast
description: Next month.
data: {source: "csv:sales.csv", lookback: 12, horizon: 1, test: 12}
reference: {metric: rmse, value: 3, source: paper}
"""


def words(recipe: Recipe) -> tuple[str, float | None]:
    """What a recipe says of itself."""
    return recipe.description, recipe.reference and recipe.reference.value


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        (TEXT, {"data.source": "csv:tickets.csv"}),
        (TEXT, {"data.source": "frame"}),
        (TEXT, {"data.source": "parquet:reviews.parquet"}),
        (TEXT, {"data.label": "stars"}),
        (TEXT, {"data.test": 0.3}),
        (TEXT, {"data.split_seed": 1}),
        (TEXT, {"data": {"source": "csv:reviews.csv", "text": "body"}}),
        (FORECAST, {"data.horizon": 2}),
        (FORECAST, {"data.test": 24}),
        (FORECAST, {"data.test_stride": 3}),
        (FORECAST, {"data.values": ["price"]}),
    ],
)
def test_words_stay_behind_where_something_else_is_measured(
    text: str, changes: dict[str, Any]
) -> None:
    assert words(load(text, changes)) == ("", None)
    assert words(load(text).with_(changes)) == ("", None)


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        (TEXT, {"data.source": "csv:reviews.csv"}),
        (TEXT, {"data.source": "csv:/elsewhere/reviews.csv.gz"}),
        (TEXT, {"data.test": 0.1, "data.text": "text"}),
        (TEXT, {"data.level": "character", "data.max_timesteps": 50}),
        (TEXT, {"data.data_dir": "/elsewhere", "train.seed": 3, "model.cell": "gru"}),
        (TEXT, {"data": {"source": "csv:reviews.csv"}}),
        (FORECAST, {"data.lookback": 24, "data.stride": 2, "data.scale": "none"}),
    ],
)
def test_words_stay_where_the_same_is_measured_otherwise(
    text: str, changes: dict[str, Any]
) -> None:
    own = words(load(text))
    assert own[1] is not None
    assert words(load(text, changes)) == words(load(text).with_(changes)) == own


def test_words_that_are_given_with_other_data_are_theirs() -> None:
    other = {"data.source": "csv:tickets.csv"}
    assert words(load(TEXT, other | {"description": "Tickets."})) == ("Tickets.", None)
    assert words(load(TEXT, other | {"reference.value": 0.7})) == ("", 0.7)


def test_a_recipe_inherits_the_words_of_its_own_data_alone(folder: Path) -> None:
    (folder / "base.yaml").write_text(TEXT, "utf-8")

    def child(text: str) -> tuple[str, float | None]:
        (folder / "child.yaml").write_text(f"extends: base.yaml\n{text}", "utf-8")
        return words(load_recipe(folder / "child.yaml"))

    assert child("data: {level: character}") == ("Our own reviews.", 0.9)
    assert child("data: {source: 'csv:tickets.csv'}") == ("", None)
    told = "description: Tickets.\nreference: {metric: f1, value: 1, source: us}"
    assert child(f"data: {{label: x}}\n{told}") == ("Tickets.", 1)


def test_a_file_that_is_there_is_known_by_itself_and_not_by_its_name(
    folder: Path,
) -> None:
    (folder / "other").mkdir()
    for file in ("x.csv", "other/x.csv"):
        (folder / file).write_text("a,b", "utf-8")
    assert is_same_source("csv:x.csv", f"csv:{folder / 'x.csv'}")
    assert not is_same_source("csv:x.csv", "csv:other/x.csv")
    assert not is_same_source("csv:x.csv", "csv:gone/x.csv")


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ("tfds:glue/plain_text", "tfds:imdb_reviews/plain_text"),
        ("csv:a.csv", "csv:a.csvx"),
        ("csv:a.csv", "jsonl:a.csv"),
        ("csv:", "csv:a.csv"),
        ("csv:\0.csv", "csv:a.csv"),
        ("csv:a.csv", 3),
    ],
)
def test_other_sources_are_not_the_same(own: Any, other: Any) -> None:
    assert not is_same_source(own, other)


def test_airline_script_shows_no_error_of_a_month_beside_two_years() -> None:
    years = {"data.horizon": 24, "data.test": 24, "data.validation": 24}
    assert load_recipe("airline_forecast").reference
    assert words(load_recipe("airline_forecast", years)) == ("", None)


@pytest.mark.parametrize("task", list(TASKS))
def test_keys_that_decide_what_is_measured_are_never_searched(task: str) -> None:
    keys = {f"data.{key}" for key in marked_keys(TASKS.get(task).Data, "measured")}
    assert {"data.source", "data.test"} <= keys <= fixed_keys_of_all()


def test_a_figure_stands_beside_the_rows_that_it_was_published_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "outputs", answer)
    for drawn in (Run, Report):
        monkeypatch.setattr(drawn, "pictures", lambda self: {})
    own = write_reviews(folder / "a.csv", 100)
    other = write_reviews(folder / "b.csv", 100, seed=5)
    published = {"metric": "accuracy", "value": 0.9, "source": "paper"}
    run = Maker(folder, "sample_sentiment", TINY)(
        "run", {"reference": published}, 0.8, own
    )
    held_out = run.evaluate()
    assert held_out.reference and held_out.reference["value"] == 0.9
    assert "Published: accuracy 0.9, paper." in str(held_out)
    elsewhere = run.evaluate(other)
    assert elsewhere.reference is None

    run.facts |= {"rows": {"train": 80, "validation": 10}, "started": "today"}
    run.facts |= {"kept_epoch": 1, "versions": {}}
    noted = replace(elsewhere, notes=("Training stopped early.",))
    card = model_card(run, noted.to_dict())
    assert card.startswith(f"# sample_sentiment\n\n{run.task.summary}\n")
    assert "\n\nNote: Training stopped early.\n\n" in card
    assert "Published" not in card
    beside = "Published beside it: accuracy 0.9 (paper)."
    assert beside in model_card(run, held_out.to_dict())
