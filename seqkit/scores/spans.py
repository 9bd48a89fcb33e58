"""Scores of tags: of whole spans, strictly, and of single tokens.

All of them are formulas of sums over sentences. So a resample of sentences, and what
two models get on the same resample, are sums too. A span counts as right where its
first token, its last token and its type are; spans are read as seqeval reads them in
its strict mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqkit.errors import UsageError
from seqkit.scores.intervals import percentile_interval
from seqkit.scores.metric import Metric, known_metric

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
Sums = NDArray[np.float64]
"""(k, m): sums of the statistics of the sentences as they are, then of resamples."""
TOKENS, HITS, FIRST_TYPE = 0, 1, 2
TRUE, PREDICTED, CORRECT = 0, 1, 2
"""Places of a type's counts among its three."""

SpanOf = tuple[int, int, str]
"""Start, end and type."""


class SpanCounts:
    """What tags are scored by: statistics a sentence, and formulas over their sums.

    A sentence's statistics are its tokens, those whose tag is right, and for each type
    its true spans, its answered spans, and those that are both.

    Args:
        types: of spans; none where tags are plain.
    """

    def __init__(self, types: Sequence[str]) -> None:
        self.types = tuple(types)
        plain = {name: METRICS[name] for name in ("f1", "accuracy")}
        self.metrics = METRICS if types else plain
        self.width = FIRST_TYPE + 3 * len(self.types)

    def statistics(
        self,
        truth: Sequence[Sequence[Any]],
        predicted: Sequence[Sequence[Any]],
        true_spans: Sequence[Sequence[SpanOf]] = (),
        predicted_spans: Sequence[Sequence[SpanOf]] = (),
    ) -> NDArray[np.float64]:
        """One row of statistics a sentence (sentences, width).

        Args:
            truth: each sentence's tags, as text or as numbers.
            predicted: tags answered, as many.
            true_spans: each sentence's spans, where there are types.
            predicted_spans: spans answered.

        Raises:
            UsageError: tags, or sentences, are not equally many.
        """
        self._check(truth, predicted, true_spans, predicted_spans)
        rows = np.zeros((len(truth), self.width))
        for row, true_tags, tags in zip(rows, truth, predicted, strict=True):
            row[TOKENS] = len(true_tags)
            row[HITS] = sum(a == b for a, b in zip(true_tags, tags, strict=True))
        if not self.types:
            return rows
        place_of = {type_: place for place, type_ in enumerate(self.types)}
        counts = rows[:, FIRST_TYPE:].reshape(len(rows), len(self.types), 3)
        for count, ours, theirs in zip(
            counts, true_spans, predicted_spans, strict=True
        ):
            both = set(ours) & set(theirs)
            for kind, spans in ((TRUE, ours), (PREDICTED, theirs), (CORRECT, both)):
                for _, _, type_ in spans:
                    count[place_of[type_], kind] += 1
        return rows

    def formula(self, metric: str, sums: Sums) -> NDArray[np.float64]:
        """A metric (m,) of each column of ``sums`` (width, m).

        NaN where there is nothing to score. Where tags are plain, f1 is that of tokens,
        which is their accuracy. As in seqeval, precision is 0 where no span
        is answered, and recall is where there is none.

        Raises:
            UnknownNameError: there is no such metric.
        """
        known_metric(metric, self.metrics)
        if metric == "accuracy" or not self.types:
            return _share(sums[HITS], sums[TOKENS], sums[TOKENS])
        counts = self._of_types(sums).sum(axis=0)
        return _SPAN_FORMULAS[metric](counts)

    def of_types(self, sums: Sums) -> pd.DataFrame:
        """Each type's true, predicted and correct spans, and precision, recall and f1.

        Where ``sums`` holds resamples, each of the three has a low and a high too: the
        ends of its 95% interval.
        """
        rows = []
        for type_, counts in zip(self.types, self._of_types(sums), strict=True):
            row: dict[str, Any] = {"type": type_}
            for name, count in zip(
                ("true", "predicted", "correct"), counts, strict=True
            ):
                row[name] = int(count[0])
            for name, formula in _SPAN_FORMULAS.items():
                values = formula(counts)
                row[name] = float(values[0])
                if len(values) > 1:
                    row[f"{name}_low"], row[f"{name}_high"] = _interval(values)
            rows.append(row)
        return pd.DataFrame(rows)

    def _of_types(self, sums: Sums) -> NDArray[np.float64]:
        """Counts (types, 3, m)."""
        return sums[FIRST_TYPE:].reshape(len(self.types), 3, sums.shape[1])

    def _check(self, truth: Any, predicted: Any, ours: Any, theirs: Any) -> None:
        spans = [len(ours), len(theirs)] if self.types else []
        if {len(predicted), *spans} - {len(truth)}:
            raise UsageError(
                f"Tags are compared sentence by sentence, got {len(truth)} sentences "
                f"and answers for {len(predicted)}"
                f"{f', and spans of {spans[0]} and {spans[1]}' * bool(spans)}."
            )
        for row, (true_tags, tags) in enumerate(zip(truth, predicted, strict=True)):
            if len(true_tags) != len(tags):
                raise UsageError(
                    f"Tags are compared token by token, but sentence {row} has "
                    f"{len(true_tags)} tokens and {len(tags)} answers."
                )


def tag_pairs(
    truth: Sequence[NDArray[np.integer]],
    predicted: Sequence[NDArray[np.integer]],
    tags: int,
) -> NDArray[np.int64]:
    """How many tokens of each truth were answered what (tags, tags)."""
    if not len(truth):
        return np.zeros((tags, tags), np.int64)
    places = np.concatenate(truth).astype(np.int64) * tags + np.concatenate(predicted)
    return np.bincount(places, minlength=tags * tags).reshape(tags, tags)


Counts = NDArray[np.float64]
"""True, predicted and correct spans (3, m)."""


def _share(
    part: NDArray[np.float64], whole: NDArray[np.float64], any_: NDArray[np.float64]
) -> NDArray[np.float64]:
    """part / whole; 0 where the whole is none, NaN where ``any_`` is none too."""
    share = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return np.where(any_ > 0, share, np.nan)


def _precision(counts: Counts) -> NDArray[np.float64]:
    return _share(counts[CORRECT], counts[PREDICTED], counts[TRUE] + counts[PREDICTED])


def _recall(counts: Counts) -> NDArray[np.float64]:
    return _share(counts[CORRECT], counts[TRUE], counts[TRUE] + counts[PREDICTED])


def _f1(counts: Counts) -> NDArray[np.float64]:
    both = counts[TRUE] + counts[PREDICTED]
    return _share(2 * counts[CORRECT], both, both)


_SPAN_FORMULAS = {
    "precision": _precision,
    "recall": _recall,
    "f1": _f1,
}


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The ends of a 95% interval; NaN where there is no value."""
    if np.isnan(values[0]) or np.isnan(values[1:]).all():
        return np.nan, np.nan
    low, high = percentile_interval(values[1:])
    return min(low, float(values[0])), max(high, float(values[0]))
