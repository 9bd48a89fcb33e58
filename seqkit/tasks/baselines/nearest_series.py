"""The nearest training series, each seen whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.series.rows import Values
from seqkit.tasks.base import Baseline
from seqkit.tasks.baselines.fitting import center_and_unit, sampled_part

MOST_NUMBERS = 2**23
"""Numbers of the training series that are kept, at most: 32 MB."""

NEIGHBOURS = (1, 3, 10)
"""Over how many neighbours a number may be averaged."""

LEFT_OUT = 1_000
"""Training series that are answered by the others to choose by, at most."""

Floats = NDArray[np.float64]


def resampled(series: Values, steps: int) -> Floats:
    """(steps, columns): values of a series at places evenly from its first to last."""
    places = np.linspace(0, len(series) - 1, steps)
    own = np.arange(len(series))
    return np.stack([np.interp(places, own, column) for column in series.T], axis=1)


class NearestNeighbour(Baseline):
    """The class of the training series that is nearest, or the mean number of a few.

    The distance is Euclidean, step by step, between whole series: shorter ones are
    stretched linearly to as many steps as the longest training series has (to fewer
    where all would hold more than MOST_NUMBERS). Columns are standardised by all
    training series together, or series by series; and numbers averaged over 1, 3 or 10
    neighbours: whichever does best when each training series is answered by the others.

    Args:
        arrays: ``known`` (series, steps, columns), ``center`` and ``unit`` (columns,),
            ``answers`` and ``rows`` (kept, of all); and of newer runs ``per_series``
            and ``neighbours``.
        classes: how many; 0: the answers are numbers.
    """

    kind = "nearest_series"

    def __init__(self, arrays: Mapping[str, NDArray[Any]], classes: int = 0) -> None:
        self.fitted = arrays
        self.classes = classes
        self.per_series = bool(arrays.get("per_series", False))
        self.neighbours = int(arrays.get("neighbours", 1))
        several = f"{self.neighbours} nearest neighbours"
        part = sampled_part(arrays["rows"], "series")
        self.title = f"{several if self.neighbours > 1 else 'nearest neighbour'}{part}"
        self._model: Any = None

    @classmethod
    def fit(
        cls, series: list[Values], truth: NDArray[Any], rows: int, classes: int = 0
    ) -> NearestNeighbour:
        """Keep ``series`` with their answers; ``rows`` is of how many they are."""
        choices = cls._choices(series, truth, rows, classes)
        # Of equal ones the first: min compares errors alone.
        return cls(min(choices, key=lambda choice: choice[0])[1], classes)

    @classmethod
    def _choices(
        cls, series: list[Values], truth: NDArray[Any], rows: int, classes: int
    ) -> Iterator[tuple[float, dict[str, NDArray[Any]]]]:
        """What may be fitted, and how wrong others answer each training series so."""
        columns = series[0].shape[1]
        bound = MOST_NUMBERS // (len(series) * columns)
        steps = max(1, min(max(map(len, series)), bound))
        raw = np.stack([resampled(one, steps) for one in series])
        for per_series in (False, True):
            center, unit = center_and_unit(raw.reshape(-1, columns))
            arrays: dict[str, NDArray[Any]] = {
                "known": _scaled(raw, center, unit, per_series),
                "center": center,
                "unit": unit,
                "answers": truth,
                "rows": np.array([len(series), rows]),
                "per_series": np.array(per_series),
            }
            for error, neighbours in cls(arrays, classes)._errors_left_out():
                yield error, arrays | {"neighbours": np.array(neighbours)}

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {**self.fitted, "classes": np.array(self.classes)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        return cls(arrays, int(arrays["classes"]))

    def outputs(self, inputs: list[Values]) -> NDArray[np.floating]:
        arrays = self.fitted
        _, steps, columns = arrays["known"].shape
        answers = []
        for piece in _pieces(inputs, max(1, MOST_NUMBERS // (steps * columns))):
            raw = np.stack([resampled(one, steps) for one in piece])
            scaled = _scaled(raw, arrays["center"], arrays["unit"], self.per_series)
            nearest = self._nearest(scaled, self.neighbours)
            answers.append(arrays["answers"][nearest])
        found = np.concatenate(answers)
        if not self.classes:
            return found.mean(axis=1, dtype=np.float64)
        return np.eye(self.classes, dtype=np.float32)[found[:, 0]]

    def _nearest(self, scaled: NDArray[np.float32], number: int) -> NDArray[np.int64]:
        """Places (rows, number) of the nearest training series, nearest first."""
        from sklearn.neighbors import NearestNeighbors

        known = self.fitted["known"]
        if self._model is None:
            self._model = NearestNeighbors(algorithm="brute")
            self._model.fit(known.reshape(len(known), -1))
        flat = scaled.reshape(len(scaled), -1)
        number = min(number, len(known))
        places: NDArray[np.int64] = self._model.kneighbors(
            flat, number, return_distance=False
        )
        return places

    def _errors_left_out(self) -> list[tuple[float, int]]:
        """How wrong others answer each training series, for each number of them."""
        known, answers = self.fitted["known"], self.fitted["answers"]
        most = NEIGHBOURS if not self.classes else NEIGHBOURS[:1]
        rows = np.linspace(0, len(known) - 1, min(len(known), LEFT_OUT)).astype(int)
        if len(known) < 2:
            return [(0.0, 1)]
        nearest = self._nearest(known[rows], most[-1] + 1)
        errors = []
        for number in most:
            if number >= len(known):
                break
            others = np.stack(
                [
                    places[places != row][:number]
                    for places, row in zip(nearest, rows, strict=True)
                ]
            )
            if self.classes:
                wrong = answers[others[:, 0]] != answers[rows]
            else:
                wrong = (answers[others].mean(axis=1) - answers[rows]) ** 2
            errors.append((float(np.mean(wrong)), number))
        return errors


def tells_more_by_itself(
    series: list[Values], truth: NDArray[Any], classes: int
) -> bool:
    """Whether series that are each scaled by themselves are answered better for sure.

    Each is answered by the nearest others; classes must be right oftener by more than a
    standard error, squared errors of numbers smaller by a tenth.
    """
    errors = {False: np.inf, True: np.inf}
    for error, arrays in NearestNeighbour._choices(series, truth, len(series), classes):
        per_series = bool(arrays["per_series"])
        errors[per_series] = min(errors[per_series], error)
    together = errors[False]
    margin = 0.1 * together
    if classes:
        margin = np.sqrt(together * (1 - together) / len(series))
    return bool(errors[True] < together - margin)


def _scaled(
    raw: Floats, center: Floats, unit: Floats, per_series: bool
) -> NDArray[np.float32]:
    """Series (rows, steps, columns) standardised, all by the same or each by itself."""
    if per_series:
        own_center, own_unit = center_and_unit(raw, axis=1)
        center, unit = own_center[:, np.newaxis], own_unit[:, np.newaxis]
    scaled: NDArray[np.float32] = ((raw - center) / unit).astype(np.float32)
    return scaled


def _pieces(inputs: list[Values], size: int) -> Iterator[list[Values]]:
    for start in range(0, len(inputs), size):
        yield inputs[start : start + size]
