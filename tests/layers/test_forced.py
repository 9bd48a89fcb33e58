"""Outputs that are given: what a decoder reads of them, and sums over them."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from seqkit import layers

IDS = np.array([[4, 5, 6], [7, 0, 0], [0, 0, 0]], np.int32)


PREVIOUS = np.array([[2, 4, 5, 6], [2, 7, 0, 0], [2, 0, 0, 0]], np.int32)
TARGETS = np.array([[4, 5, 6, 3], [7, 3, 0, 0], [3, 0, 0, 0]], np.int32)
SOME = pytest.mark.parametrize("rows", [slice(3), slice(1, 2), slice(0)])


@SOME
def test_previous_begins(rows: slice) -> None:
    np.testing.assert_array_equal(layers.ForcedTokens()(IDS[rows]), PREVIOUS[rows])


@SOME
def test_targets_end(rows: slice) -> None:
    np.testing.assert_array_equal(layers.TargetsOf()(PREVIOUS[rows]), TARGETS[rows])


def test_empty_texts_have_no_tokens() -> None:
    texts = tf.constant(["a", "", " "])
    ids = layers.WithoutTokens()(np.ones((3, 2), np.int32), texts)
    assert ids.numpy().tolist() == [[1, 1], [0, 0], [1, 1]]


def test_sums_are_of_rows_and_count_their_targets() -> None:
    values = np.array([[-1.0, -2.0], [-3.0, 0.0]], np.float32)
    targets = np.array([[4, 3], [3, 0]], np.int32)
    sums = layers.StepSums()({"log_probability": values}, targets)
    assert sums["log_probability"].numpy().tolist() == [-3.0, -3.0]
    assert sums["tokens"].numpy().tolist() == [2.0, 1.0]


def test_each_token_has_its_own_text() -> None:
    spelt = layers.TokenTexts(["", "[UNK]", "[BEGIN]", "[END]", "good"], ends=True)
    texts = spelt(np.array([[2, 4, 1, 3, 0]], np.int32)).numpy()
    assert texts.tolist() == [[b"", b"good", b"[UNK]", b"", b""]]
