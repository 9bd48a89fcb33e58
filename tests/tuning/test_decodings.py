"""A searched ``decode`` key: each trial trains once, and is scored under each value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cases.tag_text import CASE, tiny_sentences

from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.training import loop
from seqkit.tuning.arms.arms import arms_of, checked_space
from seqkit.tuning.checked import fault_of
from seqkit.tuning.jobs import new_job
from seqkit.tuning.trial import Performer

METHODS = [{"decode.method": "argmax"}, {"decode.method": "viterbi"}]
RATES = {"train.learning_rate": {"choice": [0.01, 0.02]}}


def searched(**tune: Any) -> Recipe:
    methods = {"choice": ["argmax", "viterbi"]}
    section = {"decode.method": methods, **tune}
    more: dict[str, Any] = {
        "train.epochs": 5,
        "train.learning_rate": 0.05,
        "data.validation": 0.4,
        "model.bidirectional": "none",
        "model.cell": "simple_rnn",
        "model.head": "softmax",
    }
    tiny = {**CASE.tiny, **more, "tune": section}
    return load_recipe(CASE.recipe, tiny)


@pytest.mark.parametrize("search", ["random", "grid", "hyperband"])
def test_trials_differ_in_what_is_trained_alone(search: str) -> None:
    recipe = searched(search=search, **RATES)
    checked_space(recipe)
    (arm,) = arms_of(recipe, "max")
    jobs = arm.ask()
    assert jobs and all(set(job["overrides"]) == set(RATES) for job in jobs)
    assert all(job["decodings"] == METHODS for job in jobs)
    assert json.loads(json.dumps(jobs)) == jobs
    if search == "grid":
        assert arm.trials == len(jobs) == 2


def test_search_of_decoding_alone_is_one_training() -> None:
    (arm,) = arms_of(searched(search="grid"), "max")
    (job,) = arm.ask()
    assert job["overrides"] == {} and job["decodings"] == METHODS


def test_other_searches_say_nothing_of_it() -> None:
    recipe = searched().with_({"tune": RATES})
    assert all("decodings" not in job for job in arms_of(recipe, "max")[0].ask())


@pytest.fixture
def performer(tmp_path: Path) -> Iterator[Performer]:
    with closing(Performer(searched(), tiny_sentences(160), tmp_path)) as one:
        yield one


def test_trial_trains_once_and_keeps_its_best_decoding(
    performer: Performer, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainings: list[Any] = []
    train = loop.train

    def counted(recipe: Recipe, *arguments: Any, **options: Any) -> Any:
        trainings.append(recipe)
        return train(recipe, *arguments, **options)

    monkeypatch.setattr(loop, "train", counted)

    def result(decodings: Any, overrides: Any) -> Any:
        job = new_job("t-1", "trial", "t", 1, overrides, decodings=decodings)
        done = performer.perform(job)
        assert fault_of(job, json.loads(json.dumps(done)), 9) is None
        return done

    single = {method["decode.method"]: result(None, method) for method in METHODS}
    assert len(trainings) == 2
    losses = {one["val_loss"] for one in single.values()}
    assert len(losses) == 1, "the decoding is no part of a training"
    both = result(METHODS, {})
    assert len(trainings) == 3
    scores = {method: one["score"] for method, one in single.items()}
    assert scores["argmax"] != scores["viterbi"]
    best = max(scores, key=lambda method: scores[method])
    assert both["overrides"] == {"decode.method": best}
    assert both["score"] == scores[best] and both["val_loss"] in losses
