"""Scores of spans against seqeval in its strict mode, and their resamples as sums."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from seqeval.metrics import classification_report
from seqeval.metrics.v1 import precision_recall_fscore_support
from seqeval.scheme import IOB2, IOBES
from sklearn.metrics import accuracy_score, confusion_matrix

from seqkit.data.sources.base import open_source
from seqkit.data.tokens.codes import TagCounts, tag_codes
from seqkit.data.tokens.rows import TaggedRows, read_tagged
from seqkit.data.tokens.schemes import PREFIXES, span_types, spans
from seqkit.data.tokens.spec import TaggedText
from seqkit.errors import UnknownNameError, UsageError
from seqkit.scores.classes import confusion_frame
from seqkit.scores.clusters import resampled
from seqkit.scores.spans import SpanCounts, tag_pairs
from seqkit.tasks.baselines.tags import MostFrequentTag

SCHEMES = {"iob2": IOB2, "iobes": IOBES}
Tags = list[list[str]]


def made(scheme: str, seed: int, sentences: int = 60) -> tuple[Tags, Tags, list[str]]:
    """Random tags, legal or not, and answers that are mostly the same."""
    random = np.random.default_rng(seed)
    prefixes = PREFIXES[scheme].replace("O", "")
    tags = [
        "O",
        *(f"{prefix}-{kind}" for kind in ("loc", "per") for prefix in prefixes),
    ]
    truth, answers = [], []
    for _ in range(sentences):
        wanted = random.choice(tags, random.integers(1, 12))
        noise = random.choice(tags, len(wanted))
        answers.append(
            np.where(random.random(len(wanted)) < 0.3, noise, wanted).tolist()
        )
        truth.append(wanted.tolist())
    return truth, answers, tags


def counted(
    truth: Tags, answers: Tags, scheme: str, types: tuple[str, ...]
) -> tuple[SpanCounts, NDArray[np.float64]]:
    counts = SpanCounts(types)
    found = [[spans(tags, scheme) for tags in rows] for rows in (truth, answers)]
    return counts, counts.statistics(truth, answers, *found)


def value(counts: SpanCounts, metric: str, statistics: NDArray[np.float64]) -> float:
    return float(counts.formula(metric, statistics.sum(axis=0)[:, None])[0])


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("seed", range(5))
def test_spans_score_as_in_strict_seqeval(scheme: str, seed: int) -> None:
    truth, answers, tags = made(scheme, seed)
    counts, statistics = counted(truth, answers, scheme, span_types(tags, scheme))
    wanted = precision_recall_fscore_support(
        truth, answers, average="micro", scheme=SCHEMES[scheme]
    )
    found = [value(counts, name, statistics) for name in ("precision", "recall", "f1")]
    np.testing.assert_allclose(found, wanted[:3], rtol=1e-12)
    assert 0.1 < found[2] < 0.9

    table = counts.of_types(statistics.sum(axis=0)[:, None]).set_index("type")
    report: Any = classification_report(
        truth, answers, output_dict=True, mode="strict", scheme=SCHEMES[scheme]
    )
    for name in ("loc", "per"):
        theirs = report[name]
        ours = table.loc[name, ["precision", "recall", "f1", "true"]].astype(float)
        wanted_row = [theirs[k] for k in ("precision", "recall", "f1-score", "support")]
        np.testing.assert_allclose(ours, wanted_row, rtol=1e-12)


def test_token_accuracy_is_that_of_all_tokens() -> None:
    truth, answers, _ = made("iob2", 1)
    counts, statistics = counted(truth, answers, "iob2", ("loc", "per"))
    wanted = accuracy_score(sum(truth, []), sum(answers, []))
    assert value(counts, "accuracy", statistics) == pytest.approx(wanted)
    plain = SpanCounts(())
    assert list(plain.metrics) == ["f1", "accuracy"] and plain.width == 2
    assert value(plain, "accuracy", plain.statistics(truth, answers)) == wanted


def test_statistics_by_hand() -> None:
    truth = [["B-per", "I-per", "O", "B-loc"], ["O"]]
    answers = [["B-per", "O", "O", "B-loc"], ["B-loc"]]
    _, statistics = counted(truth, answers, "iob2", ("loc", "per"))
    assert statistics.tolist() == [[4, 3, 1, 1, 1, 1, 1, 0], [1, 0, 0, 1, 0, 0, 0, 0]]


def test_what_cannot_be_scored_is_nan_and_no_answer_scores_nothing() -> None:
    counts, none = counted([["O"]], [["O"]], "iob2", ("x",))
    for metric in ("f1", "precision", "recall"):
        assert np.isnan(value(counts, metric, none))
    for pair in (([["B-x"]], [["O"]]), ([["O"]], [["B-x"]])):
        _, statistics = counted(*pair, "iob2", ("x",))
        for metric in ("f1", "precision", "recall"):
            assert value(counts, metric, statistics) == 0
    assert np.isnan(counts.formula("accuracy", np.zeros((5, 2)))).all()


def test_resamples_are_scores_of_the_sentences_that_they_draw() -> None:
    truth, answers, _ = made("iob2", 3, sentences=40)
    counts, statistics = counted(truth, answers, "iob2", ("loc", "per"))
    sums = resampled(np.arange(40), statistics, 200, seed=4).T
    values = counts.formula("f1", sums)
    assert values.shape == (201,) and values[0] == value(counts, "f1", statistics)
    # A resample that draws each sentence so often is the data with each so often.
    times = np.random.default_rng(0).poisson(1.0, 40)
    drawn = np.repeat(np.arange(40), times)
    repeated = [[rows[i] for i in drawn] for rows in (truth, answers)]
    wanted = precision_recall_fscore_support(*repeated, average="micro", scheme=IOB2)[2]
    weighted = counts.formula("f1", (times @ statistics)[:, None])
    assert weighted[0] == pytest.approx(wanted)

    table = counts.of_types(sums)
    assert (table["f1_low"] < table["f1"]).all() and (
        table["f1"] < table["f1_high"]
    ).all()
    assert list(table.columns[:4]) == ["type", "true", "predicted", "correct"]


def test_a_type_without_spans_has_no_scores_in_the_table() -> None:
    truth, answers, _ = made("iob2", 3, sentences=40)
    counts, statistics = counted(truth, answers, "iob2", ("loc", "per", "rare"))
    table = counts.of_types(resampled(np.arange(40), statistics, 50, 0).T)
    row = table.set_index("type").loc["rare"]
    assert row[["true", "predicted", "correct"]].tolist() == [0, 0, 0]
    assert row[["f1", "f1_low", "f1_high", "recall"]].isna().all()


def test_what_does_not_fit_is_refused() -> None:
    counts = SpanCounts(("x",))
    with pytest.raises(
        UsageError, match="got 2 sentences and answers for 1, and spans"
    ):
        counts.statistics([["O"], ["O"]], [["O"]], [[], []], [[]])
    with pytest.raises(UsageError, match="sentence 1 has 2 tokens and 1 answers"):
        counts.statistics([["O"], ["O", "O"]], [["O"], ["O"]], [[], []], [[], []])
    with pytest.raises(UnknownNameError, match="No metric 'span'. Known: f1, "):
        counts.formula("span", np.ones((5, 1)))
    with pytest.raises(UnknownNameError, match="Known: f1, accuracy"):
        SpanCounts(()).formula("recall", np.ones((2, 1)))


def test_confusion_counts_tokens_by_truth_and_answer() -> None:
    random = np.random.default_rng(0)
    truth = [random.integers(0, 3, n) for n in (4, 1, 6)]
    answers = [random.integers(0, 3, n) for n in (4, 1, 6)]
    pairs = tag_pairs(truth, answers, 4)
    wanted = confusion_matrix(
        np.concatenate(truth), np.concatenate(answers), labels=range(4)
    )
    np.testing.assert_array_equal(pairs, wanted)
    table = confusion_frame(("a", "b", "c", "d"), pairs)
    assert table["count"].to_numpy().reshape(4, 4).tolist() == wanted.tolist()
    of_b = table[table["truth"] == "b"]
    assert of_b["predicted"].tolist() == ["a", "b", "c", "d"]
    assert of_b["share"].sum() == pytest.approx(1.0)
    assert table[table["truth"] == "d"]["share"].isna().all()
    assert tag_pairs([], [], 2).tolist() == [[0, 0], [0, 0]]


@pytest.mark.data
def test_answers_to_wnut17_score_as_in_strict_seqeval(data_folder: Path) -> None:
    spec = TaggedText(source=f"conll:{data_folder}/wnut17", tokens="0", tags="1")
    source = open_source(spec)
    train, dev = (
        TaggedRows(
            [tokens for rows in chunks for tokens in rows.tokens],
            [tags for rows in chunks for tags in rows.tags],
        )
        for chunks in (
            list(read_tagged(source, part, spec)) for part in ("train", "validation")
        )
    )
    tag_counts = TagCounts()
    tag_counts.add(train.tags)
    tags = tag_counts.tags("1", source.name)
    codes = tag_codes(train.tags, tags, source.name)
    pairs = zip(train.tokens, codes, strict=True)
    baseline = MostFrequentTag.fit(pairs, len(tags))
    answers = [[tags[code] for code in baseline.codes(row)] for row in dev.tokens]
    counts, statistics = counted(dev.tags, answers, "iob2", span_types(tags, "iob2"))
    wanted = precision_recall_fscore_support(
        dev.tags, answers, average="micro", scheme=IOB2
    )
    found = [value(counts, name, statistics) for name in ("precision", "recall", "f1")]
    np.testing.assert_allclose(found, wanted[:3], rtol=1e-12)
    assert found[2] == pytest.approx(0.1647, abs=1e-4)
