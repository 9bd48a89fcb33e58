"""Losses of steps: what a batch and an epoch cost, and what learns by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqkit.layers.chain import log_likelihood
from seqkit.layers.crf import Crf
from seqkit.models.step_losses import CrfLoss, StepCrossEntropy

LENGTHS = np.array([1, 6, 2, 5, 3, 4, 6, 1, 2, 3])
LIVE = np.arange(6) < LENGTHS[:, None]
RANDOM = np.random.default_rng(0)
IDS = np.where(LIVE, RANDOM.integers(1, 9, LIVE.shape), 0).astype(np.int32)
TAGS = np.where(LIVE, RANDOM.integers(0, 3, LIVE.shape), 0).astype(np.int32)
WEIGHTS = (LIVE * (len(IDS) / LENGTHS.sum())).astype(np.float32)
PROBABILITIES = tf.nn.softmax(RANDOM.normal(size=(*LIVE.shape, 3))).numpy()


def network_of(head: str) -> keras.Model:
    """Masked steps with tags; weights from a seed."""
    keras.utils.set_random_seed(0)
    ids = keras.Input((None,), dtype="int32", name="ids")
    steps = keras.layers.Embedding(9, 4, mask_zero=True)(ids)
    steps = keras.layers.SimpleRNN(3, return_sequences=True)(steps)
    if head == "softmax":
        return keras.Model(ids, keras.layers.Dense(3, activation="softmax")(steps))
    crf = Crf(name="crf")
    emissions = keras.layers.Dense(3)(steps)
    model = keras.Model(ids, crf(emissions, gives="emissions"))
    crf.set_weights([RANDOM.normal(size=w.shape) for w in crf.weights])
    return model


def loss_of(model: keras.Model) -> keras.losses.Loss:
    last = model.layers[-1]
    return CrfLoss(last) if isinstance(last, Crf) else StepCrossEntropy()


def compiled(head: str) -> keras.Model:
    model = network_of(head)
    model.compile("adam", loss=loss_of(model))
    model.optimizer.build(model.trainable_variables)
    return model


def epoch_loss(model: keras.Model, order: Any, batch_size: int) -> float:
    """What Keras says of an epoch over batches that are padded to their own length."""

    def batches() -> Any:
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            steps = LENGTHS[rows].max()
            yield IDS[rows, :steps], TAGS[rows, :steps], WEIGHTS[rows, :steps]

    steps = -(-len(order) // batch_size)
    return float(model.evaluate(batches(), steps=steps, verbose=0))


@pytest.mark.parametrize("head", ["crf", "softmax"])
def test_epoch_costs_the_mean_of_its_steps_however_rows_were_batched(head: str) -> None:
    model = compiled(head)
    outputs = model(IDS)
    if head == "crf":
        chain = model.get_layer("crf").chain
        costs = -log_likelihood(chain, outputs, tf.constant(LIVE), TAGS).numpy()
    else:
        chosen = np.take_along_axis(outputs.numpy(), TAGS[..., None], -1)[..., 0]
        costs = -np.log(chosen) * LIVE
    mean = costs.sum() / LENGTHS.sum()
    by_length = np.argsort(LENGTHS)
    for order, size in [(np.arange(10), 10), (np.arange(10), 3), (by_length, 3)]:
        assert epoch_loss(model, order, size) == pytest.approx(mean, rel=1e-5)


@pytest.mark.parametrize("loss", ["crf", "softmax"])
def test_padding_is_found_by_mask_or_by_weights(loss: str) -> None:
    model = network_of(loss)
    outputs = model(IDS)
    masked = loss_of(model)(TAGS, outputs, WEIGHTS)
    without = loss_of(model)(TAGS, outputs.numpy(), WEIGHTS)
    assert getattr(outputs, "_keras_mask", None) is not None
    assert float(without) == pytest.approx(float(masked), rel=1e-6)
    # The weights say nothing of it: as if all steps were there.
    everything = loss_of(model)(TAGS, outputs.numpy(), np.ones_like(WEIGHTS))
    assert float(everything) != pytest.approx(float(masked), rel=0.1)


def test_without_weights_a_batch_costs_the_mean_of_its_steps() -> None:
    model = network_of("crf")
    outputs = model(IDS)
    once = np.full(len(IDS), 1.0, np.float32)
    by_row = float(CrfLoss()(TAGS, outputs, once))  # weights of rows
    mean = by_row * len(IDS) / LENGTHS.sum()
    assert float(CrfLoss()(TAGS, outputs)) == pytest.approx(mean, rel=1e-6)


def test_a_step_without_weight_is_part_of_the_path_and_costs_nothing() -> None:
    layer = Crf()
    layer.build((None, None, 2))
    # From tag 0 to tag 1, and back, always.
    moves = np.array([[-50, 50], [50, -50]])
    layer.set_weights([moves, np.zeros(2), np.zeros(2)])
    emissions = np.zeros((1, 3, 2), np.float32)
    first, rest = ([[1, 0, 0]], [[0, 1, 1]])
    tags = [[0, 1, 0]]
    loss = CrfLoss(layer)
    costs = [
        float(loss(np.array(tags), emissions, np.array(weights, np.float32)))
        for weights in (first, rest)
    ]
    assert costs == pytest.approx([np.log(2), 0], abs=1e-6)


def test_tags_that_stand_at_padding_do_not_matter() -> None:
    for head in ("crf", "softmax"):
        model = network_of(head)
        filled = np.where(LIVE, TAGS, -1)
        losses = [loss_of(model)(t, model(IDS), WEIGHTS) for t in (TAGS, filled)]
        assert float(losses[0]) == float(losses[1])


@pytest.fixture(scope="module")
def trained() -> tuple[keras.Model, list[Any]]:
    """A CRF after an epoch, and its weights before it."""
    model = compiled("crf")
    before = [weight.numpy().copy() for weight in model.weights]
    model.fit(IDS, TAGS, sample_weight=WEIGHTS, batch_size=5, epochs=1, verbose=0)
    return model, before


def test_training_moves_the_transitions(trained: Any) -> None:
    for weight, old in zip(trained[0].weights, trained[1], strict=True):
        assert np.abs(weight.numpy() - old).max() > 1e-4, weight.path


def test_a_model_comes_back_with_its_own_transitions_in_its_loss(
    trained: Any, tmp_path: Path
) -> None:
    model, _ = trained
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    data: dict[str, Any] = {"x": IDS, "y": TAGS, "sample_weight": WEIGHTS}
    cost = model.evaluate(**data, verbose=0)
    assert loaded.evaluate(**data, verbose=0) == pytest.approx(cost, rel=1e-6)
    crf = loaded.get_layer("crf")
    crf.set_weights([3 * weight for weight in crf.get_weights()])
    assert loaded.evaluate(**data, verbose=0) != pytest.approx(cost, rel=1e-2)


def test_emissions_that_tell_no_layer_need_its_name() -> None:
    outputs = network_of("crf")(IDS).numpy()
    with pytest.raises(ValueError, match=r"Name it: CrfLoss\(layer\)\."):
        CrfLoss()(TAGS, outputs, WEIGHTS)


@pytest.mark.parametrize("loss", [StepCrossEntropy(name="x"), CrfLoss()])
def test_a_loss_comes_back_from_its_config(loss: Any) -> None:
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert type(again) is type(loss) and again.get_config() == loss.get_config()


def test_cross_entropy_is_that_of_the_true_class() -> None:
    truth = -np.log(np.take_along_axis(PROBABILITIES, TAGS[..., None], -1))[..., 0]
    found = StepCrossEntropy()(TAGS, PROBABILITIES.astype(np.float32), WEIGHTS)
    assert float(found) == pytest.approx((truth * WEIGHTS).sum() / len(IDS), rel=1e-5)
