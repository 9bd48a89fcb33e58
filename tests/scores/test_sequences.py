"""Scores of written texts: what the field's own libraries say of the same rows."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sacrebleu
from nltk.metrics.distance import edit_distance
from rouge_score.rouge_scorer import RougeScorer

from seqkit.scores.ngrams import words
from seqkit.scores.sequences import SequenceScorer

TEXTS = (
    "bleu", "bleu_lowercase", "chrf", "rouge1", "rouge2", "rougeL", "exact_match",
    "character_error_rate", "word_error_rate", "free_token_accuracy",
)  # fmt: skip

AWKWARD = (
    ("", "A dog runs."),
    ("A dog runs.", ""),
    ("", ""),
    ("dog", "dog"),
    ("Dog", "dog"),
    ("x", "a much longer reference than that, of 12 words: 3.5-fold &amp; more"),
    ("собака бежит по снегу", "Собака бежит по белому снегу."),
    ("犬が雪の上を走る", "犬は雪の上を走っている"),
    ("สุนัขวิ่งบนหิมะ", "สุนัขกำลังวิ่ง"),
    ("कुत्ता बर्फ पर दौड़ता है", "कुत्ता बर्फ़ पर दौड़ रहा है"),
    ("the the the the the the the", "the cat is on the mat, the end"),
    (" spaces  all\u2028around ", "spaces all around"),
)


class Words:
    """Our words, for the library ``rouge-score``."""

    def tokenize(self, text: str) -> list[str]:
        return words(text)


def scored(
    pairs: Any, names: tuple[str, ...] = TEXTS, chunk: int = 1000, **numbers: Any
) -> SequenceScorer:
    scorer = SequenceScorer(names, resamples=50)
    for start in range(0, len(pairs), chunk):
        outputs, truth = zip(*pairs[start : start + chunk], strict=True)
        part = {name: each[start : start + chunk] for name, each in numbers.items()}
        scorer.update(list(truth), {"output": list(outputs), **part})
    return scorer


def value(scorer: SequenceScorer, name: str) -> float:
    return scorer.result().metrics[name][0]


def rouge(pairs: Any) -> dict[str, float]:
    library = RougeScorer(["rouge1", "rouge2", "rougeL"], tokenizer=Words())
    rows = [
        library.score_multi([true] if isinstance(true, str) else true, output)
        for output, true in pairs
    ]
    return {name: 100 * np.mean([r[name].fmeasure for r in rows]) for name in rows[0]}


def rate(pairs: Any, cut: Any) -> float:
    edits = sum(edit_distance(cut(output), cut(true)) for output, true in pairs)
    return edits / sum(len(cut(true)) for _, true in pairs)


def assert_libraries_agree(pairs: Any) -> None:
    scorer = scored(pairs)
    mine = {name: one[0] for name, one in scorer.result().metrics.items()}
    outputs, truth = map(list, zip(*pairs, strict=True))
    wanted = {
        "bleu": sacrebleu.corpus_bleu(outputs, [truth]).score,
        "bleu_lowercase": sacrebleu.corpus_bleu(outputs, [truth], lowercase=True).score,
        "chrf": sacrebleu.corpus_chrf(outputs, [truth]).score,
        "exact_match": np.mean([a == b for a, b in pairs]),
        "word_error_rate": rate(pairs, str.split),
        "character_error_rate": rate(pairs, str),
    } | rouge(pairs)
    for name, number in wanted.items():
        assert mine[name] == pytest.approx(number, abs=1e-9), name


def test_awkward_rows_score_as_the_libraries_say() -> None:
    assert_libraries_agree(AWKWARD)


@pytest.mark.parametrize("pair", [pair for pair in AWKWARD if pair[1]])
def test_each_awkward_row_alone_scores_as_the_libraries_say(pair: Any) -> None:
    assert_libraries_agree([pair])


@pytest.mark.data
def test_multi30k_scores_as_the_libraries_say(data_folder: Path) -> None:
    folder = data_folder / "multi30k"
    english, german = (
        gzip.open(folder / f"test_2016_flickr.{one}.gz", "rt", encoding="utf8")
        .read()
        .split("\n")[:150]
        for one in ("en", "de")
    )
    draw = np.random.default_rng(0)
    shaken = [
        " ".join(word for word in line.split() if draw.random() < 0.8)
        for line in english
    ]
    assert_libraries_agree(list(zip(shaken, english, strict=True)))
    assert_libraries_agree(list(zip(german, english, strict=True)))
