"""What encoder-decoders learn by, against hand computation."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny_pairs import TARGETS, core_of, inputs, log_softmax, network, spec_of

from seqkit.models.pairs.losses import TokenCrossEntropy, cross_entropy, pair_loss

LOGITS = np.random.default_rng(0).normal(size=(3, 3, 9)).astype(np.float32)
WEIGHTS = np.where(TARGETS == 0, 0, 0.5).astype(np.float32)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_smoothed_cross_entropy_is_that_of_smoothed_targets(smoothing: float) -> None:
    wanted = 0.0
    log_p = log_softmax(LOGITS).reshape(9, 9)
    for target, p in zip(TARGETS.ravel(), log_p, strict=True):
        if target:
            smoothed = np.full(9, smoothing / 9)
            smoothed[target] += 1 - smoothing
            wanted += -smoothed @ p
    loss = pair_loss(spec_of(label_smoothing=smoothing))
    # Half of each cost, over three rows.
    cost = loss(tf.constant(TARGETS), tf.constant(LOGITS), WEIGHTS)
    np.testing.assert_allclose(cost, wanted / 2 / 3, rtol=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_its_gradient_is_that_of_tensorflow(smoothing: float) -> None:
    logits, targets = tf.constant(LOGITS), tf.constant(TARGETS)
    smoothed = tf.one_hot(targets, 9) * (1 - smoothing) + smoothing / 9
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(logits)
        own = tf.reduce_sum(WEIGHTS * cross_entropy(logits, targets, smoothing))
        dense = tf.nn.softmax_cross_entropy_with_logits(smoothed, logits)
        other = tf.reduce_sum(WEIGHTS * dense)
    np.testing.assert_allclose(own, other, rtol=1e-5)
    wanted = tape.gradient(other, logits)
    np.testing.assert_allclose(tape.gradient(own, logits), wanted, atol=1e-6)


def test_padding_of_the_output_costs_nothing() -> None:
    model = network("general")
    loss = pair_loss(core_of(model).spec)
    short = loss(tf.constant(TARGETS), model(inputs()))
    wide = {"previous": np.pad(inputs()["previous"], [[0, 0], [0, 2]])}
    targets = np.pad(TARGETS, [[0, 0], [0, 2]])
    padded = loss(tf.constant(targets), model(inputs() | wide))
    np.testing.assert_allclose(padded, short, rtol=1e-5)


def test_coverage_costs_the_attention_that_comes_again() -> None:
    """See et al. 2017, eq. 12 and 13."""
    model = network("covering")
    core = core_of(model)
    weights = core(inputs(), gives="weights").numpy()
    before = np.cumsum(weights, axis=1) - weights
    overlap = np.minimum(weights, before).sum(-1)
    output = model(inputs())
    plain = TokenCrossEntropy()(tf.constant(TARGETS), output, WEIGHTS)
    covered = pair_loss(core.spec)(tf.constant(TARGETS), output, WEIGHTS)
    again = 0.5 * (overlap * WEIGHTS).sum() / 3
    assert again > 0
    np.testing.assert_allclose(covered - plain, again, rtol=1e-4)


def test_loss_is_saved_with_its_options() -> None:
    loss = pair_loss(spec_of(label_smoothing=0.1, coverage=0.5))
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(loss)
    )
    assert (again.smoothing, again.coverage) == (0.1, 0.5)
