"""Sentences in the graph: cut, encoded, weighed and picked."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from seqkit import layers


def test_lines_are_sentences_and_a_single_line_is_cut_at_its_marks() -> None:
    texts = tf.constant(["One. Two! Three", "a. b\n\nc", ""])
    cut = layers.SentenceLines(4)(texts).numpy()
    assert cut.tolist() == [
        [b"One.", b"Two!", b"Three"],
        [b"a. b", b"c", b""],
        [b"", b"", b""],
    ]
    assert layers.SentenceLines(2)(texts).shape == (3, 2)


def test_tokens_are_those_of_the_encoder_and_0_behind_the_last_sentence() -> None:
    encoder = layers.TextEncoder(["", "[UNK]", "one", "two"], 3)
    ids = layers.SentenceTokens(encoder)(tf.constant([["one two", "six"], ["two", ""]]))
    assert ids.numpy().tolist() == [[[2, 3, 0], [1, 0, 0]], [[3, 0, 0], [0, 0, 0]]]


def test_shares_of_a_text_add_up_to_1_without_its_padding() -> None:
    logits = np.array([[[0.0], [1.0], [9.0]]], np.float32)
    mask = np.array([[True, True, False]])
    shares = layers.SentenceShares()(logits, mask=mask).numpy()
    np.testing.assert_allclose(shares, [[0.268941, 0.731059, 0]], atol=1e-6)


def test_the_likeliest_sentences_are_picked_in_the_order_of_the_text() -> None:
    inputs = {
        "probabilities": tf.constant([[0.3, 0.1, 0.6], [1.0, 0.0, 0.0]]),
        "sentences": tf.constant([["a", "b", "c"], ["d", "", ""]]),
    }
    picked = layers.SentencePicker(2)(inputs)
    assert picked["output"].numpy().tolist() == [b"a c", b"d"]
    np.testing.assert_allclose(picked["score"], [0.9, 1.0], rtol=1e-6)
