"""What an encoder-decoder learns by."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from seqkit.models.pairs.network import OVERLAP
from seqkit.models.pairs.spec import EncoderDecoderModel
from seqkit.models.step_losses import StepwiseLoss


@keras.saving.register_keras_serializable("seqkit")
class TokenCrossEntropy(StepwiseLoss):
    """-log p of each token, in nats, from logits (batch, steps, vocabulary).

    Args:
        smoothing: share of the target that goes to all tokens alike (Szegedy et al.
            2016, section 7).
        coverage: weight of the attention that comes to places again, which the logits
            tell (See et al. 2017, eq. 13).
    """

    def __init__(
        self,
        smoothing: float = 0.0,
        coverage: float = 0.0,
        name: str = "cross_entropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.smoothing = smoothing
        self.coverage = coverage

    def costs(self, y_true: Any, y_pred: Any, live: Any) -> Any:
        costs = cross_entropy(y_pred, y_true, self.smoothing)
        if self.coverage:
            costs += self.coverage * getattr(y_pred, OVERLAP)
        return costs

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "smoothing": self.smoothing,
            "coverage": self.coverage,
        }


def cross_entropy(logits: Any, targets: Any, smoothing: float = 0.0) -> Any:
    """-sum q log p of each place (batch, steps), q the smoothed targets.

    It has a gradient of its own, p - q: under deterministic operations TensorFlow's
    costs as much as the output layer itself.

    Args:
        logits: of p, (batch, steps, vocabulary).
        targets: (batch, steps), int32.
        smoothing: share of q that goes to all tokens alike.
    """

    @tf.custom_gradient
    def costs(logits: Any) -> Any:
        log_p = tf.nn.log_softmax(logits)
        true = tf.gather(log_p, targets, batch_dims=2)
        given = (smoothing - 1) * true
        if smoothing:
            given -= smoothing * tf.reduce_mean(log_p, axis=-1)

        def gradient(upstream: Any) -> Any:
            count = tf.shape(logits)[-1]
            rest = smoothing / tf.cast(count, log_p.dtype)
            q = tf.one_hot(targets, count, 1 - smoothing + rest, rest)
            return upstream[..., tf.newaxis] * (tf.exp(log_p) - q)

        return given, gradient

    return costs(logits)


def pair_loss(spec: EncoderDecoderModel) -> TokenCrossEntropy:
    """The loss that a model's section asks for."""
    return TokenCrossEntropy(spec.label_smoothing, spec.coverage)
