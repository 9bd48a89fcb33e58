"""Scores of tags: of whole spans, strictly, and of single tokens.

All of them are formulas of sums over sentences. A span counts as right where its first
token, its last token and its type are; spans are read as seqeval reads them in its
strict mode.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqkit.errors import UsageError
from seqkit.scores.classes import confusion_frame, tag_pairs
from seqkit.scores.metric import Metric
from seqkit.scores.scorer import RowScorer, Scores, Tables
from seqkit.scores.seeds import Values

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METRICS = {
    "f1": Metric(
        "F1",
        "of whole spans of all types, 0 to 1; of tokens where tags spell no spans, "
        "which is their accuracy",
        True,
        most=1.0,
    ),
    "precision": Metric(
        "Precision", "share of the answered spans that are right", True, most=1.0
    ),
    "recall": Metric(
        "Recall", "share of the true spans that are answered", True, most=1.0
    ),
    "accuracy": Metric(
        "Accuracy", "share of the tokens whose tag is right", True, most=1.0
    ),
}
TOTALS = 2
"""Statistics of all tags together: tokens, and those whose tag is right."""
COUNTS = ("true", "predicted", "correct")
"""Statistics of each type: its spans."""

SpanOf = tuple[int, int, str]
"""Start, end and type."""


class TagScorer(RowScorer):
    """Scores a tag a token, chunk by chunk; sentences are what is resampled.

    Where tags are plain, f1 is that of tokens, which is their accuracy. As in seqeval,
    precision is 0 where no span is answered, and recall is where there is none.

    Args:
        tags: their names, in the order of their numbers.
        types: of spans; none where tags are plain.
        spans_of: finds the spans of a sentence's tags, strictly.
        resamples: resamples of the bootstrap.
        seed: seeds the bootstrap; scorers that are compared share it.
    """

    metrics = METRICS
    truths = "true tags"
    undefined = "there are no spans, neither true ones nor answered ones"

    def __init__(
        self,
        tags: Sequence[str],
        types: Sequence[str],
        spans_of: Callable[[list[str]], Sequence[SpanOf]],
        resamples: int = 1000,
        seed: int = 0,
    ) -> None:
        super().__init__(resamples, seed)
        self.tags, self.types, self.spans_of = tuple(tags), tuple(types), spans_of
        self._pairs = np.zeros((len(self.tags), len(self.tags)), np.int64)
        if not self.types:
            self.metrics = {name: METRICS[name] for name in ("f1", "accuracy")}

    def update(self, truth: Any, outputs: Any) -> None:
        """Count some more sentences.

        Args:
            truth: the numbers of each one's tags (tokens,).
            outputs: ``tags``, those that were answered.
        """
        super().update(truth, outputs)
        self._pairs += tag_pairs(truth, outputs["tags"], len(self.tags))

    def statistics(self, truth: Any, outputs: Any) -> Values:
        """Tokens, those that are right, and the counts of each type's spans.

        Raises:
            UsageError: tags, or sentences, are not equally many.
        """
        predicted = outputs["tags"]
        if len(truth) != len(predicted):
            raise UsageError(
                f"Tags are compared sentence by sentence, got {len(truth)} sentences "
                f"and answers for {len(predicted)}."
            )
        rows = []
        for row, (true, answered) in enumerate(zip(truth, predicted, strict=True)):
            if len(true) != len(answered):
                raise UsageError(
                    f"Tags are compared token by token, but sentence {row} has "
                    f"{len(true)} tokens and {len(answered)} answers."
                )
            right = np.count_nonzero(np.equal(true, answered))
            rows.append([len(true), right, *self._span_counts(true, answered)])
        width = TOTALS + len(COUNTS) * len(self.types)
        return np.array(rows, np.float64).reshape(-1, width)

    def _span_counts(self, *sentence: NDArray[np.integer]) -> list[int]:
        """The COUNTS of each type, of a sentence's true tags and its answered ones."""
        if not self.types:
            return []
        true, answered = (
            self.spans_of([self.tags[code] for code in codes]) for codes in sentence
        )
        kinds = (true, answered, set(true) & set(answered))
        counts = [Counter(type_ for *_, type_ in spans) for spans in kinds]
        return [count[type_] for type_ in self.types for count in counts]

    def formula(self, metric: str, sums: Values) -> Values:
        if metric == "accuracy" or not self.types:
            accuracy: Values = sums[1] / sums[0]
            return accuracy
        return _of_spans(metric, self._counts(sums).sum(axis=0))

    def tables(self) -> dict[str, pd.DataFrame]:
        """``types``: how well each type of span is found; ``confusion`` of tags.

        Precision, recall and f1 of a type have a low and a high each: the ends of
        their 95% intervals.
        """
        tables = {"confusion": confusion_frame(self.tags, self._pairs)}
        if not self.types:
            return tables
        rows = []
        for type_, counts in zip(self.types, self._counts(self.sums()), strict=True):
            row: dict[str, Any] = {"type": type_}
            row |= zip(COUNTS, counts[:, 0].astype(int), strict=True)
            for name in ("precision", "recall", "f1"):
                ends = self.estimate(name, _of_spans(name, counts))
                row |= zip((name, f"{name}_low", f"{name}_high"), ends, strict=True)
            rows.append(row)
        return tables | {"types": pd.DataFrame(rows)}

    @classmethod
    def pictures(
        cls, scores: Scores, baselines: Mapping[str, Tables]
    ) -> dict[str, Figure]:
        from seqkit.pictures.tags import confusion_pictures

        return confusion_pictures(scores.tables)

    def _counts(self, sums: Values) -> Values:
        """Counts (types, 3, m) of spans."""
        return sums[TOTALS:].reshape(len(self.types), len(COUNTS), sums.shape[1])


def _of_spans(metric: str, counts: Values) -> Values:
    """A metric (m,) of COUNTS of spans (3, m); NaN where there are none at all."""
    true, answered, right = counts
    wholes = {"precision": answered, "recall": true, "f1": (true + answered) / 2}
    values: Values = np.where(true + answered > 0, 0.0, np.nan)
    np.divide(right, wholes[metric], out=values, where=wholes[metric] > 0)
    return values
