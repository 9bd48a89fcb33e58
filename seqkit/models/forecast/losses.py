"""What forecasts learn by: targets (batch, horizon) against all that a model gives.

Each loss is one number a row (batch,), the mean over its steps, so that a weight a row
(batch,) weighs the row. Weights (batch, horizon) weigh the steps themselves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from seqkit.models.forecast.spec import ForecastModel

HUBER_DELTA = 1.0
"""The error from which on ``huber`` grows no longer squared but straight."""


class StepLoss(keras.losses.Loss):
    """A loss of each step (batch, horizon), with weights of rows or of steps."""

    def costs(self, y_true: Any, y_pred: Any) -> Any:
        """What each step costs (batch, horizon)."""
        raise NotImplementedError

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ops.mean(self.costs(y_true, y_pred), axis=-1)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        if sample_weight is None or len(sample_weight.shape) < 2:
            return super().__call__(y_true, y_pred, sample_weight)
        y_true, y_pred, weights = (
            ops.cast(each, self.dtype) for each in (y_true, y_pred, sample_weight)
        )
        return ops.mean(self.costs(y_true, y_pred) * weights)


@keras.saving.register_keras_serializable("seqkit")
class PointLoss(StepLoss):
    """``mae``, ``mse`` or ``huber`` of point forecasts (batch, horizon, 1).

    huber is half the squared error up to 1, and the error less a half beyond
    (Huber 1964).
    """

    def __init__(self, kind: str, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name or kind, **kwargs)
        self.kind = kind

    def costs(self, y_true: Any, y_pred: Any) -> Any:
        error = ops.abs(y_true - y_pred[..., 0])
        if self.kind == "mse":
            error = ops.square(error)
        if self.kind == "huber":
            square = 0.5 * ops.square(error)
            line = HUBER_DELTA * (error - 0.5 * HUBER_DELTA)
            error = ops.where(error <= HUBER_DELTA, square, line)
        return error

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kind": self.kind}


@keras.saving.register_keras_serializable("seqkit")
class PinballLoss(StepLoss):
    """Mean pinball loss of quantile forecasts (batch, horizon, quantiles).

    With error e = y - forecast, a quantile q costs q e above the forecast and (q - 1) e
    below it (Koenker & Bassett 1978, "Regression Quantiles").
    """

    def __init__(
        self, quantiles: Sequence[float], name: str = "pinball", **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.quantiles = list(quantiles)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ops.mean(self._each(y_true, y_pred), axis=(-2, -1))

    def costs(self, y_true: Any, y_pred: Any) -> Any:
        return ops.mean(self._each(y_true, y_pred), axis=-1)

    def _each(self, y_true: Any, y_pred: Any) -> Any:
        quantiles = ops.convert_to_tensor(self.quantiles, dtype=y_pred.dtype)
        error = ops.expand_dims(y_true, -1) - y_pred
        return ops.maximum(quantiles * error, (quantiles - 1.0) * error)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "quantiles": self.quantiles}


@keras.saving.register_keras_serializable("seqkit")
class GaussianLoss(StepLoss):
    """Negative log-likelihood, in nats a step, of (mu, sigma) (batch, horizon, 2)."""

    def __init__(self, name: str = "negative_log_likelihood", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        cost = ops.mean(self._above_least(y_true, y_pred), axis=-1)
        return cost + 0.5 * math.log(2.0 * math.pi)

    def costs(self, y_true: Any, y_pred: Any) -> Any:
        return self._above_least(y_true, y_pred) + 0.5 * math.log(2.0 * math.pi)

    def _above_least(self, y_true: Any, y_pred: Any) -> Any:
        """The costs without their constant."""
        mu, sigma = y_pred[..., 0], y_pred[..., 1]
        return ops.log(sigma) + 0.5 * ops.square((y_true - mu) / sigma)


def loss_for(spec: ForecastModel) -> keras.losses.Loss:
    """The loss of a recipe's output; it is saved and loaded with the model."""
    if spec.output == "quantile":
        return PinballLoss(spec.quantiles)
    if spec.output == "gaussian":
        return GaussianLoss()
    if spec.level != 0.5:
        return PinballLoss([spec.level])
    return PointLoss(spec.loss)
