"""Answers of the training rows, taken in as they are read: classes or numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.label_look import look_at_labels
from seqkit.data.rows.labels import LabelCodes, LabelSpec, checked_labels, class_names
from seqkit.data.rows.numbers import checked_numbers
from seqkit.data.rows.reading import AnsweredRows, AnswerScan


class ClassScan(AnswerScan):
    """Labels as a code each; every part has the same shares of the classes.

    Args:
        spec: says which column holds the labels, and may name the classes.
        name: the source's.
        thing: what has a label each.
        numbers_task: the task that learns numbers from such rows, if one does.
    """

    def __init__(
        self, spec: LabelSpec, name: str, thing: str, numbers_task: str = ""
    ) -> None:
        self._spec, self._name, self._thing = spec, name, thing
        self._numbers_task = numbers_task
        self._codes = LabelCodes()

    def note(self, rows: AnsweredRows[Any]) -> None:
        labels = checked_labels(rows.answers, self._spec.label, self._name, self._thing)
        self._codes.add(labels)

    def finish(self) -> None:
        self._answers, self.values = self._codes.result()
        self.names = class_names(self._spec, self.values, self._name)
        rows = len(self._answers)
        task = self._numbers_task
        look_at_labels(self.values, rows, self._spec, self._name, task)

    @property
    def answers(self) -> NDArray[np.int64]:
        return self._answers

    @property
    def strata(self) -> NDArray[np.int64]:
        return self._answers


class EvenScan(AnswerScan):
    """Rows without strata: the parts are drawn from all of them alike."""

    def __init__(self) -> None:
        self._rows: list[NDArray[Any]] = []

    def finish(self) -> None:
        """Nothing here: any answers can be learnt."""

    @property
    def answers(self) -> NDArray[Any]:
        return np.concatenate(self._rows)

    @property
    def strata(self) -> NDArray[np.int64]:
        return np.zeros(sum(map(len, self._rows)), np.int64)


class NumberScan(EvenScan):
    """Numbers as they are.

    Args:
        column: which holds them.
        name: the source's.
        thing: what has a number each.
    """

    def __init__(self, column: str, name: str, thing: str) -> None:
        super().__init__()
        self._column, self._name, self._thing = column, name, thing

    def note(self, rows: AnsweredRows[Any]) -> None:
        numbers = checked_numbers(rows.answers, self._column, self._name, self._thing)
        self._rows.append(numbers)
