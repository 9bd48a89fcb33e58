"""Linear models of hashed words in the graph, against the baselines that they ship."""

from __future__ import annotations

import re

import numpy as np
import pytest
import tensorflow as tf
from sklearn.utils import murmurhash3_32

from seqkit.layers.hashed_words import murmur_hash, words_of
from seqkit.shared.words import TOKEN
from seqkit.tasks.base import Examples
from seqkit.tasks.baselines.ratios import RatioLogistic
from seqkit.tasks.baselines.text import TfidfLogistic

TEXTS = [
    "",
    "   ",
    "Good, GOOD film! It's a 10/10?",
    "na\u00efve d\u00e9j\u00e0 vu_2 \u00bd",
    "\u5feb\u9001\u5230\u4e86! \u5f88\u597d\u5403",
    "\U0001f600\U0001f600 so bad",
    "\u039f\u0394\u039f\u03a3 \u03a3\u0391\u03a3 \u0130stanbul",
    "a" * 37 + " " + "film " * 900,
    "bad bad film\x00good\u200bend",
]


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_those_of_the_baselines(text: str) -> None:
    words = words_of(tf.constant([text])).to_list()[0]
    assert [one.decode() for one in words] == re.findall(TOKEN, text.lower())


def test_the_hash_is_that_of_scikit_learn() -> None:
    words = ["", "a", "ab", "abc", "abcd", "abcde", "\u5feb\u9001", "word " * 50]
    expected = [murmurhash3_32(word, positive=True) for word in words]
    assert murmur_hash(tf.constant(words)).numpy().tolist() == expected


@pytest.mark.parametrize("kind", [TfidfLogistic, RatioLogistic])
@pytest.mark.parametrize("classes", [2, 3])
def test_a_layer_answers_as_its_baseline(kind: type, classes: int) -> None:
    random = np.random.default_rng(classes)
    words = [f"w{number}" for number in range(30)]
    texts = [" ".join(random.choice(words, 12)) for _ in range(60)] + TEXTS
    truth = np.arange(len(texts)) % classes
    baseline = kind.fit([Examples(texts, truth)], classes, seed=1)
    shipped = baseline.in_graph({"text": tf.constant(texts)}).numpy()
    np.testing.assert_allclose(shipped, baseline.outputs(texts), atol=1e-6)
    assert np.ptp(shipped, axis=0).min() > 0.01


def test_a_baseline_that_knows_no_word_answers_the_same_to_all() -> None:
    baseline = TfidfLogistic.fit([Examples(["", " "], np.array([0, 1]))], 2, seed=1)
    shipped = baseline.in_graph({"text": tf.constant(TEXTS)}).numpy()
    np.testing.assert_allclose(shipped, 0.5, atol=1e-6)
