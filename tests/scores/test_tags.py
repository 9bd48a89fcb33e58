"""Scores of a tag a token, as sentences stream by."""

from __future__ import annotations

import numpy as np
import pytest
from seqeval.metrics.v1 import precision_recall_fscore_support
from seqeval.scheme import IOB2

from seqkit.data.tokens.schemes import spans
from seqkit.scores.tags import TagScorer

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
