"""What answers a step learn by: targets (batch, steps) under weights (batch, steps).

A batch's loss is the sum of its weighted costs over its number of rows. Keras averages
the batches of an epoch by their rows, so an epoch's loss does not depend on which rows
shared a batch, and neither does the pull of a step on the weights. Where each step
weighs (rows of the part) / (steps of the part), and padding 0, it is the mean cost of a
step. Without weights a batch's loss is the mean over its steps.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.chain import live_steps, step_costs
from seqkit.layers.crf import SOURCE, Crf


class StepwiseLoss(keras.losses.Loss):
    """A cost for each step, of which padding has none.

    Padding is what the mask of the outputs says; without a mask, what stands behind the
    last weight of a row that is not 0.
    """

    def costs(self, y_true: Any, y_pred: Any, live: Any) -> Any:
        """What each step costs (batch, steps)."""
        raise NotImplementedError

    def targets(self, y_true: Any, y_pred: Any, live: Any) -> Any:
        """What ``costs`` takes as the truth: here whole numbers, 0 at padding."""
        return tf.where(live, tf.cast(y_true, tf.int32), 0)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        mask = getattr(y_pred, "_keras_mask", None)
        weights = None if sample_weight is None else tf.cast(sample_weight, self.dtype)
        if weights is not None and len(weights.shape) == 1:
            weights = weights[:, tf.newaxis]
        elif mask is None and weights is not None:
            mask = tf.cumsum(tf.abs(weights), axis=1, reverse=True) > 0
        live = live_steps(y_pred, mask)
        y_true = self.targets(y_true, y_pred, live)
        costs = tf.where(live, self.costs(y_true, y_pred, live), 0)
        if weights is None:
            steps = tf.reduce_sum(tf.cast(live, self.dtype))
            return tf.math.divide_no_nan(tf.reduce_sum(costs), steps)
        rows = tf.cast(tf.shape(costs)[0], self.dtype)
        return tf.math.divide_no_nan(tf.reduce_sum(costs * weights), rows)


@keras.saving.register_keras_serializable("seqkit")
class StepCrossEntropy(StepwiseLoss):
    """-log of the probability of each step's class, in nats.

    ``y_true`` (batch, steps) are the numbers of the classes, ``y_pred`` (batch, steps,
    classes) their probabilities.
    """

    def __init__(self, name: str = "cross_entropy", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def costs(self, y_true: Any, y_pred: Any, live: Any) -> Any:
        return keras.losses.sparse_categorical_crossentropy(y_true, y_pred)


class ColumnsLoss(StepwiseLoss):
    """The mean cost of the answers of a step that are known; NaN is not known.

    ``y_true`` and ``y_pred`` are (batch, steps, columns).
    """

    def targets(self, y_true: Any, y_pred: Any, live: Any) -> Any:
        return tf.where(live[..., tf.newaxis], tf.cast(y_true, y_pred.dtype), 0)

    def costs(self, y_true: Any, y_pred: Any, live: Any) -> Any:
        is_known = tf.logical_not(tf.math.is_nan(y_true))
        # Zero first: a gradient through NaN is NaN, whatever weighs it.
        each = self.each(tf.where(is_known, y_true, 0), y_pred)
        count = tf.reduce_sum(tf.cast(is_known, each.dtype), axis=-1)
        total = tf.reduce_sum(tf.where(is_known, each, 0), axis=-1)
        return tf.math.divide_no_nan(total, count)

    def each(self, y_true: Any, y_pred: Any) -> Any:
        """What each answer costs (batch, steps, columns)."""
        raise NotImplementedError


@keras.saving.register_keras_serializable("seqkit")
class StepLabelsLoss(ColumnsLoss):
    """Binary cross entropy of each label, in nats; ``y_pred`` are probabilities."""

    def __init__(self, name: str = "binary_cross_entropy", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def each(self, y_true: Any, y_pred: Any) -> Any:
        return keras.ops.binary_crossentropy(y_true, y_pred)


@keras.saving.register_keras_serializable("seqkit")
class StepNumbersLoss(ColumnsLoss):
    """What an error of each number costs.

    Args:
        kind: ``mse`` its square, ``mae`` its size, ``huber`` half its square up to 1
            and its size less 1/2 beyond.
    """

    def __init__(self, kind: str = "mse", name: str = "error", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.kind = kind

    def each(self, y_true: Any, y_pred: Any) -> Any:
        error = y_pred - y_true
        if self.kind == "mse":
            return tf.square(error)
        size = tf.abs(error)
        if self.kind == "mae":
            return size
        return tf.where(size <= 1, 0.5 * tf.square(error), size - 0.5)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kind": self.kind}


@keras.saving.register_keras_serializable("seqkit")
class CrfLoss(StepwiseLoss):
    """-log p of each step's tag, given the tags before it, under a CRF, in nats.

    A row's costs add up to -log p of its whole path. ``y_true`` (batch, steps) are the
    numbers of the tags, ``y_pred`` (batch, steps, tags) the emissions as they left a
    ``Crf``. The gradients reach that layer's transitions too.

    Args:
        layer: the Crf; None: the one that the emissions come from, which they tell as
            long as they are a model's own output. So a model that was saved with its
            loss finds it again.
    """

    def __init__(
        self,
        layer: Crf | None = None,
        name: str = "negative_log_likelihood",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        # As an attribute Keras would save the layer's weights here, not in its model.
        self._layer = lambda: layer

    def costs(self, y_true: Any, y_pred: Any, live: Any) -> Any:
        layer = self._layer() or getattr(y_pred, SOURCE, None)
        if layer is None:
            raise ValueError(
                "CrfLoss needs the Crf that the emissions come from, got emissions "
                "that do not tell it. Name it: CrfLoss(layer)."
            )
        return step_costs(layer.chain, tf.cast(y_pred, tf.float32), live, y_true)
