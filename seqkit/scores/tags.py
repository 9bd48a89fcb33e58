"""Scores of taggers over sentences that stream by, with their 95% intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqkit.scores.metric import Metric
from seqkit.scores.scorer import RowScorer, Scores, Tables
from seqkit.scores.seeds import Values
from seqkit.scores.spans import SpanCounts, SpanOf, tag_confusion, tag_pairs

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
MOST_TAGS = 30
"""Of more tags no picture of a confusion can be read."""


class TagScorer(RowScorer):
    """Scores a tag a token, chunk by chunk; sentences are what is resampled.

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
        self.tags, self.spans_of = tuple(tags), spans_of
        self._counts = SpanCounts(types)
        self._pairs = np.zeros((len(self.tags), len(self.tags)), np.int64)
        if not types:
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
        answered = outputs["tags"]
        if not self._counts.types:
            return self._counts.statistics(truth, answered)
        spans = [[self._spans(codes) for codes in each] for each in (truth, answered)]
        return self._counts.statistics(truth, answered, *spans)

    def formula(self, metric: str, sums: Values) -> Values:
        is_accuracy = metric == "accuracy" or not self._counts.types
        name = "token_accuracy" if is_accuracy else f"span_{metric}"
        return self._counts.formula(name, sums)

    def tables(self) -> dict[str, pd.DataFrame]:
        """``types``: how well each type of span is found; ``confusion`` of tags."""
        tables = {"confusion": tag_confusion(self._pairs, self.tags)}
        if self._counts.types:
            tables["types"] = self._counts.of_types(self.sums())
        return tables

    @classmethod
    def pictures(
        cls, scores: Scores, baselines: Mapping[str, Tables]
    ) -> dict[str, Figure]:
        from seqkit.pictures.tags import tag_confusion_matrix

        confusion = scores.tables["confusion"]
        if confusion["truth"].nunique() > MOST_TAGS:
            return {}
        return {"confusion_matrix": tag_confusion_matrix(confusion)}

    def _spans(self, codes: NDArray[np.integer]) -> Sequence[SpanOf]:
        return self.spans_of([self.tags[code] for code in codes])
