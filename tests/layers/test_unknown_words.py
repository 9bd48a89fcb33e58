"""Words seen once, taken for unknown ones in training."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from seqkit.layers.unknown_words import SingletonDropout, stand_ins

# Padding, unknown, two frequent words, then singletons: one plain, none of the first
# class (id 8), three of the second (id 9).
WORDS, SINGLETONS = 8, (1, 0, 3)
IDS = np.array([[2, 3, 4, 5], [6, 7, 9, 1], [8, 5, 0, 0]], np.int32)
UNKNOWN = np.array([[2, 3, 1, 9], [9, 9, 9, 1], [8, 9, 0, 0]], np.int32)


def test_what_stands_for_a_word_is_its_class() -> None:
    assert np.array_equal(stand_ins(WORDS, SINGLETONS)[IDS], UNKNOWN)
    assert stand_ins(5, (0,)).tolist() == [0, 1, 2, 3, 4]


def test_a_share_is_replaced_in_training_alone() -> None:
    layer = SingletonDropout(0.3, WORDS, SINGLETONS)
    assert np.array_equal(layer(IDS), IDS)
    many = np.tile(IDS, (2000, 1))
    once = many != np.tile(UNKNOWN, (2000, 1))
    trained = np.asarray(layer(many, training=True))
    replaced = trained != many
    assert not replaced[~once].any()
    assert 0.28 < replaced[once].mean() < 0.32
    assert np.array_equal(trained[replaced], np.tile(UNKNOWN, (2000, 1))[replaced])


def test_a_keras_file_gives_the_same_layer(tmp_path: Path) -> None:
    ids = keras.Input((None,), dtype="int32")
    model = keras.Model(ids, SingletonDropout(0.3, WORDS, SINGLETONS)(ids))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.layers[-1].get_config() == model.layers[-1].get_config()
    assert model.output.dtype == "int32" and np.array_equal(loaded(IDS), IDS)
