"""What is searched where a recipe leaves its values and the search to its task."""

from __future__ import annotations

import pytest
from tiny import write_reviews

from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.training.settled import settled
from seqkit.tuning.default_search import (
    FITS,
    is_left_open,
    shortened,
    with_default_search,
)
from seqkit.tuning.search import SECONDS, _searchable


@pytest.fixture(scope="module")
def general(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """A recipe that leaves values and the search to its task, and small data."""
    file = write_reviews(tmp_path_factory.mktemp("open") / "reviews.csv")
    recipe = load_recipe("text_classifier", {"data.source": f"csv:{file}"})
    return recipe.with_({f"tune.{key}": None for key in recipe.tune.space})


def test_a_recipe_that_says_what_to_search_is_not_left_open(general: Recipe) -> None:
    assert is_left_open(general)
    search = {"tune.model.cell": {"choice": ["lstm", "gru"]}}
    assert not is_left_open(general.with_(search))
    assert not is_left_open(settled(general).recipe)


def test_all_trainings_share_the_minutes(general: Recipe) -> None:
    short = shortened(general, 6.0, ())
    assert short.train.minutes == pytest.approx(6.0 / FITS)
    assert (short.train.members, short.train.refit) == (1, False)
    by_hand = shortened(general.with_({"train.minutes": 3}), 6.0, ["train.minutes"])
    assert by_hand.train.minutes == 3


def test_what_matters_is_searched_around_what_was_chosen(general: Recipe) -> None:
    chosen = settled(general).recipe
    tune = with_default_search(chosen, 6.0, {}).tune
    assert tune.competitors == ("lstm", "gru")
    assert chosen.model.units in tune.space["model.units"].choice
    assert chosen.model.dropout in tune.space["model.dropout"].choice
    low, high = tune.space["train.learning_rate"].log
    assert low < chosen.train.learning_rate < high
    assert tune.budget.seconds == 180


def test_keys_that_are_set_by_hand_are_not_searched(general: Recipe) -> None:
    by_hand = {"model.dropout": 0.1, "tune.seeds": 2}
    tune = _searchable(general.with_(by_hand), None, by_hand).tune
    assert "model.dropout" not in tune.space
    assert tune.seeds == 2


def test_minutes_that_are_given_count(general: Recipe) -> None:
    search = _searchable(general, None, {SECONDS: 120.0})
    assert search.tune.budget.seconds == 60
    assert search.train.minutes == pytest.approx(2 / FITS)
