"""Answers of the training series' steps, taken in as they are read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.hashes import hash_bytes
from seqkit.data.rows.label_look import look_at_labels
from seqkit.data.rows.labels import LabelCodes, class_names
from seqkit.data.rows.reading import AnsweredRows
from seqkit.data.rows.scans import EvenScan
from seqkit.data.series.spec import LabelledSteps, SteppedSeries
from seqkit.errors import DataError

ABSENT = -1
"""The code of a step's class where it is not known."""


class StepScan(EvenScan):
    """What fingerprints take of each series' answers."""

    def __init__(self, spec: SteppedSeries, name: str) -> None:
        super().__init__()
        self._spec, self._name = spec, name

    def _nothing_known(self, column: str) -> DataError:
        return DataError(
            f"Column {column!r} of {self._name} holds no answer at all: every step's "
            "is missing. Give some, or name another column."
        )


class StepClassScan(StepScan):
    """One label a step: which there are, and a hash of each series' labels."""

    def __init__(self, spec: LabelledSteps, name: str) -> None:
        super().__init__(spec, name)
        self._label, self._codes, self._seen = spec.label, LabelCodes(), set[str]()
        self._names, self._count = spec, 0

    def note(self, rows: AnsweredRows[Any]) -> None:
        hashes = []
        for steps in rows.answers:
            labels = [label for label in steps[:, 0] if label is not None]
            self._count += len(labels)
            # Each label once: steps are too many to keep a number of each.
            new = [label for label in dict.fromkeys(labels) if label not in self._seen]
            self._seen.update(new)
            self._codes.add(new)
            hashes.append(hash_bytes(repr(steps[:, 0].tolist()).encode()))
        self._rows.append(np.array(hashes, np.uint64))

    def finish(self) -> None:
        _, self.values = self._codes.result()
        if not self.values:
            raise self._nothing_known(self._label)
        self.names = class_names(self._names, self.values, self._name)
        look_at_labels(
            self.values, self._count, self._names, self._name, "regress_steps"
        )


class StepNumberScan(StepScan):
    """Numbers a step: of each series and column how many, their mean and spread.

    ``answers`` has the fields ``hash``, ``count``, ``mean`` and ``apart`` (columns,) of
    a series; ``apart`` is the sum of squared distances from the mean.
    """

    def note(self, rows: AnsweredRows[Any]) -> None:
        shape = (len(self._spec.answers),)
        kinds = [(name, np.float64, shape) for name in ("count", "mean", "apart")]
        sums = np.zeros(len(rows), [("hash", np.uint64), *kinds])
        for row, steps in zip(sums, rows.answers, strict=True):
            is_known = ~np.isnan(steps)
            count = is_known.sum(axis=0)
            mean = np.where(is_known, steps, 0).sum(axis=0) / np.maximum(count, 1)
            apart = np.where(is_known, steps - mean, 0.0)
            row["hash"] = hash_bytes(np.ascontiguousarray(steps, "<f8").tobytes())
            row["count"], row["mean"] = count, mean
            row["apart"] = (apart**2).sum(axis=0)
        self._rows.append(sums)

    def finish(self) -> None:
        known = self.answers["count"].sum(axis=0)
        for column, count in zip(self._spec.answers, known, strict=True):
            if not count:
                raise self._nothing_known(column)


class StepLabelsScan(StepNumberScan):
    """Several labels a step, each a column of 0 and 1."""

    def note(self, rows: AnsweredRows[Any]) -> None:
        for steps in rows.answers:
            check_labels(steps, self._spec.answers, self._name)
        super().note(rows)


def check_labels(
    steps: NDArray[np.float64], columns: tuple[str, ...], name: str
) -> None:
    """Raise DataError unless each answer is 0, 1 or missing."""
    wrong = ~((steps == 0) | (steps == 1) | np.isnan(steps))
    if wrong.any():
        step, place = (int(each[0]) for each in np.nonzero(wrong))
        raise DataError(
            f"Column {columns[place]!r} of {name} must hold 0 or 1 for each step, got "
            f"{steps[step, place]:g} in step {step + 1:,} of a series. Mend it, or "
            "leave it out: missing answers weigh nothing."
        )


def moments(
    rows: NDArray[Any],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Count, mean and standard deviation of each column over all steps of ``rows``.

    ``rows`` are those of ``StepNumberScan.answers``; a column without any known answer
    has mean 0 and deviation 0.
    """
    count = rows["count"].sum(axis=0)
    least = np.maximum(count, 1)
    mean = (rows["count"] * rows["mean"]).sum(axis=0) / least
    between = (rows["count"] * (rows["mean"] - mean) ** 2).sum(axis=0)
    return count, mean, np.sqrt((rows["apart"].sum(axis=0) + between) / least)
