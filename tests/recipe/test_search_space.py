"""The ``tune`` section: keys that may be searched, among values that they take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from recipe_texts import load_tune as load

from seqkit.errors import RecipeError
from seqkit.recipe.recipe import load_recipe
from seqkit.recipe.search import Budget
from seqkit.recipe.search_keys import fixed_keys, fixed_keys_of_all, searched_keys
from seqkit.recipe.search_space import SETTINGS
from seqkit.recipe.spec import TrainSpec, marked_keys
from seqkit.registry import TASKS


@pytest.mark.parametrize(
    ("tune", "plain"),
    [
        ("model.cell: {choice: [lstm, gru]}", {"choice": ["lstm", "gru"]}),
        ("model.units: {choice: [[32], [64, 64]]}", {"choice": [[32], [64, 64]]}),
        ("model.layer_norm: {choice: [true, false]}", {"choice": [True, False]}),
        ("train.clip_value: {choice: [null]}", {"choice": [None]}),
        ("train.learning_rate: {log: [1e-4, 1]}", {"log": [0.0001, 1.0]}),
        ("model.dropout: {linear: [0, 0.5]}", {"linear": [0.0, 0.5]}),
        ("train.batch_size: {int: [16, 64]}", {"int": [16, 64]}),
        ("data.max_timesteps: {int: [16, 64]}", {"int": [16, 64]}),
    ],
)
def test_search_is_kept_as_it_was_written(
    tmp_path: Path, tune: str, plain: dict[str, Any]
) -> None:
    key = tune.partition(":")[0]
    recipe = load(tmp_path, tune)
    assert set(recipe.tune.space) == {key}
    assert recipe.to_dict()["tune"][key] == plain


@pytest.mark.parametrize(
    ("tune", "mistake"),
    [
        (
            "cell: {choice: [gru]}",
            "tune.cell is neither a setting (search, budget, seeds, match, compare, "
            "stop, margin) nor a dotted key of this recipe. Did you mean 'model.cell'?",
        ),
        (
            "model.sell: {choice: [gru]}",
            "tune.model.sell is not a key of this recipe. Did",
        ),
        ("model: {choice: [gru]}", "tune.model is neither a setting (search, budget, "),
        (
            "reference.value: {choice: [1]}",
            "tune.reference.value is not a key of this re",
        ),
        (
            "train.seed: {int: [0, 9]}",
            "tune.train.seed decides what is measured, so it can",
        ),
        ("data.test: {linear: [0, 0.2]}", "tune.data.test decides what is measured"),
        (
            "model.cell: gru",
            "tune.model.cell must be one of {choice: [...]}, {log: [low,",
        ),
        ("model.cell: [gru]", "tune.model.cell must be one of {choice: [...]}"),
        ("model.cell: {}", "tune.model.cell must be one of {choice: [...]}"),
        ("model.cell: {pick: [gru]}", "tune.model.cell must be one of {choice: [...]}"),
        (
            "train.learning_rate: {log: [1, 2], linear: [1, 2]}",
            "tune.train.learning_rate must be one of {choice: [...]}",
        ),
        (
            "model.cell: {choice: gru}",
            "tune.model.cell.choice must be a list, got 'gru': ",
        ),
        (
            "model.cell: {choice: []}",
            "tune.model.cell.choice must hold at least 1 value",
        ),
        (
            f"train.epochs: {{choice: {list(range(1, 1002))}}}",
            "tune.train.epochs.choice must hold at most 1000 values, got [1, 2, 3, ",
        ),
        ("model.cell: {choice: [gru, gru]}", "tune.model.cell lists 'gru' twice."),
        ("model.units: {choice: [[1], [1]]}", "tune.model.units lists [1] twice."),
        (
            "model.cell: {choice: [gru, grru]}",
            "tune.model.cell holds a value that must be one of simple_rnn, lstm, gru, "
            "tcn, got 'grru'. Did you mean 'gru'?",
        ),
        (
            "model.units: {choice: [64, [64]]}",
            "tune.model.units holds a value that must be a list, got 64: write [64].",
        ),
        (
            "model.units: {choice: [[0]]}",
            "tune.model.units holds a value that must be greater than 0, got 0.",
        ),
        (
            "train.clip_value: {choice: [null, 1]}",
            "tune.train.clip_value holds a value that sets both clip_norm (1.0) and "
            "clip_value (1.0).",
        ),
        (
            "model.dropout: {linear: [0.5, 1]}",
            "tune.model.dropout holds a value that must be less than 1, got 1.0.",
        ),
        (
            "train.learning_rate: {log: [0, 1]}",
            "tune.train.learning_rate.log[0] must be g",
        ),
        (
            "train.learning_rate: {log: [1]}",
            "tune.train.learning_rate.log holds too few va",
        ),
        (
            "train.learning_rate: {log: [1, 2, 3]}",
            "tune.train.learning_rate.log must hold",
        ),
        (
            "train.learning_rate: {log: 1}",
            "tune.train.learning_rate.log must be a list, g",
        ),
        (
            "train.learning_rate: {log: [1, 1]}",
            "tune.train.learning_rate must go from low",
        ),
        (
            "train.learning_rate: {log: [1, .inf]}",
            "tune.train.learning_rate.log[1] must be",
        ),
        (
            "train.epochs: {int: [9, 3]}",
            "tune.train.epochs must go from low to high, got [",
        ),
        (
            "train.epochs: {int: [1.5, 3]}",
            "tune.train.epochs.int[0] must be a whole numbe",
        ),
        (
            "train.epochs: {int: [0, 3]}",
            "tune.train.epochs holds a value that must be gre",
        ),
        (
            "train.epochs: {log: [1, 9]}",
            "tune.train.epochs takes whole numbers: search t",
        ),
        (
            "train.epochs: {linear: [1, 9]}",
            "tune.train.epochs takes whole numbers: search",
        ),
    ],
)
def test_search_that_cannot_work_is_refused(
    tmp_path: Path, tune: str, mistake: str
) -> None:
    with pytest.raises(RecipeError) as refusal:
        load(tmp_path, tune)
    (told,) = str(refusal.value).splitlines()
    assert told.startswith(f"{tmp_path}/r.yaml:5: {mistake}")


@pytest.mark.parametrize("key", ["static", "past", "future"])
@pytest.mark.parametrize("layout", ["wide", "rows", "long"])
def test_covariates_are_searched_where_they_leave_alone_what_is_forecast(
    tmp_path: Path, key: str, layout: str
) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(
        f"task: forecast\ndata: {{source: frame, layout: {layout}, lookback: 2, "
        f"horizon: 1}}\ntune:\n  data.{key}: {{choice: [[]]}}\n",
        encoding="utf-8",
    )
    named = {"data.values": ["y"]}
    if layout == "rows":
        named |= {"data.timestamp": None}
    assert load_recipe(path, named).tune.space
    if layout == "long":
        assert load_recipe(path).tune.space
        return
    with pytest.raises(RecipeError) as refusal:
        load_recipe(path, named | {"data.values": None})
    assert str(refusal.value) == (
        f"{path}:4: tune.data.{key} changes which columns are forecast, as data.values "
        "is null. Name these in data.values."
    )


def test_page_names_every_setting_and_every_key_that_is_not_searched(
    root: Path,
) -> None:
    page = (root / "docs" / "tune.md").read_text("utf-8")
    keys = {key.partition(".")[2] for key in fixed_keys_of_all()}
    inside = {f"budget.{key}" for key in Budget.model_fields}
    for key in keys | inside | (set(SETTINGS) - {"budget"}):
        assert f"`{key}`" in page, key


FIXED_IN_TRAINING = {
    f"train.{key}" for key in ("seed", "members", "folds", "refit", "mend", "minutes")
}
FIXED_IN_TEXTS = """
    source data_dir encoding text label class_names missing validation test split_seed
"""
FIXED_IN_TAGS = """
    source data_dir encoding tokens tags tag_names scheme groups missing level
    validation test split_seed
"""
FIXED_IN_SERIES = """
    source data_dir encoding layout id values missing validation test split_seed
"""
FIXED_IN_FORECASTS = """
    source data_dir encoding layout timestamp id values frequency timezone until gaps
    duplicates unsorted short constant seasons horizon validation test test_stride
"""


@pytest.mark.parametrize(
    ("task", "of_data", "of_model"),
    [
        ("classify_text", FIXED_IN_TEXTS, ["model.pretrained_vectors"]),
        ("tag_text", FIXED_IN_TAGS, ["model.pretrained_vectors"]),
        ("classify_series", f"{FIXED_IN_SERIES} label class_names", []),
        ("regress_series", f"{FIXED_IN_SERIES} target", []),
        (
            "classify_steps",
            f"{FIXED_IN_SERIES} labels label label_columns class_names",
            [],
        ),
        ("regress_steps", f"{FIXED_IN_SERIES} targets", []),
        ("forecast", FIXED_IN_FORECASTS, ["model.quantiles"]),
    ],
)
def test_keys_that_are_never_searched_are_these(
    task: str, of_data: str, of_model: list[str]
) -> None:
    kind = TASKS.get(task)
    types = {"data": kind.Data, "model": kind.Model, "train": TrainSpec}
    keys = {f"data.{key}" for key in of_data.split()} | {*FIXED_IN_TRAINING, *of_model}
    assert fixed_keys(types) == keys
    every = {f"{name}.{key}" for name, t in types.items() for key in t.model_fields}
    assert set(searched_keys(types)) == every - keys


@pytest.mark.parametrize(
    ("task", "parted", "asked"),
    [
        ("classify_text", ["test", "split_seed"], []),
        ("tag_text", ["test", "split_seed"], []),
        ("classify_series", ["test", "split_seed"], []),
        ("regress_series", ["test", "split_seed"], []),
        ("classify_steps", ["test", "split_seed"], []),
        ("regress_steps", ["test", "split_seed"], []),
        ("forecast", ["horizon", "test", "test_stride"], ["horizon"]),
    ],
)
def test_keys_that_part_the_rows_are_these(
    task: str, parted: list[str], asked: list[str]
) -> None:
    data = TASKS.get(task).Data
    assert marked_keys(data, "parted") == parted
    assert marked_keys(data, "asked") == asked
    assert set(parted) <= set(marked_keys(data, "measured"))


def test_key_of_another_task_that_is_never_searched_is_told_as_such(
    tmp_path: Path,
) -> None:
    with pytest.raises(RecipeError, match="data.horizon decides what is measured"):
        load(tmp_path, "data.horizon: {choice: [1, 2]}")


def test_values_of_equal_number_and_other_type_are_distinct(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as refusal:
        load(tmp_path, "model.residual: {choice: [1, true]}")
    assert "twice" not in str(refusal.value)


def test_value_may_need_what_another_search_gives(tmp_path: Path) -> None:
    clip_value = "train.clip_value: {choice: [null, 1]}"
    both = f"{clip_value}\n  train.clip_norm: {{choice: [null, 1]}}"
    assert set(load(tmp_path, both).tune.space) == {
        "train.clip_value",
        "train.clip_norm",
    }
    with pytest.raises(RecipeError, match="sets both clip_norm"):
        load(tmp_path, clip_value)


def test_each_wrong_value_is_told_with_its_own_line(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as refusal:
        load(tmp_path, "model.cell:\n    choice:\n      - gru\n      - a\n      - b\n")
    assert [m.where.rpartition(":")[2] for m in refusal.value.mistakes] == ["8", "9"]
