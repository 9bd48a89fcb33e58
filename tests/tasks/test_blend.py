"""Linear models of words and letters beside a network, blended by validation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from tiny import TINY, reviews

import seqkit
from seqkit.errors import ExportError, UsageError
from seqkit.models.blend import (
    LETTER_TFIDF,
    MOST_BUCKETS,
    apart,
    linears_of,
    parts,
    shares_of,
)
from seqkit.runs.run import Run
from seqkit.tasks.blend import PULL, normed
from seqkit.tasks.wide import chosen_shares

CHANGES = TINY | {
    "data.vocab_size": 60,
    "data.validation": 0.3,
    "data.letters": True,
    "model.wide": "blend",
    "train.epochs": 1,
}
"""Training has fewer rows than C is chosen on."""


def trained(folder: Path, **changes: Any) -> Run:
    own = {key.replace("__", "."): value for key, value in changes.items()}
    options: dict[str, Any] = {"data": reviews(120), "progress": False}
    return seqkit.fit("sample_sentiment", CHANGES | own, out=folder, **options)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained(tmp_path_factory.mktemp("blend") / "run")


def part_of(run: Run, part: str) -> tuple[list[str], Any]:
    from seqkit.data.sources.given import given_source

    recipe = run.recipe
    source = given_source(reviews(120), recipe.data)
    chunks = list(run.task.open(recipe.data, recipe.model, source).examples(part))
    texts = [text for chunk in chunks for text in chunk.inputs]
    return texts, np.concatenate([chunk.truth for chunk in chunks])


def outputs(run: Run, model: Any, texts: list[str]) -> Any:
    return run.preprocessing.inputs.answered(model, False)(texts)  # type: ignore[attr-defined]


def test_letters_alone_answer_as_scikit_learn_does(run: Run) -> None:
    texts, truth = part_of(run, "train")
    vectorizer = CountVectorizer(
        analyzer="char", ngram_range=(1, 5), min_df=2, lowercase=True
    )
    vectorizer.set_params(preprocessor=str.lower)
    counts = vectorizer.fit_transform(texts).astype(float)
    idf = np.log((1 + len(texts)) / (1 + (counts > 0).sum(axis=0).A1)) + 1
    buckets = run.model.get_layer(LETTER_TFIDF.layer).buckets
    assert counts.shape[1] < MOST_BUCKETS == buckets

    def features(some: Any) -> Any:
        rows = np.asarray(some.todense()) * idf
        norms = np.sqrt((np.asarray(some.todense()) * idf**2).sum(axis=1))
        return rows / np.maximum(norms, 1e-9)[:, None]

    model = LogisticRegression(C=LETTER_TFIDF.strengths[0], max_iter=1000)
    model.fit(features(counts), truth)
    others = reviews(30, seed=4)["text"].tolist()
    wanted = model.predict_proba(features(vectorizer.transform(others)))
    scores = outputs(run, apart(run.model), others)[LETTER_TFIDF.layer]
    # A few n-grams share buckets, and the rarer ones are left out.
    np.testing.assert_allclose(np.exp(scores), wanted, atol=0.02)


def test_a_text_counts_no_more_for_being_long() -> None:
    counts = np.array([[2.0, 1.0], [8.0, 4.0], [0.0, 0.0]])
    rows = normed(csr_matrix(counts), np.array([1.0, 3.0])).toarray()
    np.testing.assert_allclose(rows[0], np.array([2, 3]) / np.sqrt(2 + 9))
    np.testing.assert_allclose(rows[1], 2 * rows[0])
    assert rows[2].tolist() == [0, 0]


def test_shares_are_those_of_the_validation_rows(run: Run) -> None:
    texts, truth = part_of(run, "validation")
    answers = outputs(run, apart(run.model), texts)
    scores = [np.log(answers.pop("deep")), *answers.values()]
    # Training has no rows that C was chosen on: validation alone says all.
    among = np.array(chosen_shares(scores[1:], truth, PULL))
    linear = np.tensordot(among, np.stack(scores[1:]), 1)
    deep, rest = chosen_shares([scores[0], linear], truth, PULL, [0.25, 0.75])
    shares = np.array([deep, *(rest * among)])
    np.testing.assert_allclose(shares_of(run.model), shares, atol=1e-3)
    assert len(shares) == 5 == 1 + len(linears_of(run.model))
    whole = run.preprocessing.answering(run.model)(texts)
    mixed = sum(share * score for share, score in zip(shares, scores, strict=True))
    np.testing.assert_allclose(whole, softmax(mixed, axis=1), atol=1e-3)


@pytest.mark.slow
def test_rows_that_c_was_chosen_on_say_how_much_linear_models_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seqkit.tasks import blend

    seen: list[int] = []
    choose = blend.chosen_shares

    def noted(scores: Any, truth: Any, *more: Any) -> Any:
        seen.append(len(truth))
        assert all(len(one) == len(truth) for one in scores)
        return choose(scores, truth, *more)

    monkeypatch.setattr(blend, "chosen_shares", noted)
    monkeypatch.setattr(blend, "FEWEST_CHOICE_ROWS", 50)
    run = trained(tmp_path / "run")
    rows = run.facts["rows"]
    assert seen == [rows["train"] // 5 + rows["validation"], rows["validation"]]


def test_the_report_gives_the_network_and_the_linear_models_alone(run: Run) -> None:
    report = run.evaluate()
    assert list(report.parts) == ["without n-grams", "n-grams alone"]
    texts = reviews(9, seed=4)["text"].tolist()
    for model in parts(run.model).values():
        np.testing.assert_allclose(outputs(run, model, texts).sum(axis=1), 1, atol=1e-5)


def test_a_run_reads_back_as_it_was(run: Run) -> None:
    texts = ["a GOOD film", "", "   ", "dull \U0001f600"]
    assert Run(run.path, frame=reviews(120)).predict(texts).equals(run.predict(texts))


@pytest.mark.slow
def test_refit_keeps_the_shares_and_three_classes_do(tmp_path: Path) -> None:
    frame = reviews(150)
    frame["label"] = [("bad", "good", "so-so")[row % 3] for row in range(150)]
    whole = seqkit.fit(
        "sample_sentiment",
        CHANGES | {"data.class_names": None, "train.refit": True},
        data=frame,
        out=tmp_path / "run",
        progress=False,
    )
    assert whole.predict(["a good film"])["label"].isin(["bad", "good", "so-so"]).all()
    shares = shares_of(whole.model)
    assert len(shares) == 5 and shares.min() >= 0 and not np.allclose(shares, 0.2)


def test_letters_need_the_blend() -> None:
    with pytest.raises(UsageError, match="data.letters serves model.wide: blend alone"):
        seqkit.load_recipe("sample_sentiment", {"data.letters": True})


@pytest.mark.slow
@pytest.mark.parametrize("format", ["savedmodel", "keras"])
def test_an_export_answers_as_the_run(run: Run, tmp_path: Path, format: str) -> None:
    # It is asked in a fresh process, which raises where answers differ.
    run.export(tmp_path / format, format=format)


@pytest.mark.slow
@pytest.mark.parametrize("format", ["onnx", "litert"])
def test_a_core_model_of_two_inputs_is_refused(
    run: Run, tmp_path: Path, format: str
) -> None:
    with pytest.raises(ExportError, match="Use the format 'savedmodel'"):
        run.export(tmp_path / format, format=format)
