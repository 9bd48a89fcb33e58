"""The arms of a recipe, and what is seen before any of them is trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_arms import RATES, recipe, searched, tuned

from seqkit.errors import UsageError
from seqkit.recipe.recipe import load_recipe
from seqkit.tuning.arms.arm import GENERATION
from seqkit.tuning.arms.arms import arms_of, checked_space, file_names
from seqkit.tuning.hints import lacking


def test_one_arm_where_nothing_competes() -> None:
    (arm,) = arms_of(tuned(RATES), "min")
    assert arm.name == "gru"
    (first, *_) = arm.ask()
    assert set(first["overrides"]) == {"train.learning_rate"}


def test_any_key_may_compete_and_names_its_arms() -> None:
    values = [[64, 64], [64], [6, 464]]
    changed = tuned({"model.units": {"choice": values}, **RATES}, compare="model.units")
    arms = arms_of(changed, "min")
    assert [arm.name for arm in arms] == ["[64, 64]", "[64]", "[6, 464]"]
    ids = [arm.ask()[0]["id"] for arm in arms]
    assert ids == ["64-64-001", "64-001", "6-464-001"]


def test_null_and_words_are_told_apart() -> None:
    changed = tuned(
        {"train.clip_norm": {"choice": [None, 1.0]}}, compare="train.clip_norm"
    )
    arms = arms_of(changed, "min")
    assert [arm.name for arm in arms] == ["null", "1.0"]
    assert [arm.fixed["train.clip_norm"] for arm in arms] == [None, 1.0]


def test_file_names_are_safe_and_distinct() -> None:
    names = ["a/b", "a b", "A-B", "../..", "[64, 64]", "x" * 99, "x" * 98]
    safe = file_names(names)
    assert safe[:5] == ["a-b", "a-b-2", "A-B-3", "arm", "64-64"]
    assert len({name.casefold() for name in safe}) == len(names)
    assert all(Path(name).name == name and len(name) < 45 for name in safe)


def test_later_arms_meet_the_first_one_s_parameters() -> None:
    first, *others = arms_of(
        recipe(**{"tune.match": "parameters", "tune.model.noise": None}), "min"
    )
    assert first.name == "simple_rnn" and len(others) == 2
    asked = first.ask()
    assert [job["match"] for job in asked] == [None] * GENERATION
    expected = [job["overrides"] for job in asked]
    for arm in others:
        jobs = arm.ask()
        assert [job["match"] for job in jobs] == expected
        assert all(job["overrides"]["model.cell"] == arm.name for job in jobs)


# What is seen before


def test_values_that_do_not_go_together_are_named() -> None:
    space = {
        "model.cell": {"choice": ["lstm", "gru"]},
        "model.residual": {"choice": [False, True]},
        "model.units": {"choice": [[8, 8], [8]]},
        **RATES,
    }
    changed = tuned(space).with_({"model.units": [4, 4]})
    with pytest.raises(UsageError) as raised:
        checked_space(changed)
    told = str(raised.value)
    assert told.startswith(
        "tune would try model.residual=true and model.units=[8], which this recipe "
        "does not take: model sets residual, but"
    )
    assert told.endswith("Take it out of the search.")


def test_values_that_go_together_are_taken_whatever_the_recipe_has() -> None:
    space = {
        "model.residual": {"choice": [True, False]},
        "model.units": {"choice": [[8, 8], [4, 4]]},
    }
    checked_space(tuned(space))


def test_sections_that_do_not_go_together_are_seen() -> None:
    changed = load_recipe("airline_forecast").with_(
        {"tune": {"model.highway": {"choice": [0, 24, 25]}}}
    )
    with pytest.raises(UsageError, match="model.highway=25, which.*longer than the"):
        checked_space(changed)


def test_large_spaces_are_seen_value_by_value() -> None:
    units = [[units] for units in range(1, 600)]
    changed = tuned(
        {
            "model.cell": {"choice": ["lstm", "gru"]},
            "model.units": {"choice": units},
            "train.clip_norm": {"choice": [None, 1.0]},
            "train.clip_value": {"choice": [None, 0.5]},
        }
    ).with_({"train.clip_norm": None})
    checked_space(changed)
    turned = {"choice": [1.0, None]}
    with pytest.raises(UsageError, match="clip_norm=1.0 and train.clip_value=0.5"):
        checked_space(changed.with_({"tune.train.clip_norm": turned}))


# Keys of one core alone


CORES_COMPETE = {
    "model.cell": {"choice": ["lstm", "tcn"]},
    "model.kernel_size": {"choice": [2, 3]},
    "model.layer_norm": {"choice": [False, True]},
    "model.units": {"choice": [[8], [16]]},
}


@pytest.mark.parametrize("cell", ["lstm", "tcn"])
def test_arm_searches_the_keys_of_its_own_core_alone(cell: str) -> None:
    base = tuned(CORES_COMPETE, search="grid").with_({"model.cell": cell})
    checked_space(base)
    lstm, tcn = arms_of(base, "min")
    for arm, own, lacked in (
        (lstm, "model.layer_norm", "model.kernel_size"),
        (tcn, "model.kernel_size", "model.layer_norm"),
    ):
        jobs = searched(arm)
        assert len(jobs) == arm.planned == 4
        keys = {"model.cell", own, "model.units"}
        assert all(set(job["overrides"]) == keys for job in jobs)
        assert arm.lacking == (lacked,)
        for job in jobs:
            assert base.with_(job["overrides"]).to_dict()["model"]["cell"] == arm.name


def test_verdict_says_what_was_not_searched_for_whom() -> None:
    assert lacking({"lstm": (), "gru": ()}) == []
    keys = {"lstm": ("model.kernel_size",), "tcn": ("model.layer_norm",)}
    assert lacking(keys) == [
        "model.kernel_size was not searched for LSTM: its core has no such key.",
        "model.layer_norm was not searched for TCN: its core has no such key.",
    ]
    both = dict.fromkeys(("lstm", "gru"), ("model.a", "model.b"))
    assert lacking(both) == [
        "model.a was not searched for LSTM and GRU: their cores have no such key.",
        "model.b was not searched for LSTM and GRU: their cores have no such key.",
    ]
