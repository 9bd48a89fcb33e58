"""Scores of tags against seqeval in its strict mode, and their resamples as sums."""

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

from seqkit.data.rows.reading import AnsweredRows
from seqkit.data.sources.base import open_source
from seqkit.data.tokens.rows import TokensReading
from seqkit.data.tokens.scan import TagScan
from seqkit.data.tokens.schemes import PREFIXES, span_types, spans
from seqkit.data.tokens.spec import TaggedText
from seqkit.errors import UnknownNameError, UsageError
from seqkit.scores.classes import confusion_frame, tag_pairs
from seqkit.scores.intervals import PoissonBootstrap
from seqkit.scores.tags import TagScorer
from seqkit.tasks.answers.tags import Tags as TagsAnswer
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


def scored(
    truth: Tags,
    answers: Tags,
    scheme: str,
    types: tuple[str, ...],
    times: NDArray[np.int64] | None = None,
) -> TagScorer:
    """A scorer of these sentences, each so many ``times``."""
    tags = sorted({tag for rows in (truth, answers) for row in rows for tag in row})
    scorer = TagScorer(tags, types, lambda one: spans(one, scheme), resamples=200)
    drawn = np.repeat(np.arange(len(truth)), 1 if times is None else times)
    codes = [
        [np.array([tags.index(tag) for tag in rows[row]]) for row in drawn]
        for rows in (truth, answers)
    ]
    scorer.update(codes[0], {"tags": codes[1]})
    return scorer


def value(scorer: TagScorer, metric: str) -> float:
    return scorer.result().metrics[metric][0]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("seed", range(5))
def test_spans_score_as_in_strict_seqeval(scheme: str, seed: int) -> None:
    truth, answers, tags = made(scheme, seed)
    scorer = scored(truth, answers, scheme, span_types(tags, scheme))
    wanted = precision_recall_fscore_support(
        truth, answers, average="micro", scheme=SCHEMES[scheme]
    )
    found = [value(scorer, name) for name in ("precision", "recall", "f1")]
    np.testing.assert_allclose(found, wanted[:3], rtol=1e-12)
    assert 0.1 < found[2] < 0.9

    table = scorer.tables()["types"].set_index("type")
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
    wanted = accuracy_score(sum(truth, []), sum(answers, []))
    scorer = scored(truth, answers, "iob2", ("loc", "per"))
    assert value(scorer, "accuracy") == pytest.approx(wanted)
    plain = scored(truth, answers, "plain", ())
    assert list(plain.metrics) == ["f1", "accuracy"] and plain.sums().shape[0] == 2
    assert value(plain, "accuracy") == wanted


def test_statistics_by_hand() -> None:
    truth = [["B-per", "I-per", "O", "B-loc"], ["O"]]
    answers = [["B-per", "O", "O", "B-loc"], ["B-loc"]]
    sentences = [([one], [other]) for one, other in zip(truth, answers, strict=True)]
    scorers = [scored(*one, "iob2", ("loc", "per")) for one in sentences]
    statistics = [scorer.sums()[:, 0].tolist() for scorer in scorers]
    assert statistics == [[4, 3, 1, 1, 1, 1, 1, 0], [1, 0, 0, 1, 0, 0, 0, 0]]


def test_what_cannot_be_scored_is_nan_and_no_answer_scores_nothing() -> None:
    none = scored([["O"]], [["O"]], "iob2", ("x",))
    for metric in ("f1", "precision", "recall"):
        assert np.isnan(value(none, metric))
    for pair in (([["B-x"]], [["O"]]), ([["O"]], [["B-x"]])):
        scorer = scored(*pair, "iob2", ("x",))
        for metric in ("f1", "precision", "recall"):
            assert value(scorer, metric) == 0
    with np.errstate(invalid="ignore"):
        assert np.isnan(none.formula("accuracy", np.zeros((5, 2)))).all()


def test_resamples_are_scores_of_the_sentences_that_they_draw() -> None:
    truth, answers, _ = made("iob2", 3, sentences=40)
    scorer = scored(truth, answers, "iob2", ("loc", "per"))
    sums = scorer.sums()
    values = scorer.formula("f1", sums)
    assert values.shape == (201,) and values[0] == value(scorer, "f1")
    # A resample that draws each sentence so often is the data with each so often.
    times = PoissonBootstrap(200, 0).weights(40)[6].astype(np.int64)
    assert times.sum() != 40
    drawn = np.repeat(np.arange(40), times)
    repeated = [[rows[i] for i in drawn] for rows in (truth, answers)]
    wanted = precision_recall_fscore_support(*repeated, average="micro", scheme=IOB2)[2]
    assert values[7] == pytest.approx(wanted)
    again = scored(truth, answers, "iob2", ("loc", "per"), times)
    np.testing.assert_array_equal(again.sums()[:, 0], sums[:, 7])

    table = scorer.tables()["types"]
    assert (table["f1_low"] < table["f1"]).all() and (
        table["f1"] < table["f1_high"]
    ).all()
    assert list(table.columns[:4]) == ["type", "true", "predicted", "correct"]


def test_a_type_without_spans_has_no_scores_in_the_table() -> None:
    truth, answers, _ = made("iob2", 3, sentences=40)
    table = scored(truth, answers, "iob2", ("loc", "per", "rare")).tables()["types"]
    row = table.set_index("type").loc["rare"]
    assert row[["true", "predicted", "correct"]].tolist() == [0, 0, 0]
    assert row[["f1", "f1_low", "f1_high", "recall"]].isna().all()


def test_what_does_not_fit_is_refused() -> None:
    scorer = scored([["O"]], [["O"]], "iob2", ("x",))
    outside, pair = np.array([0]), np.array([0, 0])
    with pytest.raises(UsageError, match="got 2 sentences and answers for 1."):
        scorer.update([outside, outside], {"tags": [outside]})
    with pytest.raises(UsageError, match="sentence 1 has 2 tokens and 1 answers"):
        scorer.update([outside, pair], {"tags": [outside, outside]})
    assert scorer.rows == 1
    with pytest.raises(UnknownNameError, match="No metric 'span'. Known: f1, "):
        TagScorer.paired([scorer, scorer], "span")
    plain = scored([["O"]], [["O"]], "plain", ())
    with pytest.raises(UnknownNameError, match="Known: f1, accuracy"):
        TagScorer.paired([plain, plain], "recall")


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
    source, reading = open_source(spec), TokensReading(spec, "1")
    scan = TagScan(spec, source.name)
    chunks = list(reading.rows(source, "train"))
    for rows in chunks:
        scan.note(rows)
    scan.finish()
    tags, answer = scan.values, TagsAnswer(scan.values, scan.scheme)
    train = [
        pair
        for rows in chunks
        for pair in zip(rows.inputs, answer.truth(rows, spec, "", ""), strict=True)
    ]
    baseline = MostFrequentTag.fit(train, len(tags))
    dev: list[AnsweredRows[list[str]]] = list(reading.rows(source, "validation"))
    tokens, truth = (
        [one for rows in dev for one in getattr(rows, name)]
        for name in ("inputs", "answers")
    )
    answers = [[tags[code] for code in baseline.codes(row)] for row in tokens]
    scorer = scored(truth, answers, "iob2", span_types(tags, "iob2"))
    wanted = precision_recall_fscore_support(
        truth, answers, average="micro", scheme=IOB2
    )
    found = [value(scorer, name) for name in ("precision", "recall", "f1")]
    np.testing.assert_allclose(found, wanted[:3], rtol=1e-12)
    assert found[2] == pytest.approx(0.1647, abs=1e-4)


# As sentences stream by

TAGS = ("O", "B-x", "I-x", "B-y")


def drawn(seed: int, sentences: int = 90) -> list[np.ndarray]:
    draw = np.random.default_rng(seed)
    return [draw.integers(0, 4, n) for n in draw.integers(1, 9, sentences)]


def answered(truth: list[np.ndarray], seed: int) -> dict[str, list[np.ndarray]]:
    draw = np.random.default_rng(seed)
    others = [np.where(draw.random(len(t)) < 0.4, 0, t) for t in truth]
    return {"tags": others}


def scorer(types: tuple[str, ...] = ("x", "y")) -> TagScorer:
    return TagScorer(TAGS, types, lambda tags: spans(tags, "iob2"))


def counted(chunk: int, types: tuple[str, ...] = ("x", "y")) -> TagScorer:
    truth = drawn(0)
    outputs, made = answered(truth, 1), scorer(types)
    for start in range(0, len(truth), chunk):
        rows = slice(start, start + chunk)
        made.update(truth[rows], {"tags": outputs["tags"][rows]})
    return made


def test_chunks_do_not_matter_and_seqeval_says_the_same() -> None:
    one, other = counted(90).result(), counted(7).result()
    assert one.metrics == other.metrics and one.rows == 90
    truth = drawn(0)
    words = [
        [[TAGS[code] for code in codes] for codes in rows]
        for rows in (truth, answered(truth, 1)["tags"])
    ]
    wanted = precision_recall_fscore_support(*words, average="micro", scheme=IOB2)
    for name, value in zip(("precision", "recall", "f1"), wanted, strict=False):
        mine, low, high = one.metrics[name]
        assert mine == pytest.approx(value) and low < mine < high


def test_plain_tags_have_one_number_by_two_names() -> None:
    scores = counted(90, ()).result()
    assert set(scores.metrics) == {"f1", "accuracy"}
    assert scores.metrics["f1"] == scores.metrics["accuracy"]
    assert set(scores.tables) == {"confusion"}


def test_tables_count_types_and_tokens() -> None:
    scores = counted(90).result()
    truth = np.concatenate(drawn(0))
    confusion = scores.tables["confusion"]
    assert confusion["count"].sum() == len(truth)
    of_outside = confusion[confusion["truth"] == "O"]
    assert of_outside["count"].tolist() == [int((truth == 0).sum()), 0, 0, 0]
    assert scores.tables["types"]["type"].tolist() == ["x", "y"]


def test_a_difference_is_paired_over_the_same_sentences() -> None:
    good, same = counted(90), counted(90)
    value, low, high = TagScorer.difference(good, same, "f1")
    assert value == low == high == 0
