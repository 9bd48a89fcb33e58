"""Optimizers and learning-rate schedules against values computed by hand."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from seqkit.models.optimizer import DecaySchedule, build_optimizer
from seqkit.recipe.spec import TrainSpec


def stepped(gradients: list[list[float]], start: float = 0.0, **train: Any) -> Any:
    """Where variables of ``start`` stand after one step of SGD at rate 1."""
    spec = TrainSpec(optimizer="sgd", learning_rate=1.0, **train)
    optimizer = build_optimizer(spec, steps_per_epoch=10)
    variables = [keras.Variable(np.full(len(g), start, np.float32)) for g in gradients]
    optimizer.apply(
        [keras.ops.convert_to_tensor(g, "float32") for g in gradients], variables
    )
    return [variable.numpy().tolist() for variable in variables]


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        # Four steps of warm-up; of the eight after them 0, 2, 4 and 8 are done.
        ("constant", [0.1, 0.1, 0.1, 0.1]),
        ("linear", [0.1, 0.075, 0.05, 0.0]),
        # cos(pi/4) = 0.70711
        ("cosine", [0.1, 0.0853553, 0.05, 0.0]),
        # 0.01^(1/4) = 0.316228
        ("exponential", [0.1, 0.0316228, 0.01, 0.001]),
    ],
)
def test_rate_rises_and_then_decays(schedule: str, rates: list[float]) -> None:
    rate = DecaySchedule(0.1, schedule, warmup_steps=4, total_steps=12)
    warm = [float(rate(step)) for step in range(4)]
    assert warm == pytest.approx([0.025, 0.05, 0.075, 0.1])
    decayed = [float(rate(step)) for step in (4, 6, 8, 12)]
    assert decayed == pytest.approx(rates, rel=1e-5)
    # What comes after the end stays there.
    assert float(rate(40)) == pytest.approx(rates[-1], rel=1e-5)


def test_without_warmup_the_first_step_has_the_full_rate() -> None:
    rate = DecaySchedule(0.1, "linear", warmup_steps=0, total_steps=10)
    assert [float(rate(step)) for step in (0, 1, 9)] == pytest.approx([0.1, 0.09, 0.01])


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine", "exponential"])
def test_rates_fall_and_stay_within_their_bounds(schedule: str) -> None:
    rate = DecaySchedule(0.3, schedule, warmup_steps=7, total_steps=50)
    rates = [float(rate(step)) for step in range(60)]
    assert np.diff(rates[:7]).min() > 0
    assert np.diff(rates[6:]).max() <= 1e-9
    assert min(rates) >= 0 and max(rates) == pytest.approx(0.3)


def test_all_steps_may_be_warmup() -> None:
    rate = DecaySchedule(0.1, "cosine", warmup_steps=5, total_steps=5)
    assert float(rate(4)) == pytest.approx(0.1)


def test_a_schedule_comes_back_from_its_config() -> None:
    rate = DecaySchedule(0.1, "cosine", warmup_steps=4, total_steps=12)
    plain = keras.optimizers.schedules.serialize(rate)
    again = keras.optimizers.schedules.deserialize(plain)
    assert isinstance(again, DecaySchedule)
    assert again.get_config() == rate.get_config()


def test_a_schedule_ends_with_the_last_epoch() -> None:
    spec = TrainSpec(epochs=3, schedule="linear", warmup=0.1)
    rate = build_optimizer(spec, steps_per_epoch=10).get_config()["learning_rate"]
    assert rate["config"] == {
        "learning_rate": 0.001,
        "schedule": "linear",
        "warmup_steps": 3,
        "total_steps": 30,
    }


def test_the_rate_in_use_follows_the_schedule() -> None:
    spec = TrainSpec(epochs=1, schedule="linear", optimizer="sgd", learning_rate=1.0)
    optimizer = build_optimizer(spec, steps_per_epoch=4)
    variable = keras.Variable(np.zeros(1, np.float32))
    places = []
    for _ in range(4):
        optimizer.apply([keras.ops.ones((1,))], [variable])
        places.append(float(variable[0]))
    assert places == pytest.approx([-1.0, -1.75, -2.25, -2.5])


def test_without_a_schedule_the_rate_is_a_number() -> None:
    optimizer = build_optimizer(TrainSpec(learning_rate=0.02), steps_per_epoch=10)
    assert optimizer.get_config()["learning_rate"] == pytest.approx(0.02)


def test_gradients_are_not_clipped_unless_asked() -> None:
    assert stepped([[3.0, 4.0]]) == [[-3.0, -4.0]]


def test_clip_norm_limits_all_gradients_together() -> None:
    # Their common norm is 13: each by itself would be scaled by another factor.
    ((a, b), (c,)) = stepped([[3.0, 4.0], [12.0]], clip_norm=6.5)
    assert [a, b, c] == pytest.approx([-1.5, -2.0, -6.0])


def test_gradients_below_the_limit_stay() -> None:
    assert stepped([[3.0, 4.0]], clip_norm=5.5) == [[-3.0, -4.0]]
    assert stepped([[3.0, 4.0]], clip_value=4.0) == [[-3.0, -4.0]]


def test_clip_value_limits_each_number() -> None:
    assert stepped([[3.0, -0.25]], clip_value=0.5) == [[-0.5, 0.25]]


def test_weight_decay_is_decoupled_from_the_gradient() -> None:
    # w - rate x decay x w - rate x gradient, and clipping leaves the decay alone.
    ((moved,),) = stepped([[3.0]], start=2.0, weight_decay=0.1, clip_value=0.5)
    assert moved == pytest.approx(2.0 - 0.1 * 2.0 - 0.5)


@pytest.mark.parametrize("name", ["adam", "adamw", "nadam", "rmsprop", "sgd"])
@pytest.mark.parametrize("decay", [0.0, 0.01])
def test_every_optimizer_goes_downhill_with_and_without_decay(
    name: str, decay: float
) -> None:
    spec = TrainSpec(optimizer=name, learning_rate=0.1, weight_decay=decay)
    optimizer = build_optimizer(spec, steps_per_epoch=10)
    assert type(optimizer).__name__.casefold() == name
    variable = keras.Variable(np.ones(1, np.float32))
    for _ in range(30):
        optimizer.apply([2 * variable], [variable])
    assert abs(float(variable[0])) < 0.5


def test_adamw_without_decay_is_adam() -> None:
    def run(name: str, decay: float) -> float:
        spec = TrainSpec(optimizer=name, weight_decay=decay)
        optimizer = build_optimizer(spec, steps_per_epoch=10)
        variable = keras.Variable(np.ones(1, np.float32))
        for _ in range(3):
            optimizer.apply([2 * variable], [variable])
        return float(variable[0])

    assert run("adamw", 0.0) == run("adam", 0.0)
    assert run("adamw", 0.5) == run("adam", 0.5) < run("adam", 0.0)
