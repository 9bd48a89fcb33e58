"""Scores of classes a step, step by step and by segments of like steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqkit.scores.class_sums import f1, macro_f1
from seqkit.scores.classes import confusion_frame, tag_pairs
from seqkit.scores.metric import Metric
from seqkit.scores.scorer import RowScorer, Scores, Tables
from seqkit.scores.seeds import Values

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METRICS = {
    "accuracy": Metric(
        "Accuracy", "share of the steps (or of their labels) that is right", True, 0, 1
    ),
    "f1": Metric(
        "Macro F1", "mean over classes of the F1 of their steps, 0 to 1", True, 0, 1
    ),
    "segment_f1": Metric(
        "Segment F1@50",
        "of runs of one label, right where they share half of their union with a true "
        "one, 0 to 1",
        True,
        0,
        1,
    ),
}
LEAST_OVERLAP = 0.5
"""Steps that two segments share, of those that either has, to be the same one."""
TOTALS = 2
"""Statistics of all classes together: known answers, and those that are right."""
COUNTS = ("hits", "true", "answered", "segment_hits", "true_segments", "segments")
"""Statistics of each class: steps, then segments."""

Flags = NDArray[np.bool_]


class StepClassScorer(RowScorer):
    """Scores a class, or labels, for each step; series are what is resampled.

    Steps whose truth is not known count nowhere, and end a segment. A segment is a run
    of one label within a series. An answered one is right where its overlap with a true
    one of its class is at least half of their union, each true one being met once
    (F1@50, Lea et al. 2017); segments of all series and classes count together.

    Args:
        classes: their names, in the order of their numbers.
        multi: whether a step may have several: (steps, labels) of 0, 1 or NaN; else
            (steps,) of numbers of classes, below 0 where not known.
        resamples: resamples of the bootstrap.
        seed: seeds the bootstrap; scorers that are compared share it.
    """

    metrics = METRICS
    truths = "true labels"
    undefined = "no step of a known label was scored"

    def __init__(
        self,
        classes: Sequence[str],
        multi: bool = False,
        resamples: int = 1000,
        seed: int = 0,
    ) -> None:
        super().__init__(resamples, seed)
        self.classes, self.multi = tuple(classes), multi
        self._pairs = np.zeros((len(self.classes),) * 2, np.int64)

    def update(self, truth: Any, outputs: Any) -> None:
        """Count some more series.

        Args:
            truth: of each, what its steps are.
            outputs: of each, the probabilities (steps, classes) that were answered.
        """
        super().update(truth, outputs)
        if not self.multi:
            labelled = [codes >= 0 for codes in truth]
            rows = list(zip(truth, outputs, labelled, strict=True))
            codes = [one[steps] for one, _, steps in rows]
            answers = [each.argmax(axis=1)[steps] for _, each, steps in rows]
            self._pairs += tag_pairs(codes, answers, len(self.classes))

    def statistics(self, truth: Any, outputs: Any) -> Values:
        pairs = zip(truth, outputs, strict=True)
        rows = [self._of_series(steps, answers) for steps, answers in pairs]
        width = TOTALS + len(COUNTS) * len(self.classes)
        return np.array(rows).reshape(-1, width)

    def _of_series(self, steps: NDArray[Any], answers: NDArray[Any]) -> Values:
        """The statistics of one series."""
        is_labelled, is_true, is_predicted = self._flags(steps, answers)
        hits = is_true & is_predicted
        if self.multi:
            right = (is_true == is_predicted) & is_labelled
            totals = [is_labelled.sum(), right.sum()]
        else:
            totals = [is_labelled[:, 0].sum(), hits.sum()]
        counts = [flags.sum(axis=0) for flags in (hits, is_true, is_predicted)]
        segments = [
            segment_counts(is_true[:, place], is_predicted[:, place])
            for place in range(len(self.classes))
        ]
        return np.concatenate(
            [totals, *counts, *np.transpose(segments)], dtype=np.float64
        )

    def _flags(
        self, steps: NDArray[Any], answers: NDArray[Any]
    ) -> tuple[Flags, Flags, Flags]:
        """What is known, true and answered, (steps, classes) each."""
        if self.multi:
            is_labelled = ~np.isnan(steps)
            is_true = (steps == 1) & is_labelled
            return is_labelled, is_true, (answers >= 0.5) & is_labelled
        every = np.arange(len(self.classes))
        is_labelled = np.repeat((steps >= 0)[:, np.newaxis], len(every), axis=1)
        is_predicted = answers.argmax(axis=1)[:, np.newaxis] == every
        return is_labelled, steps[:, np.newaxis] == every, is_predicted & is_labelled

    def formula(self, metric: str, sums: Values) -> Values:
        if metric == "accuracy":
            accuracy: Values = sums[1] / sums[0]
            return accuracy
        counts = self._counts(sums)
        if metric == "segment_f1":
            return f1(*(counts[name].sum(axis=0) for name in COUNTS[3:]))
        return macro_f1(*(counts[name] for name in COUNTS[:3]))

    def _counts(self, sums: Values) -> dict[str, Values]:
        """Counts of each class (classes, m), by their names."""
        shape = (len(COUNTS), len(self.classes), sums.shape[1])
        return dict(zip(COUNTS, sums[TOTALS:].reshape(shape), strict=True))

    def tables(self) -> dict[str, pd.DataFrame]:
        """``classes``: steps and segments of each; ``confusion`` of single labels."""
        counts = {name: each[:, 0] for name, each in self._counts(self.sums()).items()}
        hits, true, predicted, segment_hits, true_segments, segments = counts.values()
        with np.errstate(invalid="ignore", divide="ignore"):
            classes = pd.DataFrame(
                {
                    "class": self.classes,
                    "steps": true.astype(int),
                    "precision": hits / predicted,
                    "recall": hits / true,
                    "f1": f1(hits, true, predicted),
                    "segments": true_segments.astype(int),
                    "answered_segments": segments.astype(int),
                    "segment_f1": f1(segment_hits, true_segments, segments),
                }
            )
        if self.multi:
            return {"classes": classes}
        return {
            "confusion": confusion_frame(self.classes, self._pairs),
            "classes": classes,
        }

    @classmethod
    def pictures(
        cls, scores: Scores, baselines: Mapping[str, Tables]
    ) -> dict[str, Figure]:
        from seqkit.pictures.tags import confusion_pictures

        return confusion_pictures(scores.tables)


def segments_of(flags: Flags) -> NDArray[np.int64]:
    """Start and end (segments, 2) of each run of True.

    >>> segments_of(np.array([True, True, False, True])).tolist()
    [[0, 2], [3, 4]]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return edges.reshape(-1, 2)


def segment_counts(is_true: Flags, is_predicted: Flags) -> tuple[int, int, int]:
    """How many segments are right, true and answered.

    >>> segment_counts(np.array([1, 1, 1, 0], bool), np.array([0, 1, 1, 0], bool))
    (1, 1, 1)
    """
    true, predicted = segments_of(is_true), segments_of(is_predicted)
    met: set[int] = set()
    for start, end in predicted:
        # True segments are in order: those that end behind this one's start come first.
        place = int(np.searchsorted(true[:, 1], start, side="right"))
        best, matched = 0.0, -1
        while place < len(true) and true[place, 0] < end:
            shared = min(end, true[place, 1]) - max(start, true[place, 0])
            union = max(end, true[place, 1]) - min(start, true[place, 0])
            if place not in met and shared / union > best:
                best, matched = shared / union, place
            place += 1
        if best >= LEAST_OVERLAP:
            met.add(matched)
    return len(met), len(true), len(predicted)
