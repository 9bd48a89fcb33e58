"""Scores of taggers over sentences that stream by, with their 95% intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqkit.scores.classes import confusion_frame
from seqkit.scores.scorer import RowScorer, Scores, Tables
from seqkit.scores.seeds import Values
from seqkit.scores.spans import METRICS, SpanCounts, SpanOf, tag_pairs

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
        self.metrics = self._counts.metrics

    def update(self, truth: Any, outputs: Any) -> None:
        """Count some more sentences.

        Args:
            truth: the numbers of each one's tags (tokens,).
            outputs: ``tags``, those that were answered.
        """
        super().update(truth, outputs)
        self._pairs += tag_pairs(truth, outputs["tags"], len(self.tags))

    def statistics(self, truth: Any, outputs: Any) -> Values:
        predicted = outputs["tags"]
        if not self._counts.types:
            return self._counts.statistics(truth, predicted)
        spans = [[self._spans(codes) for codes in each] for each in (truth, predicted)]
        return self._counts.statistics(truth, predicted, *spans)

    def formula(self, metric: str, sums: Values) -> Values:
        return self._counts.formula(metric, sums)

    def tables(self) -> dict[str, pd.DataFrame]:
        """``types``: how well each type of span is found; ``confusion`` of tags."""
        tables = {"confusion": confusion_frame(self.tags, self._pairs)}
        if self._counts.types:
            tables["types"] = self._counts.of_types(self.sums())
        return tables

    @classmethod
    def pictures(
        cls, scores: Scores, baselines: Mapping[str, Tables]
    ) -> dict[str, Figure]:
        from seqkit.pictures.tags import confusion_pictures

        return confusion_pictures(scores.tables)

    def _spans(self, codes: NDArray[np.integer]) -> Sequence[SpanOf]:
        return self.spans_of([self.tags[code] for code in codes])
