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
        costs = tf.nn.sparse_softmax_cross_entropy_with_logits(y_true, y_pred)
        if self.smoothing:
            # -(1 - s) log p(y) - s mean log p, whose log sum exp is in the first part.
            true = tf.gather(y_pred, y_true, batch_dims=2)
            costs += self.smoothing * (true - tf.reduce_mean(y_pred, axis=-1))
        if self.coverage:
            costs += self.coverage * getattr(y_pred, OVERLAP)
        return costs

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "smoothing": self.smoothing,
            "coverage": self.coverage,
        }


def pair_loss(spec: EncoderDecoderModel) -> TokenCrossEntropy:
    """The loss that a model's section asks for."""
    return TokenCrossEntropy(spec.label_smoothing, spec.coverage)
