"""What each score of written texts counts of a row, and its formula of sums.

Formulas take sums (k, m) of k counts over m sets of rows, and give the score (m,).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from rapidfuzz.distance import LCSseq, Levenshtein

from seqkit.scores.ngrams import character_ngrams, overlap, word_ngrams, words
from seqkit.scores.seeds import Values

BLEU_ORDER, CHRF_ORDER = 4, 6
RECALL_WEIGHT = 2
"""chrF2: recall counts twice as much as precision."""

Counts = list[float]


class TextCounts(ABC):
    """One score: ``width`` counts of a row, and the formula of their sums."""

    width = 2

    @abstractmethod
    def of(self, output: str, references: Sequence[str]) -> Counts:
        """The counts of a row."""

    def score(self, sums: Values) -> Values:
        """The score (m,) of sums (width, m); here the first by the second."""
        total, count = sums
        return np.where(count > 0, total / np.where(count > 0, count, 1), np.nan)

    def row_score(self, counts: Values) -> Values:
        """The score of single rows, (m,) of counts (width, m)."""
        return self.score(counts)

    def signature(self, references: int | None) -> str:
        """How it was computed, in the library's own words; empty where it has none.

        Args:
            references: of each row; None: some have more than others.
        """
        return ""


class Bleu(TextCounts):
    """sacreBLEU's BLEU: 13a tokens, exponential smoothing, the nearest length.

    The counts: tokens of output and reference; right n-grams, then all n-grams of the
    output, by their lengths 1 to 4.
    """

    width = 2 + 2 * BLEU_ORDER

    def __init__(self, lowercase: bool = False) -> None:
        # It takes 0.2 s to import and is needed for BLEU alone.
        from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

        self.lowercase = lowercase
        self._cut: Callable[[str], str] = Tokenizer13a()  # type: ignore[no-untyped-call]

    def of(self, output: str, references: Sequence[str]) -> Counts:
        mine, *theirs = map(self._tokens, (output, *references))
        length = min((abs(len(one) - len(mine)), len(one)) for one in theirs)[1]
        right: Counts = []
        for n in range(1, BLEU_ORDER + 1):
            most = word_ngrams(theirs[0], n)
            for other in theirs[1:]:
                most |= word_ngrams(other, n)
            right.append(overlap(word_ngrams(mine, n), most))
        written = [max(0, len(mine) - n) for n in range(BLEU_ORDER)]
        return [len(mine), length, *right, *written]

    def score(self, sums: Values) -> Values:
        return _bleu(sums, np.full(sums.shape[1], BLEU_ORDER))

    def row_score(self, counts: Values) -> Values:
        """As sacreBLEU's of a sentence: up to the longest n-gram that it has."""
        orders = (counts[2 + BLEU_ORDER :] > 0).sum(axis=0)
        return _bleu(counts, np.maximum(orders, 1))

    def signature(self, references: int | None) -> str:
        from sacrebleu.metrics.bleu import BLEU

        return _signature(BLEU(lowercase=self.lowercase), references)

    def _tokens(self, text: str) -> list[str]:
        text = text.lower() if self.lowercase else text
        return self._cut(text.rstrip()).split()


class Chrf(TextCounts):
    """sacreBLEU's chrF2: F-score of character n-grams up to 6, without spaces.

    The counts, for each length: n-grams of output and reference, and those of both. Of
    several references the one of the best score counts.
    """

    width = 3 * CHRF_ORDER

    def of(self, output: str, references: Sequence[str]) -> Counts:
        mine = character_ngrams("".join(output.split()), CHRF_ORDER)
        rows = [self._against(mine, reference) for reference in references]
        if len(rows) == 1:
            return rows[0]
        return rows[int(np.argmax(self.score(np.array(rows).T)))]

    def score(self, sums: Values) -> Values:
        output, reference, both = sums.reshape(CHRF_ORDER, 3, -1).transpose(1, 0, 2)
        there = (output > 0) & (reference > 0)
        orders = np.maximum(there.sum(axis=0), 1)
        precision, recall = (
            np.where(there, both / np.maximum(each, 1), 0.0).sum(axis=0) / orders
            for each in (output, reference)
        )
        below = RECALL_WEIGHT**2 * precision + recall
        above = 100 * (1 + RECALL_WEIGHT**2) * precision * recall
        return np.where(below > 0, above / np.where(below > 0, below, 1), 0.0)

    def signature(self, references: int | None) -> str:
        from sacrebleu.metrics.chrf import CHRF

        return _signature(CHRF(), references)

    def _against(self, mine: list[Counter[str]], reference: str) -> Counts:
        theirs = character_ngrams("".join(reference.split()), CHRF_ORDER)
        counts: Counts = []
        for one, other in zip(mine, theirs, strict=True):
            # sacreBLEU leaves out lengths that the reference is too short for.
            counts += [
                one.total() if other else 0,
                other.total(),
                overlap(one, other),
            ]
        return counts


class Rouge(TextCounts):
    """ROUGE's F-score of n-grams, or of the longest common subsequence; the mean.

    Of several references the best counts, as in SciTLDR.
    """

    def __init__(self, n: int | None) -> None:
        self.n = n

    def of(self, output: str, references: Sequence[str]) -> Counts:
        mine = words(output)
        return [max(self._score(mine, words(one)) for one in references), 1]

    def signature(self, references: int | None) -> str:
        kind = self.n or "L"
        return f"ROUGE-{kind} F1, stem:no, tok:unicode words, references:maximum"

    def _score(self, mine: list[str], theirs: list[str]) -> float:
        if self.n is None:
            shared, total = LCSseq.similarity(mine, theirs), len(mine) + len(theirs)
        else:
            ours, its = word_ngrams(mine, self.n), word_ngrams(theirs, self.n)
            shared, total = overlap(ours, its), ours.total() + its.total()
        return 200 * shared / max(total, 1)


class ExactMatch(TextCounts):
    """Share of outputs that are a reference, sign for sign."""

    def of(self, output: str, references: Sequence[str]) -> Counts:
        return [output in references, 1]


class ErrorRate(TextCounts):
    """Insertions, deletions and substitutions by the reference's tokens.

    Of several references the one of the lowest rate counts.
    """

    def __init__(self, cut: Callable[[str], Sequence[str]]) -> None:
        self.cut = cut

    def of(self, output: str, references: Sequence[str]) -> Counts:
        mine = self.cut(output)
        rows = [_edits(mine, self.cut(reference)) for reference in references]
        return min(rows, key=lambda row: row[0] / max(row[1], 1))


class FreeAccuracy(TextCounts):
    """Share of places at which output and reference have the same word.

    There are as many places as the longer of both has words.
    """

    def of(self, output: str, references: Sequence[str]) -> Counts:
        mine = output.split()
        rows = [_agreement(mine, reference.split()) for reference in references]
        return max(rows, key=lambda row: row[0] / max(row[1], 1))


COUNTS: dict[str, Callable[[], TextCounts]] = {
    "bleu": Bleu,
    "bleu_lowercase": partial(Bleu, lowercase=True),
    "chrf": Chrf,
    "rouge1": partial(Rouge, 1),
    "rouge2": partial(Rouge, 2),
    "rougeL": partial(Rouge, None),
    "exact_match": ExactMatch,
    "character_error_rate": partial(ErrorRate, str),
    "word_error_rate": partial(ErrorRate, str.split),
    "free_token_accuracy": FreeAccuracy,
}
"""What counts the texts of each score; the others are of a model's own numbers."""


def _edits(mine: Sequence[str], theirs: Sequence[str]) -> Counts:
    return [Levenshtein.distance(mine, theirs), len(theirs)]


def _agreement(mine: list[str], theirs: list[str]) -> Counts:
    agreeing = sum(a == b for a, b in zip(mine, theirs, strict=False))
    return [agreeing, max(len(mine), len(theirs))]


def _bleu(sums: Values, orders: Values | Any) -> Values:
    """BLEU (m,) of sums (width, m), up to n-grams of the lengths ``orders`` (m,)."""
    output, reference = sums[:2]
    right, written = sums[2 : 2 + BLEU_ORDER], sums[2 + BLEU_ORDER :]
    # Each length without a right n-gram is taken for half as good as the one before.
    halvings = np.cumsum(right == 0, axis=0)
    smoothed = np.where(right > 0, right, 0.5**halvings)
    used = np.arange(BLEU_ORDER)[:, None] < orders
    precision = np.where(used & (written > 0), smoothed / np.maximum(written, 1), 1.0)
    brevity = np.minimum(0.0, 1 - reference / np.maximum(output, 1))
    score = 100 * np.exp(brevity + np.log(precision).sum(axis=0) / orders)
    # Nothing right, or an n-gram too long for any output: nothing is smoothed.
    exists = right.any(axis=0) & ((written > 0) | ~used).all(axis=0)
    return np.where(exists, score, 0.0)


def _signature(metric: Any, references: int | None) -> str:
    """sacreBLEU's signature of a metric, which knows it once it has scored a text."""
    streams = [["a", "a"]] * (references or 1)
    metric.corpus_score(["a", "a"], streams if references else [*streams, ["a", None]])
    return str(metric.get_signature())
