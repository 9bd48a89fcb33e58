"""Linear models by scikit-learn as plain weights, and what baselines share besides."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Floats = NDArray[np.floating]
Weights = tuple[Floats, Floats]
"""Weights (answers, features) and bias (answers,)."""


def center_and_unit(
    rows: Floats, axis: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation; 1 where nothing changes."""
    mean, spread = rows.mean(axis=axis), rows.std(axis=axis)
    return mean, np.where(spread > 1e-9 * np.maximum(np.abs(mean), 1), spread, 1.0)


def logistic(
    features: Any,
    codes: NDArray[np.integer],
    classes: int,
    strength: float = 1.0,
    iterations: int = 1000,
    dtype: DTypeLike = np.float32,
    row_weights: NDArray[np.floating] | None = None,
) -> Weights:
    """Logistic regression of the classes that rows have; any other has the bias -inf.

    Args:
        features: (rows, features), sparse or not.
        codes: (rows,)
        classes: how many there are.
        strength: C, the inverse of the penalty.
        iterations: of L-BFGS, at most.
        dtype: of weights and bias.
        row_weights: (rows,); None: all count alike.
    """
    from sklearn.linear_model import LogisticRegression

    weights = np.zeros((classes, features.shape[1]), dtype)
    bias = np.full(classes, -np.inf, dtype)
    present = np.unique(codes)
    if len(present) < 2 or not features.shape[1]:
        bias[present] = np.log([np.mean(codes == one) for one in present])
        return weights, bias
    model = LogisticRegression(C=strength, max_iter=iterations)
    model.fit(features, codes, row_weights)
    if len(present) == 2:
        # One row of weights tells two classes apart.
        weights[present[1]] = model.coef_[0]
        bias[present] = [0.0, model.intercept_[0]]
    else:
        weights[present], bias[present] = model.coef_, model.intercept_
    return weights, bias


def ridge(features: Floats, numbers: Floats) -> Weights:
    """Ridge regression (alpha = 1) of each column of ``numbers``, NaN left out."""
    from sklearn.linear_model import Ridge

    weights = np.zeros((numbers.shape[1], features.shape[1]))
    bias = np.zeros(numbers.shape[1])
    for place, column in enumerate(numbers.T):
        is_known = ~np.isnan(column)
        if is_known.any():
            inputs = features[is_known].astype(np.float64)
            model = Ridge(alpha=1.0).fit(inputs, column[is_known])
            weights[place], bias[place] = model.coef_, model.intercept_
    return weights, bias


def shares(scores: Floats) -> NDArray[np.float32]:
    """The probability of each class (rows, classes) of scores that are linear."""
    from scipy.special import softmax

    return np.asarray(softmax(scores, axis=1), np.float32)


def sampled_part(rows: NDArray[np.integer], unit: str) -> str:
    """What a title says of a baseline that was not fitted on all rows.

    Args:
        rows: on how many it was fitted, of how many.
        unit: what is counted.

    >>> sampled_part(np.array([50, 2000]), "series")
    ' (on 50 of 2,000 series)'
    """
    fitted, every = map(int, rows)
    return "" if fitted == every else f" (on {fitted:,} of {every:,} {unit})"
