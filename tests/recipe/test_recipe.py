"""Recipes: what is accepted, every mistake with its place, overrides, round trips."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from recipe_texts import load, mistakes

from seqkit.errors import Mistake, RecipeError, UnknownNameError, UsageError
from seqkit.recipe.recipe import load_recipe
from seqkit.recipe.search import TuneSpec
from seqkit.recipe.spec import TrainSpec
from seqkit.registry import SOURCES, TASKS

HEAD = "task: classify_text\ndata: {source: sample:reviews}\n"


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_smallest_recipe_takes_every_default() -> None:
    recipe = load(HEAD)
    assert recipe.name == "r"
    assert recipe.model.model_dump() == type(recipe.model)().model_dump()
    assert (recipe.reference, recipe.description) == (None, "")
    assert recipe.tune == TuneSpec()


@pytest.mark.parametrize(
    ("line", "path", "value"),
    [
        ("train: {learning_rate: 1e-3}", "train.learning_rate", 0.001),
        ("train: {learning_rate: 1}", "train.learning_rate", 1.0),
        ("train: {clip_norm: 5}", "train.clip_norm", 5.0),
        ("train: {patience: null}", "train.patience", None),
        ("train: {patience: ~}", "train.patience", None),
        ("model: {units: [64, 32]}", "model.units", (64, 32)),
        ("model: {bidirectional: none}", "model.bidirectional", "none"),
        ("model: {layer_norm: True}", "model.layer_norm", True),
        ("description: no", "description", "no"),
        ("description: 12:30", "description", "12:30"),
        ("description: 2024-01-31", "description", "2024-01-31"),
    ],
)
def test_value_arrives_with_its_type(line: str, path: str, value: Any) -> None:
    found: Any = load(HEAD + line)
    for part in path.split("."):
        found = getattr(found, part)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        (
            "train: {epochs: 1_000}",
            "train.epochs must be a whole number, got '1_000': wri",
        ),
        ("train: {epochs: 0x10}", "train.epochs must be a whole number, got '0x10'."),
        (
            "train: {epochs: 010}",
            "train.epochs must be a whole number, got '010': write 10",
        ),
        ("train: {epochs: 12:30}", "train.epochs must be a whole number, got '12:30'."),
        (
            "train: {epochs: 2.0}",
            "train.epochs must be a whole number, got 2.0: write 2.",
        ),
        (
            "train: {epochs: '2'}",
            "train.epochs must be a whole number, got '2': write 2.",
        ),
        ("train: {epochs: true}", "train.epochs must be a whole number, got true."),
        ("train: {epochs: }", "train.epochs must be a whole number, got null."),
        ("train: {epochs: 0}", "train.epochs must be greater than 0, got 0."),
        (
            "train: {epochs: 3000000000}",
            "train.epochs must be less than 2147483648, got",
        ),
        ("train: {epochs: [3]}", "train.epochs must be a whole number, got [3]."),
        (
            "train: {learning_rate: .nan}",
            "train.learning_rate must be a finite number, go",
        ),
        (
            "train: {learning_rate: .inf}",
            "train.learning_rate must be a finite number, go",
        ),
        (
            "train: {learning_rate: 0}",
            "train.learning_rate must be greater than 0, got 0.",
        ),
        (
            "train: {learning_rate: true}",
            "train.learning_rate must be a number, got true.",
        ),
        (
            "train: {learning_rate: nan}",
            "train.learning_rate must be a number, got 'nan'.",
        ),
        (
            "train: {clip_norm: abc}",
            "train.clip_norm must be a number or null, got 'abc'.",
        ),
        ("train: {warmup: 1}", "train.warmup must be less than 1, got 1."),
        ("train: {seed: -1}", "train.seed must be at least 0, got -1."),
        (
            "train: {clip_norm: 1, clip_value: 2}",
            "train sets both clip_norm (1.0) and clip_value (2.0). Set one of them to",
        ),
        ("train: 5", "train must hold keys and values, got 5."),
        ("train:", "train must hold keys and values, got null."),
        ("train: [epochs]", "train must hold keys and values, got ['epochs']."),
        ("model: {units: 64}", "model.units must be a list, got 64: write [64]."),
        ("model: {units: '64'}", "model.units must be a list, got '64': write [64]."),
        ("model: {units: []}", "model.units must hold at least 1 value(s), got []."),
        ("model: {units: [0]}", "model.units[0] must be greater than 0, got 0."),
        (
            "model: {units: [64, yes]}",
            "model.units[1] must be a whole number, got 'yes'.",
        ),
        (
            "model: {residual: no}",
            "model.residual must be true or false, got 'no': write f",
        ),
        (
            "model: {residual: On}",
            "model.residual must be true or false, got 'On': write t",
        ),
        ("model: {residual: 1}", "model.residual must be true or false, got 1."),
        (
            "model: {cell: lsmt}",
            "model.cell must be one of simple_rnn, lstm, gru, tcn, got 'lsmt'. "
            "Did you mean 'lstm'?",
        ),
        (
            "model: {cell: GRU}",
            "model.cell must be one of simple_rnn, lstm, gru, tcn, got 'GRU'. "
            "Did you mean 'gru'?",
        ),
        ("model: {cell: 3}", "model.cell must be text, got 3: write '3'."),
        (
            "model: {bidirectional: cocnat}",
            "model.bidirectional must be one of none, concat, sum, mean, multiply, got "
            "'cocnat'. Did you mean 'concat'?",
        ),
        (
            "model: {bidirectional: no}",
            "model.bidirectional must be one of none, concat, ",
        ),
        ("model: {lr: 3}", "model.lr is not a known key. Allowed: cell, units, "),
        ("model: {x-y: 3}", "model.x-y is not a known key. Allowed: cell, units, "),
        ("model: {'': 3}", "model.'' is not a known key. Allowed: cell, units, "),
        ("model: {int: 3}", "model.int is not a known key. Allowed: cell, units, "),
        (
            "cell: lstm",
            "cell is not a known key. Allowed: extends, task, description, dat",
        ),
        ("description: 3", "description must be text, got 3."),
        ("description: [a]", "description must be text, got ['a']."),
        ("reference: {metric: a, value: 1}", "reference.source is missing."),
        ("reference: 0.9", "reference must hold keys and values, got 0.9."),
        (
            "tune: [model.cell]",
            "tune must hold settings and searches, got ['model.cell'].",
        ),
        (
            "name: mine",
            "name is not a known key. Allowed: extends, task, description, dat",
        ),
    ],
)
def test_mistake_is_told_in_one_sentence(line: str, mistake: str) -> None:
    (told,) = mistakes(HEAD + line)
    assert told.startswith(f"r.yaml:3: {mistake}")


def test_unknown_key_says_where_it_belongs_or_what_is_nearest() -> None:
    told = mistakes(HEAD + "model:\n  epochs: 3\n  unit: [3]\npooling: mean\n")
    assert [line.rpartition(". ")[2] for line in told] == [
        "It belongs in 'train'.",
        "Did you mean 'units'?",
        "It belongs in 'model'.",
    ]


@pytest.mark.parametrize(
    ("data", "mistake"),
    [
        (
            "source: imdb",
            "data.source must be tfds:NAME, csv:PATH, tsv:PATH, parquet:PATH, "
            "jsonl:PATH, ts:PATH, conll:PATH, parallel:PATH,PATH or sample:NAME, "
            "got 'imdb'.",
        ),
        (
            "source: 'tdfs:imdb'",
            f"data.source must begin with one of {', '.join(SOURCES)}, got "
            "'tdfs:imdb'. Did you mean 'tfds'?",
        ),
        ("source: 'csv:'", "data.source must be tfds:NAME, csv:PATH, "),
        ("source: frame, class_names: [a, no, 1]", "data.class_names[2] must be te"),
        ("source: frame, class_names: [a, '']", "data.class_names[1] must not be e"),
        ("source: frame, class_names: a", "data.class_names must be a list or nul"),
        ("source: frame, vocab_size: 9999999999", "data.vocab_size must be less t"),
        ("source: frame, split_seed: 9999999999", "data.split_seed must be less t"),
    ],
)
def test_mistake_in_the_data_is_told_in_one_sentence(data: str, mistake: str) -> None:
    (told,) = mistakes(f"task: classify_text\ndata: {{{data}}}\n")
    assert told.startswith(f"r.yaml:2: {mistake}")


def test_missing_key_says_what_it_takes() -> None:
    assert mistakes("task: classify_text\ndata:\n  text: review\n") == [
        "r.yaml:2: data.source is missing: tfds:NAME, csv:PATH, tsv:PATH, "
        "parquet:PATH, jsonl:PATH, ts:PATH, conll:PATH, parallel:PATH,PATH or "
        "sample:NAME."
    ]
    assert mistakes("task: classify_text")[0].startswith(
        "r.yaml:1: data.source is miss"
    )


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            "train: {}",
            "r.yaml:1: task is missing. Every recipe names one of: classify_text",
        ),
        (
            "\ntask: clasify_text",
            f"r.yaml:2: task must be one of {', '.join(TASKS)}, got 'clasify_text'. "
            "Did you mean 'classify_text'?",
        ),
        (
            "task: [a]",
            f"r.yaml:1: task must be one of {', '.join(TASKS)}, got ['a'].",
        ),
        (
            "task:",
            f"r.yaml:1: task must be one of {', '.join(TASKS)}, got null.",
        ),
    ],
)
def test_recipe_without_a_known_task_is_refused(text: str, mistake: str) -> None:
    (told,) = mistakes(text)
    assert told.startswith(mistake)


def test_all_mistakes_come_at_once_in_the_order_of_the_file() -> None:
    told = mistakes(
        """\
task: classify_text
data:
  source: sample:reviews
  lable: stars
  validation: 2
  validation: 0.1
model:
  cell: lsmt
  units: 64
train: {epochs: no, learning_rate: 1e-3}
tune:
  model.cell: {choice: [gru, grru]}
  modle.cell: {choice: [gru]}
  budget: {trials: 8, epoch: 3}
  serch: grid
  seeds: [1, 1]
reference: {metric: accuracy, value: high, source: paper}
colour: red
""",
        {"train.batch_size": "many", "trian.epochs": 3},
    )
    assert [" ".join(line.split()[:2]) for line in told] == [
        "r.yaml:4: data.lable",
        "r.yaml:5: data.validation",
        "r.yaml:6: data.validation",
        "r.yaml:8: model.cell",
        "r.yaml:9: model.units",
        "r.yaml:10: train.epochs",
        "r.yaml:12: tune.model.cell",
        "r.yaml:13: tune.modle.cell",
        "r.yaml:14: tune.budget.epoch",
        "r.yaml:15: tune.serch",
        "r.yaml:16: tune.seeds",
        "r.yaml:17: reference.value",
        "r.yaml:18: colour",
        "override: 'trian.epochs'",
        "override: train.batch_size",
    ]


def test_unknown_task_does_not_hide_the_mistakes_of_shared_sections() -> None:
    told = mistakes(
        "task: x\ndata: {a: 1}\ntrain: {epochs: 0}\ntune: {train.x: 3, seeds: x}\n"
    )
    assert [line.split()[1] for line in told] == [
        "task",
        "train.epochs",
        "tune.seeds",
        "tune.train.x",
    ]


def test_recipe_error_keeps_its_mistakes_when_pickled() -> None:
    error = RecipeError(
        [Mistake("r.yaml:1", "task", "is  missing."), Mistake("b", "", "c")]
    )
    again = pickle.loads(pickle.dumps(error))
    assert again.mistakes == error.mistakes
    assert str(again) == "r.yaml:1: task is  missing.\nb: c"
    assert again.exit_status == 2


def test_recipe_shows_itself_escaped_in_a_notebook() -> None:
    shown = load(HEAD + "description: <script>alert(1)</script>\n")._repr_html_()
    assert "<b>Recipe r</b>" in shown and "&lt;script&gt;" in shown
    assert "<script>" not in shown


@pytest.mark.parametrize("recipe", [None, 3, "", "  ", ["a"], b"a"])
def test_what_is_no_recipe_is_refused(recipe: Any) -> None:
    with pytest.raises(UsageError, match="A recipe is given by its name or its path"):
        load_recipe(recipe)


def test_loaded_recipe_passes_through() -> None:
    recipe = load(HEAD)
    assert load_recipe(recipe) is recipe
    assert load_recipe(recipe, {"train.epochs": 3}).train.epochs == 3
    assert recipe.train.epochs == 10


def test_unknown_name_error_keeps_what_is_known() -> None:
    with pytest.raises(UnknownNameError) as refusal:
        load_recipe("bilstm_sentimnt")
    assert "bilstm_sentiment" in refusal.value.known
    assert str(refusal.value).endswith("Did you mean 'bilstm_sentiment'?")


def test_a_task_may_find_its_weights_in_its_own_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class ClosedForm(TrainSpec):
        penalty: float = 0.1

    monkeypatch.setattr(TASKS.get("classify_text"), "Train", ClosedForm)
    own = load_recipe("sample_sentiment", {"train.penalty": 0.5})
    assert isinstance(own.train, ClosedForm) and own.train.penalty == 0.5
    with pytest.raises(RecipeError, match="penalty"):
        load_recipe("airline_forecast", {"train.penalty": 0.5})
