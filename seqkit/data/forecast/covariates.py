"""Covariates as the model reads them: standardised, text as one of its categories.

All is fitted on the training time of the training series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.series import Series, Static
from seqkit.errors import DataError


@dataclass(frozen=True)
class Standard:
    """Means and standard deviations of columns; 1 for one that is constant."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def fit(cls, rows: NDArray[np.float64]) -> Standard:
        """From rows (steps, columns), in which NaN, a missing number, is left out."""
        if np.isnan(rows).any():
            mean, std = np.nanmean(rows, axis=0), np.nanstd(rows, axis=0)
        else:
            mean, std = rows.mean(axis=0), rows.std(axis=0)
        std[std == 0] = 1.0
        return cls(tuple(mean.tolist()), tuple(std.tolist()))

    def __call__(self, rows: NDArray[np.float64]) -> NDArray[np.float32]:
        """(..., columns) of the same shape, standardised."""
        return ((rows - np.array(self.mean)) / np.array(self.std)).astype(np.float32)


@dataclass(frozen=True)
class Covariates:
    """What was fitted on the covariates of the training series."""

    past: Standard
    future: Standard
    static: tuple[Standard | tuple[str, ...], ...]
    """For each static column a Standard, or the categories of text."""

    @classmethod
    def fit(cls, series: Sequence[Series], train_ends: Sequence[int]) -> Covariates:
        """From what each series has before its training time ends."""
        pairs = list(zip(series, train_ends, strict=True))
        past = np.concatenate([one.observed_past[:end] for one, end in pairs])
        future = np.concatenate([one.future[:end] for one, end in pairs])
        columns = zip(*(one.static for one in series), strict=True)
        static = tuple(_static(column) for column in columns)
        return cls(Standard.fit(past), Standard.fit(future), static)

    @property
    def static_features(self) -> int:
        """Numbers that the static columns become."""
        return sum(
            1 if isinstance(column, Standard) else len(column) for column in self.static
        )

    def encode_static(self, values: Sequence[Static]) -> NDArray[np.float32]:
        """One series' static columns as (static features,) numbers.

        A category that training did not see is 0 in all of its places.
        """
        parts = [np.zeros(0, np.float32)]
        for column, value in zip(self.static, self.as_trained(values), strict=True):
            if isinstance(column, Standard):
                parts.append(column(np.array([value], np.float64)))
            else:
                parts.append(np.array([value == c for c in column], np.float32))
        return np.concatenate(parts)

    def as_trained(self, values: Sequence[Static]) -> list[Static]:
        """A series' static values as training saw them: a number, or text."""
        return [
            _number(value) if isinstance(column, Standard) else _text(value)
            for column, value in zip(self.static, values, strict=True)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "past": [self.past.mean, self.past.std],
            "future": [self.future.mean, self.future.std],
            "static": [
                {"mean": c.mean, "std": c.std}
                if isinstance(c, Standard)
                else {"categories": c}
                for c in self.static
            ],
        }

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Covariates:
        """What ``to_dict`` gave."""
        return cls(
            Standard(*map(tuple, plain["past"])),
            Standard(*map(tuple, plain["future"])),
            tuple(
                tuple(c["categories"])
                if "categories" in c
                else Standard(tuple(c["mean"]), tuple(c["std"]))
                for c in plain["static"]
            ),
        )


def _static(column: Sequence[Static]) -> Standard | tuple[str, ...]:
    if all(isinstance(value, (int, float)) for value in column):
        return Standard.fit(np.array(column, np.float64)[:, None])
    return tuple(sorted(set(map(_text, column))))


def _text(value: Static) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else value


def _number(value: Static) -> float:
    try:
        return float(value)
    except ValueError:
        raise DataError(
            f"A static covariate is {value!r}, but was a number in training. Give a "
            "number."
        ) from None
