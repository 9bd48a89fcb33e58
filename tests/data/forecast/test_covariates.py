"""Covariates as numbers, fitted on the training time alone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from seqkit.data.forecast.covariates import Covariates
from seqkit.data.forecast.series import Series, Static
from seqkit.errors import DataError


def series(id: str, static: tuple[Static, ...], rows: list[float]) -> Series:
    values = np.array(rows)
    return Series(id, values, None, values[:, None], values[:, None] * 2, static)


TWO = [series("a", ("north", 1.0), [0, 2, 99]), series("b", ("east", 3.0), [4, 6, 99])]


def test_statistics_come_from_the_training_time() -> None:
    fitted = Covariates.fit(TWO, [2, 2])
    assert fitted.past.mean == (3.0,)
    assert fitted.past.std == (pytest.approx(np.std([0, 2, 4, 6])),)
    assert fitted.future.mean == (6.0,)


def test_static_text_is_one_of_its_categories_and_unknown_text_none() -> None:
    fitted = Covariates.fit(TWO, [2, 2])
    assert fitted.static_features == 3
    assert fitted.encode_static(("east", 2.0)).tolist() == [1, 0, 0]
    assert fitted.encode_static(("north", 3.0)).tolist() == [0, 1, 1]
    assert fitted.encode_static(("west", 1.0)).tolist() == [0, 0, -1]


def test_static_number_that_became_text_is_an_error() -> None:
    with pytest.raises(DataError, match="'many', but was a number"):
        Covariates.fit(TWO, [2, 2]).encode_static(("east", "many"))


def test_constant_covariates_stay_finite() -> None:
    fitted = Covariates.fit([series("a", (), [5, 5, 5])], [3])
    assert fitted.past(np.full((2, 1), 5.0)).tolist() == [[0], [0]]


def test_plain_data_come_back_exactly() -> None:
    fitted = Covariates.fit(TWO, [2, 3])
    assert Covariates.from_dict(json.loads(json.dumps(fitted.to_dict()))) == fitted
