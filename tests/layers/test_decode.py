"""From probabilities to answers in words."""

from __future__ import annotations

import numpy as np

from seqkit.layers import LabelDecoder, TagDecoder

CLASSES = ["bad", "so-so", "b\u00e9n\u00e9fique"]


def test_answers_name_the_likeliest_class_and_all_probabilities() -> None:
    rows = np.array([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1]], np.float32)
    answers = {name: out.numpy() for name, out in LabelDecoder(CLASSES)(rows).items()}
    labels = [label.decode() for label in answers["label"]]
    assert labels == ["b\u00e9n\u00e9fique", "bad"]
    assert np.array_equal(answers["probability"], rows.max(axis=1))
    for position, name in enumerate(CLASSES):
        assert np.array_equal(answers[f"p_{name}"], rows[:, position])
    assert len(answers) == 5


def test_of_equals_the_first_class_is_named() -> None:
    answers = LabelDecoder(CLASSES)(np.full((1, 3), 1 / 3, np.float32))
    assert answers["label"].numpy().tolist() == [b"bad"]


def test_tags_are_named_with_their_probability_and_padding_is_empty() -> None:
    tags = np.array([[1, 0, 0]], np.int32)
    probabilities = np.array([[[0.25, 0.75], [0.9, 0.1], [0, 0]]], np.float32)
    answers = TagDecoder(["O", "B-x"])({"tags": tags, "probabilities": probabilities})
    assert answers["tag"].numpy().tolist() == [[b"B-x", b"O", b""]]
    np.testing.assert_allclose(answers["probability"], [[0.75, 0.9, 0]])
