"""Baselines of text against scikit-learn; what training never saw weighs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import (
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression
from tiny_examples import chunked, texts_and_truth

from seqkit.tasks.base import load_baselines, save_baselines
from seqkit.tasks.baselines import text as text_baselines
from seqkit.tasks.baselines.constant import MajorityClass
from seqkit.tasks.baselines.ratios import RatioLogistic
from seqkit.tasks.baselines.text import (
    STRENGTHS,
    TOKEN,
    TfidfLogistic,
    older_baselines,
)


def fitted(texts: list[str], truth: Any, classes: int = 2) -> TfidfLogistic:
    return TfidfLogistic.fit(chunked(texts, truth), classes, seed=0)


@pytest.mark.parametrize("classes", [2, 3])
def test_answers_are_those_of_scikit_learn(classes: int) -> None:
    texts, truth = texts_and_truth(90)
    truth = truth + (np.arange(90) % 5 == 0) * (classes - 2)
    vectorizer = TfidfVectorizer(
        token_pattern=TOKEN, ngram_range=(1, 2), sublinear_tf=True
    )
    model = LogisticRegression(C=10.0, max_iter=1000)
    model.fit(vectorizer.fit_transform(texts), truth)
    others = [*texts_and_truth(30, seed=5)[0], "never seen at all"]
    wanted = model.predict_proba(vectorizer.transform(others))
    found = fitted(texts, truth, classes).outputs(others)
    np.testing.assert_allclose(found, wanted, atol=2e-4)


def test_words_and_pairs_that_training_never_saw_change_no_answer() -> None:
    baseline = fitted(*texts_and_truth(200))
    one, more = baseline.outputs(["superb plot", "superb plot qwx zyx vwu"])
    np.testing.assert_array_equal(one, more)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I don't know!", ["I", "don", "t", "know", "!"]),
        ("很好看的film了", ["很", "好", "看", "的", "film", "了"]),
        ("ดี no_1", ["ด", "ี", "no_1"]),
        ("so \U0001f600\U0001f600", ["so", "\U0001f600", "\U0001f600"]),
        ("na\u00efve caf\u00e9", ["na\u00efve", "caf\u00e9"]),
    ],
)
def test_scripts_without_spaces_are_read_letter_by_letter(
    text: str, tokens: list[str]
) -> None:
    vectorizer = TfidfVectorizer(token_pattern=TOKEN, lowercase=False)
    assert vectorizer.build_analyzer()(text) == tokens


def test_letters_of_a_sentence_without_spaces_tell_its_class() -> None:
    texts = [f"{'很好看的电影' if row % 2 else '太难看了吧'}{row}" for row in range(60)]
    found = fitted(texts, np.arange(60) % 2).outputs(["太难看了", "很好看的"])
    assert found.argmax(axis=1).tolist() == [0, 1]


def test_strength_is_what_serves_rows_left_out() -> None:
    texts, truth = texts_and_truth(400)
    assert (STRENGTHS[0], max(STRENGTHS), min(STRENGTHS)) == (10, 30, 3)

    def strength(truth: Any, rows: int = 400) -> float:
        counts = text_baselines.word_counts(texts[:rows])
        return text_baselines._choice(counts, truth[:rows], 2, np.arange(rows))[1]

    assert strength(truth) == 30  # one word tells all
    assert strength(np.random.default_rng(0).integers(0, 2, 400)) == 3  # nothing does
    assert strength(truth, rows=99) == 10  # too few to choose on


def test_what_it_knows_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, truth = texts_and_truth(200)
    monkeypatch.setattr(text_baselines, "MAX_FEATURES", 40)
    baseline = fitted(texts, truth)
    assert baseline.weights.shape == (2, 40)
    monkeypatch.setattr(text_baselines, "MAX_WEIGHTS", 60)
    baseline = fitted(texts, truth)
    assert baseline.weights.shape == (2, 30)
    # The telling words are among the most frequent.
    assert (baseline.outputs(texts).argmax(axis=1) == truth).mean() > 0.95


def test_one_class_or_no_word_gives_the_shares() -> None:
    texts = ["good film"] * 20
    one = fitted(texts, np.ones(20, int)).outputs(texts)
    np.testing.assert_array_equal(one, [[0, 1]] * 20)
    nothing = fitted(["..."] * 20, np.arange(20) % 4 // 3).outputs(["..."])
    np.testing.assert_allclose(nothing, [[0.75, 0.25]])


def test_saved_baselines_answer_alike(tmp_path: Path) -> None:
    texts, truth = texts_and_truth(120)
    ratios = RatioLogistic.fit(chunked(texts, truth), 2, seed=0)
    baselines = [MajorityClass.fit(truth, 2), fitted(texts, truth), ratios]
    save_baselines(baselines, tmp_path)
    for one, other in zip(
        baselines, load_baselines(tmp_path, older_baselines), strict=True
    ):
        assert one.title == other.title
        np.testing.assert_array_equal(one.outputs(texts), other.outputs(texts))


def test_baselines_of_older_runs_answer_as_they_did(tmp_path: Path) -> None:
    texts, truth = texts_and_truth(80)
    vectorizer = HashingVectorizer(
        n_features=2**10, ngram_range=(1, 2), alternate_sign=False, norm=None
    )
    transformer = TfidfTransformer(sublinear_tf=True)
    features = transformer.fit_transform(vectorizer.transform(texts))
    model = LogisticRegression(C=10.0).fit(features, truth)
    np.savez_compressed(
        tmp_path / "baselines.npz",
        shares=np.array([0.5, 0.5], np.float32),
        idf=transformer.idf_,
        weights=np.stack([np.zeros(2**10), model.coef_[0]]).astype(np.float32),
        bias=np.array([0.0, model.intercept_[0]], np.float32),
        rows=np.array([80, 80]),
    )
    _, linear = load_baselines(tmp_path, older_baselines)
    wanted = model.predict_proba(
        transformer.transform(vectorizer.transform(["a plot"]))
    )
    np.testing.assert_allclose(linear.outputs(["a plot"]), wanted, atol=1e-5)
