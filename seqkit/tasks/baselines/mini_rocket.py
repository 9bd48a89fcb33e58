"""MiniRocket with ridge regression: the plain rival of models of whole series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.series.rows import Values
from seqkit.tasks.base import Baseline, within
from seqkit.tasks.baselines.fitting import (
    Floats,
    center_and_unit,
    sampled_part,
    shares,
)
from seqkit.tasks.baselines.kernels import Kernels

MOST_SERIES = 2_500
"""Training series it is fitted on, at most: their features fill 200 MB three times."""

MOST_STEPS = 2**20
"""Steps of these together, at most: 10 seconds of one core."""

PIECE = 500
"""Series whose features are in memory at one time when it answers: 20 MB."""

ALPHAS = np.logspace(-3, 3, 10)


class MiniRocket(Baseline):
    """Ridge regression on the features of ``Kernels``, standardised.

    Its penalty is that under which each training series is answered best by a model of
    the others (Dempster et al. 2021, section 3.2). Classes have a number of -1 or 1
    each, as in scikit-learn's RidgeClassifierCV; how sure their probabilities are is
    fitted on those answers too.

    Args:
        kernels: what makes the features.
        weights: (answers, features), of features as they are.
        bias: (answers,); -inf of a class that the training series lack.
        rows: on how many it was fitted, of how many.
        classes: how many; 0: the answers are numbers.
    """

    kind = "mini_rocket"

    def __init__(
        self,
        kernels: Kernels,
        weights: Floats,
        bias: Floats,
        rows: NDArray[np.integer],
        classes: int = 0,
    ) -> None:
        self.kernels, self.weights, self.bias = kernels, weights, bias
        self.rows, self.classes = rows, classes
        self.title = f"MiniRocket with ridge{sampled_part(rows, 'series')}"

    @classmethod
    def fit(
        cls,
        series: list[Values],
        truth: NDArray[Any],
        rows: int,
        classes: int = 0,
        seed: int = 0,
    ) -> MiniRocket:
        """Fit on ``series``, or evenly on some of them; ``rows`` is of how many."""
        chosen = rows_for_kernels(np.array([len(one) for one in series]))
        series, truth = [series[row] for row in chosen], truth[chosen]
        kernels = Kernels.fit(series, seed)
        weights, bias = fitted_scores(kernels(series), truth, classes)
        fitted_on = np.array([len(chosen), rows])
        return cls(kernels, weights.astype(np.float32), bias, fitted_on, classes)

    def outputs(self, inputs: list[Values]) -> NDArray[np.floating]:
        scores = self.bias + np.concatenate(
            [
                self.kernels(inputs[start : start + PIECE]) @ self.weights.T
                for start in range(0, len(inputs), PIECE)
            ]
        )
        return shares(scores) if self.classes else scores[:, 0].astype(np.float64)

    def in_graph(self, raw: Mapping[str, Any]) -> Any:
        import keras

        from seqkit.layers.kernels import KernelScores
        from seqkit.layers.series_padding import SeriesEncoder
        from seqkit.models.wide import in_graph_order, set_kernels

        kernels = self.kernels.to_arrays()
        center, unit = kernels["center"], kernels["unit"]
        encoder = SeriesEncoder(center.tolist(), unit.tolist())
        layer = KernelScores(len(self.bias), not self.classes)
        scores = layer(encoder(raw["values"], raw["lengths"]))
        # The encoder has scaled the steps.
        still = {"center": np.zeros_like(center), "unit": np.ones_like(unit)}
        set_kernels(layer, {**kernels, **still})
        each = [in_graph_order(row, kernels["counts"]) for row in self.weights]
        layer.kernel.assign(np.stack(each, axis=-1))
        layer.bias.assign(self.bias)
        if self.classes:
            return keras.ops.softmax(scores)
        return keras.layers.Reshape((), dtype="float64")(scores)

    def arrays(self) -> dict[str, NDArray[Any]]:
        kernels = self.kernels.to_arrays()
        return {
            **{f"kernels.{name}": array for name, array in kernels.items()},
            "weights": self.weights,
            "bias": self.bias,
            "rows": self.rows,
            "classes": np.array(self.classes),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        return cls(
            Kernels.from_arrays(within(dict(arrays), "kernels.")),
            arrays["weights"],
            arrays["bias"],
            arrays["rows"],
            int(arrays["classes"]),
        )


def rows_for_kernels(lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """Which series of such lengths (rows,) kernels are fitted on: evenly some of them.

    They have MOST_STEPS together, or are MOST_SERIES.
    """
    most = int(MOST_STEPS / np.mean(lengths))
    number = max(1, min(len(lengths), MOST_SERIES, most))
    return np.linspace(0, len(lengths) - 1, number).astype(np.int64)


def fitted_scores(
    features: Floats, truth: NDArray[Any], classes: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ridge regression of numbers, or of classes, whose scores are log odds.

    Args:
        features: (rows, features)
        truth: (rows,)
        classes: how many there are; 0: ``truth`` is numbers.

    Returns:
        weights (answers, features) and bias (answers,): -inf of a class without rows.
    """
    if not classes:
        return ridge_by_left_out(features, truth[:, np.newaxis].astype(np.float64))[:2]
    present, codes = np.unique(truth, return_inverse=True)
    numbers = np.where(codes[:, np.newaxis] == np.arange(len(present)), 1.0, -1.0)
    own_weights, own_bias, left_out = ridge_by_left_out(features, numbers)
    factor = sureness(left_out, codes)
    weights = np.zeros((classes, features.shape[1]))
    bias = np.full(classes, -np.inf)
    weights[present], bias[present] = factor * own_weights, factor * own_bias
    return weights, bias


def ridge_by_left_out(
    features: Floats, numbers: Floats
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Ridge regression of (rows, answers), its penalty chosen row by row left out.

    Returns:
        weights (answers, features), bias (answers,), and what each row is answered
        (rows, answers) by a model of the others.
    """
    from sklearn.linear_model import RidgeCV
    from threadpoolctl import threadpool_limits

    mean = numbers.mean(axis=0)
    if len(numbers) < 2 or (numbers == numbers[0]).all():
        left_out = np.tile(mean, (len(numbers), 1))
        return np.zeros((numbers.shape[1], features.shape[1])), mean, left_out
    scaled = features.astype(np.float64)
    center, unit = center_and_unit(scaled)
    scaled -= center
    scaled /= unit
    model = RidgeCV(ALPHAS, scoring="neg_mean_squared_error", store_cv_results=True)
    # Threads that share busy cores wait for each other far longer than they work.
    with threadpool_limits(1):
        model.fit(scaled, numbers)
    place = int(np.flatnonzero(ALPHAS == model.alpha_)[0])
    answers = model.cv_results_.reshape(*numbers.shape, len(ALPHAS))
    weights = np.atleast_2d(model.coef_) / unit
    bias = np.atleast_1d(model.intercept_) - weights @ center
    return weights, bias, answers[..., place]


def sureness(scores: Floats, codes: NDArray[np.integer]) -> float:
    """By what scores (rows, classes) are multiplied to be log odds of the classes.

    It maximises the likelihood of ``codes`` (rows,), of which each counts as if one
    more row of each class had been seen (Platt 1999): else right answers to a few rows
    would make it infinite.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    rows, classes = scores.shape
    wanted = (np.eye(classes)[codes] * rows + 1) / (rows + classes)

    def cost(log_factor: float) -> float:
        likely = log_softmax(np.exp(log_factor) * scores, axis=1)
        return -float(np.mean(np.sum(wanted * likely, axis=1)))

    found = minimize_scalar(cost, bounds=(-5.0, 5.0), method="bounded")
    return float(np.exp(found.x))
