"""What forecasts learn by: targets (batch, horizon) against all that a model gives.

Each loss is one number a row (batch,), the mean over its steps, so that a weight a row
(batch,) weighs the row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from seqkit.models.series_spec import ForecastModel

HUBER_DELTA = 1.0
"""The error from which on ``huber`` grows no longer squared but straight."""


@keras.saving.register_keras_serializable("seqkit")
class PointLoss(keras.losses.Loss):
    """``mae``, ``mse`` or ``huber`` of point forecasts (batch, horizon, 1).

    huber is half the squared error up to 1, and the error less a half beyond
    (Huber 1964).
    """

    def __init__(self, kind: str, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name or kind, **kwargs)
        self.kind = kind

    def call(self, y_true: Any, y_pred: Any) -> Any:
        error = ops.abs(y_true - y_pred[..., 0])
        if self.kind == "mse":
            error = ops.square(error)
        if self.kind == "huber":
            square = 0.5 * ops.square(error)
            line = HUBER_DELTA * (error - 0.5 * HUBER_DELTA)
            error = ops.where(error <= HUBER_DELTA, square, line)
        return ops.mean(error, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kind": self.kind}


@keras.saving.register_keras_serializable("seqkit")
class PinballLoss(keras.losses.Loss):
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
        quantiles = ops.convert_to_tensor(self.quantiles, dtype=y_pred.dtype)
        error = ops.expand_dims(y_true, -1) - y_pred
        cost = ops.maximum(quantiles * error, (quantiles - 1.0) * error)
        return ops.mean(cost, axis=(-2, -1))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "quantiles": self.quantiles}


@keras.saving.register_keras_serializable("seqkit")
class GaussianLoss(keras.losses.Loss):
    """Negative log-likelihood, in nats a step, of (mu, sigma) (batch, horizon, 2)."""

    def __init__(self, name: str = "negative_log_likelihood", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        mu, sigma = y_pred[..., 0], y_pred[..., 1]
        cost = ops.log(sigma) + 0.5 * ops.square((y_true - mu) / sigma)
        return ops.mean(cost, axis=-1) + 0.5 * math.log(2.0 * math.pi)


def loss_for(spec: ForecastModel) -> keras.losses.Loss:
    """The loss of a recipe's output; it is saved and loaded with the model."""
    if spec.output == "quantile":
        return PinballLoss(spec.quantiles)
    if spec.output == "gaussian":
        return GaussianLoss()
    if spec.level != 0.5:
        return PinballLoss([spec.level])
    return PointLoss(spec.loss)
