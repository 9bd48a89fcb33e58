"""N-grams beside a text classifier: fitted apart, mixed in by validation, reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from tiny import TINY, reviews

import seqkit
from seqkit.models.wide import BOTH, NGRAMS, in_buckets, parts, shares_of
from seqkit.runs.run import Run
from seqkit.scores.intervals import shown
from seqkit.tasks.baselines.ratios import STRENGTHS
from seqkit.tasks.wide import chosen_shares

CHANGES = TINY | {"data.vocab_size": 60, "train.epochs": 2, "data.validation": 0.3}
"""Training has fewer rows than C is chosen on."""


def trained(folder: Path, wide: str, **options: Any) -> Run:
    changes = CHANGES | {"model.wide": wide}
    options = {"data": reviews(120), "progress": False} | options
    return seqkit.fit("sample_sentiment", changes, out=folder, **options)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained(tmp_path_factory.mktemp("wide") / "run", "ngrams")


def texts_of(run: Run, part: str) -> tuple[list[str], Any]:
    from seqkit.data.sources.given import given_source

    recipe, data = run.recipe, reviews(120)
    rows = run.task.open(recipe.data, recipe.model, given_source(data, recipe.data))
    chunks = list(rows.examples(part))
    texts = [text for chunk in chunks for text in chunk.inputs]
    return texts, np.concatenate([chunk.truth for chunk in chunks])


def probabilities(run: Run, model: keras.Model, texts: list[str]) -> Any:
    return run.preprocessing.answering(model)(texts)


def test_the_network_is_bit_for_bit_the_one_without_ngrams(
    run: Run, tmp_path: Path
) -> None:
    plain = trained(tmp_path / "plain", "none")
    deep = [w for w in run.model.weights if w.trainable]
    for one, other in zip(deep, plain.model.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    alone = keras.Model(run.model.input, run.model.get_layer("probabilities").output)
    texts = reviews(30, seed=4)["text"].tolist()
    np.testing.assert_array_equal(
        probabilities(run, alone, texts), probabilities(plain, plain.model, texts)
    )


def test_refit_keeps_the_shares_that_validation_rows_chose(
    run: Run, tmp_path: Path
) -> None:
    changes = CHANGES | {"model.wide": "ngrams", "train.refit": True}
    again = seqkit.fit(
        "sample_sentiment",
        changes,
        data=reviews(120),
        out=tmp_path / "run",
        progress=False,
    )
    assert shares_of(again.model) == shares_of(run.model) != (0.5, 0.5)
    kernels = [one.model.get_layer(NGRAMS).kernel.numpy() for one in (run, again)]
    assert not np.array_equal(*kernels)


def test_ngrams_alone_answer_as_scikit_learn_does(run: Run) -> None:
    texts, truth = texts_of(run, "train")
    encoder = run.preprocessing.inputs.encoder  # type: ignore[attr-defined]
    known = set(encoder.vocabulary[2:])

    def grams(text: str) -> list[str]:
        words = text.lower().split()[: encoder.max_timesteps]
        each = [words[a : a + n] for n in (1, 2, 3) for a in range(len(words) + 1 - n)]
        return [" ".join(gram) for gram in each if known.issuperset(gram)]

    vectorizer = CountVectorizer(analyzer=grams, min_df=2)
    counts = vectorizer.fit_transform(texts).toarray()
    p, q = (1.0 + (counts[truth == one] > 0).sum(axis=0) for one in (1, 0))
    ratio = np.log((p / p.sum()) / (q / q.sum()))
    model = LogisticRegression(C=STRENGTHS[0], max_iter=1000)
    model.fit(counts * ratio, truth)
    others = reviews(30, seed=4)["text"].tolist()
    wanted = model.predict_proba(vectorizer.transform(others).toarray() * ratio)
    found = probabilities(run, parts(run.model, "n-grams")["n-grams alone"], others)
    np.testing.assert_allclose(found, wanted, atol=2e-4)


def test_shares_are_those_of_the_validation_rows(run: Run) -> None:
    texts, truth = texts_of(run, "validation")
    deep, wide = (
        np.log(probabilities(run, model, texts))
        for model in parts(run.model, "n-grams").values()
    )
    wanted = chosen_shares([deep, wide], truth)
    mixture = run.model.get_layer(BOTH)
    assert (float(mixture.deep), float(mixture.wide)) == pytest.approx(wanted, abs=1e-3)
    logits = wanted[0] * deep + wanted[1] * wide
    mixed = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    whole = probabilities(run, run.model, texts)
    np.testing.assert_allclose(whole, mixed, atol=1e-4)


def test_shares_cost_least() -> None:
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 3, 60)
    deep, wide = (
        scale * np.eye(3)[truth] + draw.normal(size=(60, 3)) for scale in (1.5, 0.5)
    )

    def cost(a: float, b: float) -> float:
        logits = a * deep + b * wide
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        pull = (a - 0.5) ** 2 + (b - 0.5) ** 2
        return float(pull - logs[np.arange(60), truth].sum())

    a, b = chosen_shares([deep, wide], truth)
    grid = np.linspace(0, 3, 31)
    assert cost(a, b) <= min(cost(one, other) for one in grid for other in grid)
    assert a > b > 0


def test_shares_without_rows_are_halves_and_none_is_negative() -> None:
    none = np.zeros((0, 2))
    assert chosen_shares([none, none], np.zeros(0, int)) == (0.5, 0.5)
    truth = np.arange(50) % 2
    right = 4.0 * np.eye(2)[truth]
    assert chosen_shares([right, -right], truth)[1] == 0


def test_the_most_frequent_ngram_has_the_bucket(run: Run) -> None:
    buckets = run.model.get_layer("ngram_scores").buckets
    columns = np.array([3, 5, 3 + buckets, 3 + 2 * buckets], np.int32)
    kept = in_buckets(columns, np.array([2, 2, 9, 9]), buckets)
    assert kept.tolist() == [5, 3 + buckets]


def test_the_report_gives_both_parts_and_what_the_whole_adds(run: Run) -> None:
    report = run.evaluate()
    assert list(report.parts) == ["without n-grams", "n-grams alone"]
    lines = str(report).splitlines()
    for title, line in zip(report.parts, lines[1:3], strict=True):
        score = shown(report.parts[title]["accuracy"])
        assert line.startswith(f"{title}: accuracy {score}; the whole model ")
        lead = report.metrics["accuracy"][0] - report.parts[title]["accuracy"][0]
        assert report.part_leads[title][0] == pytest.approx(lead)
    assert list(report.table().index[:3]) == [report.name, *report.parts]
    assert report.to_dict()["parts"].keys() == report.parts.keys()
    assert all(line in report._repr_html_() for line in lines[1:3])


@pytest.mark.slow
def test_a_run_that_broke_ends_in_the_same_weights(run: Run, tmp_path: Path) -> None:
    from tiny_training import StopAt

    stop = [StopAt(1, ZeroDivisionError)]
    with pytest.raises(ZeroDivisionError):
        trained(tmp_path / "run", "ngrams", callbacks=stop)
    resumed = seqkit.fit(resume=tmp_path / "run", data=reviews(120), progress=False)
    pairs = zip(run.model.weights, resumed.model.weights, strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


@pytest.mark.slow
@pytest.mark.parametrize("format", ["savedmodel", "keras", "onnx", "litert"])
def test_an_export_answers_as_the_run(run: Run, tmp_path: Path, format: str) -> None:
    # It is asked in a fresh process, which raises where answers differ.
    run.export(tmp_path / format, format=format)
