"""The settings of the ``tune`` section: what they take, and what goes together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recipe_texts import TUNE_HEAD as HEAD
from recipe_texts import load_tune as load

from seqkit.errors import RecipeError
from seqkit.recipe.recipe import load_recipe
from seqkit.recipe.yaml import read_value


@pytest.mark.parametrize(
    ("tune", "mistake"),
    [
        (
            "trials: 3",
            "tune.trials is neither a setting (search, budget, seeds, match,",
        ),
        ("serch: grid", "tune.serch is neither a setting (search, budget, seeds, matc"),
        ("space: {}", "tune.space is neither a setting (search, budget, seeds, match,"),
        (
            "search: gird",
            "tune.search must be one of random, hyperband, bayesian, grid, got 'gird'. "
            "Did you mean 'grid'?",
        ),
        ("match: units", "tune.match must be one of none, parameters, got 'units'."),
        ("stop: never", "tune.stop must be one of median, none, got 'never'."),
        (
            "budget: 8",
            "tune.budget must hold keys and values, got 8: write {trials: 8}.",
        ),
        ("budget: [8]", "tune.budget must hold keys and values, got [8]."),
        ("budget: null", "tune.budget must hold keys and values, got null."),
        (
            "budget: {trails: 8}",
            "tune.budget.trails is not a known key. Allowed: trials, epochs, seconds. "
            "Did you mean 'trials'?",
        ),
        ("budget: {trials: 0}", "tune.budget.trials must be greater than 0, got 0."),
        (
            "budget: {trials: many}",
            "tune.budget.trials must be a whole number or null, got 'many'.",
        ),
        ("budget: {epochs: 1.5}", "tune.budget.epochs must be a whole number or null"),
        ("budget: {seconds: 0}", "tune.budget.seconds must be greater than 0, got 0"),
        ("budget: {seconds: .inf}", "tune.budget.seconds must be a"),
        (
            "budget.trials: 8",
            "tune.budget.trials is a setting: write budget: {trials: ...}.",
        ),
        (
            "seeds: 1",
            "tune.seeds must be at least 2, got 1: a single run of each competitor "
            "does not tell a difference from luck.",
        ),
        ("seeds: [7]", "tune.seeds must be at least 2, got [7]: a single run of each"),
        ("seeds: []", "tune.seeds must be at least 2, got []: a single run of each c"),
        ("seeds: -1", "tune.seeds must be at least 2, got -1: a single run of each c"),
        (
            "seeds: 2024",
            "tune.seeds must be at most 100, got 2024. To name seeds, list them.",
        ),
        (
            "seeds: [3, 1, 3]",
            "tune.seeds lists 3 twice: its two runs would be the same.",
        ),
        (
            "seeds: [3, -1]",
            "tune.seeds must list whole numbers from 0 to 2147483647, got -1.",
        ),
        ("seeds: [1, true]", "tune.seeds must list whole numbers from 0 to 214748364"),
        (
            "seeds: five",
            "tune.seeds must be a number of seeds or a list of seeds, got 'five'.",
        ),
        ("seeds: true", "tune.seeds must be a number of seeds or a list of seeds, go"),
        ("seeds: null", "tune.seeds must be a number of seeds or a list of seeds, go"),
        ("margin: 0", "tune.margin must be greater than 0, got 0."),
        ("margin: -0.1", "tune.margin must be greater than 0, got -0.1."),
        ("margin: .nan", "tune.margin must be a"),
        ("margin: 1%", "tune.margin must be a number or null, got '1%'."),
        ("compare: 3", "tune.compare must be text, got 3: write '3'."),
        (
            "compare: model.sell",
            "tune.compare names 'model.sell', which is not a key of this recipe. Did "
            "you mean 'model.cell'?",
        ),
        (
            "compare: train.seed",
            "tune.compare names 'train.seed', which decides what is measured, so it "
            "cannot be searched.",
        ),
    ],
)
def test_setting_that_cannot_work_is_refused(
    tmp_path: Path, tune: str, mistake: str
) -> None:
    with pytest.raises(RecipeError) as refusal:
        load(tmp_path, tune)
    (told,) = str(refusal.value).splitlines()
    assert told.startswith(f"{tmp_path}/r.yaml:5: {mistake}")


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("cell", "Did you mean 'model.cell'?"),
        ("learning_rate", "Did you mean 'train.learning_rate'?"),
        ("sedes", "Did you mean 'seeds'?"),
        ("trials", "It belongs in tune.budget."),
        ("epochs", "It belongs in tune.budget."),
    ],
)
def test_key_without_a_dot_hears_what_it_may_have_meant(
    tmp_path: Path, key: str, meant: str
) -> None:
    with pytest.raises(RecipeError) as refusal:
        load(tmp_path, f"{key}: 3")
    assert str(refusal.value).endswith(meant)


CELLS = "model.cell: {choice: [lstm, gru]}"
RATES = "train.learning_rate: {log: [0.1, 0.2]}"
EPOCHS = "train.epochs: {int: [1, 9]}"


@pytest.mark.parametrize(
    ("tune", "line", "mistake"),
    [
        (
            [RATES, "compare: train.learning_rate"],
            6,
            "tune.compare names train.learning_rate, which is searched by log, so that "
            "its values cannot compete. Search it by a choice, or compare another key.",
        ),
        (
            ["match: parameters", RATES],
            5,
            "tune.match is parameters, but model.cell (compare) is not searched among "
            "two values or more, so that nothing is to be matched. Set match to none.",
        ),
        (
            ["match: parameters", "model.cell: {choice: [gru]}"],
            5,
            "tune.match is parameters, but model.cell (compare) is not searched",
        ),
        (
            [
                "model.units: {choice: [[1], [2]]}",
                "compare: model.units",
                "match: parameters",
            ],
            7,
            "tune.match is parameters, which scales model.units, but these compete. "
            "Set match to none.",
        ),
        (
            [CELLS, "budget:", "  epochs: 3", EPOCHS],
            7,
            "tune.budget.epochs must be null where train.epochs is searched, got 3. "
            "Take one of them away.",
        ),
        (
            [EPOCHS, "search: hyperband"],
            6,
            "tune.search is hyperband, which gives each trial its epochs, so that "
            "train.epochs cannot be searched. Take one of them away.",
        ),
    ],
)
def test_settings_and_searches_that_do_not_go_together_are_refused(
    tmp_path: Path, tune: list[str], line: int, mistake: str
) -> None:
    with pytest.raises(RecipeError) as refusal:
        load(tmp_path, "\n  ".join(tune))
    (told,) = str(refusal.value).splitlines()
    assert told.startswith(f"{tmp_path}/r.yaml:{line}: {mistake}")


@pytest.mark.parametrize(
    "tune",
    [
        [CELLS, "match: parameters", "model.units: {choice: [[1], [2]]}"],
        [CELLS, "compare: model.units", RATES],
        [RATES, "search: grid"],
        [EPOCHS, "search: random", "budget: {epochs: null}"],
        ["search: hyperband", "budget: {epochs: 9}", CELLS],
        ["seeds: [2147483647, 0]", "compare: train.optimizer"],
    ],
)
def test_settings_and_searches_that_go_together_are_taken(
    tmp_path: Path, tune: list[str]
) -> None:
    plain = load(tmp_path, "\n  ".join(tune)).to_dict()["tune"]
    for key, value in read_value(f"{{{', '.join(tune)}}}", "tune").items():
        inside = plain[key].items() if key == "budget" else []
        assert plain[key] == value or set(value.items()) <= set(inside)


ANY_SETTINGS = {
    "search": st.sampled_from(["random", "hyperband", "bayesian", "grid"]),
    "budget": st.fixed_dictionaries(
        {},
        optional={
            "trials": st.none() | st.integers(1, 2**31 - 1),
            "epochs": st.none() | st.integers(1, 2**31 - 1),
            "seconds": st.none() | st.floats(0, 1e300, exclude_min=True),
        },
    ),
    "seeds": st.integers(2, 100)
    | st.lists(st.integers(0, 2**31 - 1), min_size=2, max_size=5, unique=True),
    "match": st.sampled_from(["none", "parameters"]),
    "stop": st.sampled_from(["median", "none"]),
    "margin": st.none() | st.floats(0, 1e300, exclude_min=True),
    "train.learning_rate": st.none() | st.just({"log": [1e-4, 0.1]}),
}


@settings(max_examples=15)
@given(st.fixed_dictionaries({}, optional=ANY_SETTINGS))
def test_any_settings_survive_the_resolved_form(
    tmp_path_factory: pytest.TempPathFactory, tune: dict[str, Any]
) -> None:
    tune |= {"model.cell": {"choice": ["simple_rnn", "gru"]}}
    path = tmp_path_factory.getbasetemp() / "settings.yaml"
    path.write_text(HEAD, encoding="utf-8")
    recipe = load_recipe(path, {"tune": tune})
    assert recipe == load_recipe(path, {f"tune.{k}": v for k, v in tune.items()})
    path.write_text(recipe.to_yaml(), encoding="utf-8")
    again = load_recipe(path)
    assert again == recipe and hash(again) == hash(recipe)
    assert again.to_yaml() == recipe.to_yaml()
