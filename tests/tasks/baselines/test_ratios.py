"""Log-count ratios against scikit-learn and a count by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from tiny_examples import chunked, texts_and_truth

from seqkit.shared.ngram_codes import ngram_codes
from seqkit.tasks.baselines import text as text_baselines
from seqkit.tasks.baselines.ratios import (
    STRENGTHS,
    RatioLogistic,
    chosen_strength,
    log_count_ratios,
    ngram_counts,
    ngrams_of_texts,
)
from seqkit.tasks.baselines.text import TOKEN


def fitted(texts: list[str], truth: Any, classes: int = 2) -> RatioLogistic:
    return RatioLogistic.fit(chunked(texts, truth), classes, seed=0)


@pytest.mark.parametrize("classes", [2, 3])
def test_answers_are_those_of_scikit_learn(classes: int) -> None:
    texts, truth = texts_and_truth(90)
    truth = truth + (np.arange(90) % 5 == 0) * (classes - 2)
    others = [*texts_and_truth(30, seed=5)[0], "never seen at all"]
    vectorizer = CountVectorizer(
        token_pattern=TOKEN, ngram_range=(1, 3), binary=True, min_df=2
    )
    features = vectorizer.fit_transform(texts).toarray()
    asked = vectorizer.transform(others).toarray()
    shares = []
    for one in range(classes):
        p, q = (
            1.0 + features[is_one].sum(0) for is_one in (truth == one, truth != one)
        )
        ratio = np.log((p / p.sum()) / (q / q.sum()))
        model = LogisticRegression(C=STRENGTHS[0], max_iter=1000)
        model.fit(features * ratio, truth == one)
        shares.append(model.predict_proba(asked * ratio)[:, 1])
    wanted = np.array(shares).T
    wanted = wanted / wanted.sum(axis=1, keepdims=True)
    found = fitted(texts, truth, classes).outputs(others)
    np.testing.assert_allclose(found, wanted, atol=2e-4)


def test_ratios_are_those_of_a_count_by_hand() -> None:
    features = scipy.sparse.csr_matrix([[1, 1, 0], [1, 0, 1], [0, 0, 1]])
    # Rows with each column, plus one: 3, 2, 2 of 7, and 1, 1, 2 of 4.
    wanted = np.log([(3 / 7) / (1 / 4), (2 / 7) / (1 / 4), (2 / 7) / (2 / 4)])
    found = log_count_ratios(features, np.array([True, True, False]))
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_an_ngram_counts_as_often_as_it_stands_in_a_row_and_across_none() -> None:
    rows = [[5, 7, 5, 7], [7, 5], [], [9]]
    counts = ngram_counts([np.array(row, np.int64) for row in rows])
    for row, tokens in enumerate(rows):
        grams = Counter(
            tuple(tokens[start : start + n])
            for n in (1, 2, 3)
            for start in range(len(tokens) - n + 1)
        )
        assert sorted(counts[row].data) == sorted(grams.values())
    # A pair has the same code in any row.
    assert set(counts[1].indices) < set(counts[0].indices)


def test_codes_tell_ngrams_apart_and_padding_is_in_none() -> None:
    tokens = np.random.default_rng(0).integers(0, 40, (1, 5000))
    whole_grams, whole_codes = set(), set()
    for n, (codes, whole) in enumerate(ngram_codes(tokens, 3), 1):
        grams = [tuple(tokens[0, at : at + n].tolist()) for at in range(5001 - n)]
        assert whole[0].tolist() == [0 not in gram for gram in grams]
        whole_grams |= {gram for gram in grams if 0 not in gram}
        whole_codes |= set(codes[0][whole[0]].tolist())
    assert len(whole_codes) == len(whole_grams) > 5000


def test_triples_that_training_saw_once_change_no_answer() -> None:
    texts, truth = texts_and_truth(200)
    texts[0] += " qwx zyx vwu"
    one, more = fitted(texts, truth).outputs(["superb plot", "superb plot qwx zyx vwu"])
    np.testing.assert_array_equal(one, more)


def test_word_order_tells_classes_apart() -> None:
    texts = ["not bad but good", "not good but bad"] * 20
    found = fitted(texts, np.arange(40) % 2).outputs(texts)
    assert (found.argmax(axis=1) == np.arange(40) % 2).all()


def test_one_class_or_no_word_gives_the_shares() -> None:
    texts = ["good film"] * 20
    one = fitted(texts, np.ones(20, int)).outputs(texts)
    np.testing.assert_array_equal(one, [[0, 1]] * 20)
    nothing = fitted(["..."] * 20, np.arange(20) % 4 // 3).outputs(["..."])
    np.testing.assert_allclose(nothing, [[0.75, 0.25]])
    lacking = fitted(*texts_and_truth(40), 3).outputs(["superb plot"])
    assert lacking[0, 2] == 0 and np.isclose(lacking.sum(), 1)


def test_strength_is_what_serves_rows_left_out() -> None:
    texts, truth = texts_and_truth(400)
    counts = ngrams_of_texts(texts)

    def strength(truth: Any, rows: int = 400) -> float:
        random = np.random.default_rng(0)
        return chosen_strength(counts[:rows], truth[:rows], 2, random)

    noise = np.random.default_rng(0).integers(0, 2, 400)
    assert strength(noise) == min(STRENGTHS) < strength(truth) == max(STRENGTHS)
    assert strength(truth, rows=99) == STRENGTHS[0]  # too few to choose on


def test_what_it_knows_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, truth = texts_and_truth(200)
    monkeypatch.setattr(text_baselines, "MAX_FEATURES", 60)
    monkeypatch.setattr(text_baselines, "MAX_BASELINE_ROWS", 90)
    baseline = fitted(texts, truth)
    assert baseline.weights.shape == (1, 60)
    assert baseline.title.endswith("(on 90 of 200 rows)")
