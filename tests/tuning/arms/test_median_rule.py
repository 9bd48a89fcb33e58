"""The median rule: which losses a hopeless trial is measured by, and where."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_arms import RATES, SPACE, failed, one_arm, result_of, searched, tuned

from seqkit.recipe.search_space import searched_keys
from seqkit.registry import TASKS
from seqkit.tuning.arms.arm import GENERATION
from seqkit.tuning.arms.arms import arms_of


def test_median_is_that_of_earlier_generations_best_losses_so_far() -> None:
    losses = {
        1: [0.9, 0.5, 0.7, 0.4],
        2: [0.6, 0.8, 0.5],  # stopped early: stays at its best
        3: [0.7, 0.2, 0.3, 0.1],
        4: [1.5, 1.4, 1.3, 1.2],
    }
    arm = one_arm(SPACE, budget={"epochs": 4})
    jobs = arm.ask()
    assert [job["median"] for job in jobs] == [None] * 4
    results = []
    for job in jobs:
        history = [{"epoch": 0, "val_loss": loss} for loss in losses[job["number"]]]
        results.append(result_of(job, history=history))
    arm.tell(results)
    # By hand: best so far 0.9 .5 .5 .4 | .6 .6 .5 .5 | .7 .2 .2 .1 | 1.5 1.4 1.3 1.2
    expected = [(0.7 + 0.9) / 2, (0.5 + 0.6) / 2, 0.5, (0.4 + 0.5) / 2]
    for job in arm.ask():
        assert job["median"] == pytest.approx(expected)


@pytest.mark.parametrize(("finished", "rule"), [(2, False), (3, True)])
def test_median_needs_three_finished_trials(finished: int, rule: bool) -> None:
    arm = one_arm(SPACE)
    jobs = arm.ask()
    arm.tell([(result_of if j["number"] <= finished else failed)(j) for j in jobs])
    assert all((job["median"] is not None) == rule for job in arm.ask())


def test_median_reaches_as_far_as_the_trial_is_to_go() -> None:
    arm = one_arm({"train.epochs": {"int": [2, 12]}, **RATES})
    jobs = searched(arm)
    for job in jobs[GENERATION:]:
        assert len(job["median"]) == job["overrides"]["train.epochs"]


def test_trials_without_validation_loss_have_no_median() -> None:
    arm = one_arm(SPACE)
    jobs = searched(arm, lambda job: result_of(job, val_loss=None, history=[{}]))
    assert [job["median"] for job in jobs] == [None] * 8


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, True),
        ({"stop": "none"}, False),
        ({"model.loss": {"choice": ["mse", "mae"]}}, False),
        ({"data.target_scale": {"choice": ["none", "standard"]}}, False),
        ({"data.scale": {"choice": ["none", "standard"]}}, True),
        # Within each competitor the loss is one and the same.
        ({"compare": "model.loss", "model.loss": {"choice": ["mse", "mae"]}}, True),
    ],
)
def test_rule_asks_for_losses_that_can_be_compared(
    changes: dict[str, Any], rule: bool
) -> None:
    for arm in arms_of(tuned({**SPACE, **changes}), "min"):
        assert (searched(arm)[-1]["median"] is not None) == rule


OF_TOKENS = {
    *("data.level", "data.lowercase", "data.max_output", "data.shared"),
    *("data.vocab_size", "data.output_vocab_size"),
    *("model.coverage", "model.label_smoothing"),
}
"""The loss is in nats a token, of other tokens or of another formula."""
DECIDED = {
    "classify_text": set(),
    # Both heads give -log p of the whole path, in nats a token.
    "tag_text": set(),
    "classify_series": set(),
    "classify_steps": set(),
    "regress_series": {"model.loss", "data.target_scale"},
    "regress_steps": {"model.loss", "data.target_scale"},
    "translate": OF_TOKENS,
    "transduce": OF_TOKENS,
    "summarise": OF_TOKENS,
    "extract_summary": set(),
    "forecast": {
        *("model.loss", "model.level", "model.output", "model.strategy"),
        *("data.transform", "data.decompose", "data.scale"),
        *("data.difference", "data.seasonal_difference"),
    },
}
SAME_LOSS = """
data.vocab_size data.max_timesteps data.level data.truncating data.lowercase
data.class_weight data.static data.past data.future data.calendar data.lookback
data.stride model.cell model.units model.bidirectional model.dropout
model.input_dropout model.recurrent_dropout model.layer_norm model.residual
model.embedding model.embedding_dropout model.token_dropout model.pooling
model.segment model.window_norm model.highway model.series_embedding
model.naive_start model.conformal model.noise
data.min_count data.overlap model.head model.characters model.character_embedding
model.character_units model.casing model.unknown_rate
model.attention model.attention_units model.copy model.decoder_cell model.decoder_units
model.input_feeding model.sampling_rate model.sampling_steps model.scheduled_sampling
model.tie data.max_sentences model.sentence_encoder model.sentence_units
data.letters model.pretrained_vectors model.frozen_vectors
model.highway_start model.move_point
model.wide model.architecture model.filters model.scaling_noise model.window_warp
""".split()


@pytest.mark.parametrize("name", list(TASKS))
def test_each_key_that_may_be_searched_is_known_to_change_the_loss_or_not(
    name: str,
) -> None:
    task = TASKS.get(name)()
    types = {"data": task.Data, "model": task.Model}
    known = set(searched_keys(types))
    assert set(task.loss_keys) == DECIDED[name] <= known
    same = known - DECIDED[name]
    # Whole series are scaled as inputs alone; a forecast's scale is its target's, too.
    assert same - {"data.scale"} <= set(SAME_LOSS)
