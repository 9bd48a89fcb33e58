"""Scheduled sampling: how often, which tokens, and going on as if never stopped."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from tiny_pairs import PREVIOUS, TOKENS, core_of, inputs, network_of

from seqkit.models.pairs.sampling import OwnTokens, own_share


@pytest.mark.parametrize(
    ("schedule", "shares"),
    [("constant", [1, 1, 1, 1]), ("linear", [0, 0.5, 1, 1])],
)
def test_share_follows_the_schedule(schedule: str, shares: list[float]) -> None:
    steps = [own_share(schedule, 100, step) for step in (0, 50, 100, 1000)]
    np.testing.assert_allclose(steps, shares)


def test_inverse_sigmoid_rises_from_1_over_k_plus_1() -> None:
    """With k ln k = 50; Bengio et al. 2015: the teacher's share is k/(k + exp(i/k))."""
    k = 17.6
    while abs(k * np.log(k) - 50) > 1e-9:
        k -= (k * np.log(k) - 50) / (np.log(k) + 1)
    for step in (0, 10, 50, 100):
        wanted = 1 - k / (k + np.exp(step / k))
        share = own_share("inverse_sigmoid", 100, step)
        np.testing.assert_allclose(share, wanted, rtol=1e-5)
    np.testing.assert_allclose(own_share("inverse_sigmoid", 100, 50), 0.5, rtol=1e-6)


def test_drawn_share_is_the_rate_of_the_step() -> None:
    layer = OwnTokens("linear", rate=0.8, steps=4)
    layer.build(None)
    previous = np.ones((500, 11), np.int32)
    drawn = [np.asarray(layer(previous)) for _ in range(6)]
    assert not any(step[:, 0].any() for step in drawn)
    shares = [step[:, 1:].mean() for step in drawn]
    np.testing.assert_allclose(shares, [0, 0.2, 0.4, 0.6, 0.8, 0.8], atol=0.03)


def test_decoder_reads_the_tokens_that_it_would_write() -> None:
    """Whatever it is taught, at a share of all."""
    options = {"scheduled_sampling": "constant", "sampling_rate": 1.0, "copy": True}
    model = network_of(**options)
    core = core_of(model)
    constants, state = core.encode(TOKENS)
    token, logits = PREVIOUS[:, 0], []
    for _ in range(PREVIOUS.shape[1]):
        state, here = core.step({**constants, **state}, token)
        token = np.argmax(here, axis=-1)
        logits.append(here)
    trained = core(inputs(), training=True)
    np.testing.assert_allclose(trained, np.stack(logits, 1), rtol=1e-4, atol=1e-5)


def test_training_goes_on_from_its_variables_as_if_never_stopped() -> None:
    options = {"scheduled_sampling": "linear", "sampling_steps": 3, "dropout": 0.3}
    model = network_of(**options, input_feeding=True, token_dropout=0.3)
    model(inputs(), training=True)
    again = network_of(seed=1, **options, input_feeding=True, token_dropout=0.3)
    # What checkpoints keep: weights, the count of steps and the seeds of all draws.
    for variable, value in zip(again.variables, model.variables, strict=True):
        variable.assign(value)
    for _ in range(3):
        one, other = (m(inputs(), training=True) for m in (model, again))
        np.testing.assert_array_equal(one, other)


def test_count_of_steps_is_saved_with_the_weights(tmp_path: Path) -> None:
    model = network_of(scheduled_sampling="linear")
    model(inputs(), training=True)
    model(inputs())
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert int(core_of(again).decoder.own.step) == 1
