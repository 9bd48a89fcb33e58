"""The letters of words to vectors: each word alone gives the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqkit.layers.characters import CharacterEncoder

# Six words, two of them the same, and one that is padding.
LETTERS = np.array(
    [
        [[2, 3, 4, 0, 0], [5, 0, 0, 0, 0], [2, 3, 4, 0, 0]],
        [[4, 3, 2, 2, 3], [4, 3, 0, 0, 0], [0, 0, 0, 0, 0]],
    ],
    np.int32,
)
KINDS = pytest.mark.parametrize("kind", ["cnn", "lstm"])


def encoder_of(kind: str, **options: Any) -> CharacterEncoder:
    keras.utils.set_random_seed(0)
    layer = CharacterEncoder(kind, 6, 3, 4, name="characters", **options)
    layer(LETTERS)
    # Else the filters' biases, which are 0 at first, would hide what padding does.
    random = np.random.default_rng(0)
    layer.set_weights([random.normal(size=w.shape) for w in layer.get_weights()])
    return layer


def model_of(layer: CharacterEncoder) -> keras.Model:
    letters = keras.Input((None, None), dtype="int32", name="letters")
    return keras.Model({"letters": letters}, {"vectors": layer(letters)})


@KINDS
def test_a_word_is_what_it_is_alone(kind: str) -> None:
    layer = encoder_of(kind)
    vectors = layer(LETTERS).numpy()
    assert vectors.shape == (2, 3, 4)
    for place in np.ndindex(2, 3):
        word = LETTERS[place]
        if length := int((word > 0).sum()):
            alone = layer(word[None, None, :length]).numpy()[0, 0]
            np.testing.assert_allclose(vectors[place], alone, rtol=1e-5, atol=1e-6)
    assert np.array_equal(vectors[0, 0], vectors[0, 2])
    assert len(np.unique(vectors.reshape(6, 4).round(5), axis=0)) == 5


@KINDS
def test_words_without_letters_are_zeros_and_masked(kind: str) -> None:
    layer = encoder_of(kind)
    assert not layer(LETTERS).numpy()[1, 2].any()
    mask = layer.compute_mask(LETTERS).numpy()
    assert mask.tolist() == [[True, True, True], [True, True, False]]
    assert not layer(np.zeros((2, 1, 5), np.int32)).numpy().any()


@KINDS
def test_padding_changes_nothing(kind: str) -> None:
    layer = encoder_of(kind)
    padded = np.pad(LETTERS, [(0, 1), (0, 2), (0, 3)])
    found = layer(padded).numpy()
    np.testing.assert_allclose(found[:2, :3], layer(LETTERS), rtol=1e-5, atol=1e-6)
    assert not found[2:].any() and not found[:, 3:].any()


def test_filters_see_three_letters_and_the_ends_of_the_word() -> None:
    layer = encoder_of("cnn")
    letters, kernel, bias = layer.get_weights()
    word = np.concatenate([np.zeros((1, 3)), letters[[2, 3, 4]], np.zeros((1, 3))])
    at = [np.einsum("le,leu->u", word[i : i + 3], kernel) + bias for i in range(3)]
    truth = np.maximum(at, 0).max(axis=0)
    np.testing.assert_allclose(layer(LETTERS)[0, 0], truth, rtol=1e-5, atol=1e-6)


def test_both_directions_end_at_the_other_end_of_the_word() -> None:
    layer = encoder_of("lstm")
    forward, backward = np.split(layer(LETTERS).numpy()[1, 1], 2)
    both = layer._read
    steps = layer._embed(LETTERS[1, 1:2, :2])
    np.testing.assert_allclose(both.forward_layer(steps)[0], forward, rtol=1e-5)
    np.testing.assert_allclose(both.backward_layer(steps)[0], backward, rtol=1e-5)


@KINDS
def test_gradients_reach_every_weight(kind: str) -> None:
    layer = encoder_of(kind)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(LETTERS) ** 2)
    for gradient in tape.gradient(loss, layer.trainable_variables):
        assert np.abs(tf.convert_to_tensor(gradient)).max() > 0


def test_dropout_acts_in_training_alone() -> None:
    layer = encoder_of("cnn", dropout=0.5)
    assert np.array_equal(layer(LETTERS), encoder_of("cnn")(LETTERS))
    trained = layer(LETTERS, training=True)
    assert not np.array_equal(trained, layer(LETTERS))


@KINDS
def test_a_keras_file_gives_the_same_answers(kind: str, tmp_path: Path) -> None:
    model = model_of(encoder_of(kind, dropout=0.1))
    truth = model({"letters": LETTERS})["vectors"].numpy()
    assert model.output["vectors"].shape == (None, None, 4)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(loaded({"letters": LETTERS})["vectors"], truth)
    config = loaded.get_layer("characters").get_config()
    assert config == model.get_layer("characters").get_config()


def test_a_savedmodel_answers_batches_of_any_shape(tmp_path: Path) -> None:
    model = model_of(encoder_of("cnn"))
    model.export(str(tmp_path / "model"), verbose=False)
    serve = tf.saved_model.load(str(tmp_path / "model")).signatures["serving_default"]
    for rows in (LETTERS, LETTERS[:1, :1, :2]):
        found = serve(letters=tf.constant(rows))["vectors"].numpy()
        np.testing.assert_allclose(found, model({"letters": rows})["vectors"], 1e-5)
