"""The wide path of models of series: what MiniRocket's kernels say, in the graph.

The features are those of ``seqkit.tasks.baselines.kernels``. Kernels and the linear
model upon them are fitted once the network is trained, so no weight here is trained by
gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqkit.layers.mixture import log_shares
from seqkit.layers.series_padding import PADDING
from seqkit.shared.kernel_taps import KERNELS, MOST_DILATIONS, TAPS, THRESHOLDS

PIECE_NUMBERS = 2**21
"""Numbers of each step of a computation, unless one series has more: 16 MB."""


@keras.saving.register_keras_serializable("seqkit")
class KernelScores(keras.layers.Layer):
    """Scaled, padded steps (batch, steps, columns) to scores (batch, answers).

    They are linear in features: the share of a series' steps at which a kernel's
    response is above a threshold. Of classes they are log probabilities, of numbers the
    numbers themselves. Until it is fitted all scores are alike, and cost nothing.

    Responses are sums of float32 times small whole numbers in float64, and so exact:
    they depend neither on batch mates nor on the order of additions.

    Args:
        answers: how many scores a series has.
        numbers: whether they are numbers, and not of classes.
    """

    def __init__(self, answers: int, numbers: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.answers, self.numbers = answers, numbers

    def build(self, steps_shape: Any) -> None:
        kernels, columns = len(KERNELS), steps_shape[-1]

        def fixed(
            name: str, *shape: int, dtype: str = "float32", start: str = "zeros"
        ) -> keras.Variable:
            return self.add_weight(
                shape=shape,
                dtype=dtype,
                initializer=start,
                trainable=False,
                autocast=False,
                name=name,
            )

        self.center = fixed("center", columns, dtype="float64")
        self.unit = fixed("unit", columns, dtype="float64", start="ones")
        self.dilations = fixed("dilations", MOST_DILATIONS, dtype="int32")
        self.counts = fixed("counts", MOST_DILATIONS, dtype="int32")
        self.columns = fixed("columns", MOST_DILATIONS, kernels, columns)
        self.thresholds = fixed("thresholds", THRESHOLDS, kernels)
        self.kernel = fixed("kernel", THRESHOLDS, kernels, self.answers)
        self.bias = fixed("bias", self.answers)

    def call(self, steps: Any) -> Any:
        most = tf.maximum(tf.shape(steps)[1], 1) * (
            len(KERNELS) + TAPS * steps.shape[-1]
        )
        rows = tf.maximum(PIECE_NUMBERS // most, 1)

        def piece(start: Any, scores: Any) -> Any:
            own = self._linear(steps[start : start + rows])
            return start + rows, tf.concat([scores, own], axis=0)

        _, scores = tf.while_loop(
            lambda start, scores: start < tf.shape(steps)[0],
            piece,
            (0, tf.zeros([0, self.answers])),
            (tf.TensorShape([]), tf.TensorShape([None, self.answers])),
        )
        return scores if self.numbers else log_shares(tf.nn.softmax(scores))

    def _linear(self, steps: Any) -> Any:
        """Scores (rows, answers) before they are those of classes."""
        kernel = tf.convert_to_tensor(self.kernel)

        def added(total: Any, place: Any, shares: Any) -> Any:
            own = tf.cast(kernel[place], tf.float64)
            return total + tf.matmul(shares, own, transpose_a=True)

        bias = tf.cast(tf.convert_to_tensor(self.bias), tf.float64)
        start = tf.tile(bias[tf.newaxis], [tf.shape(steps)[0], 1])
        return tf.cast(self._folded(steps, added, start), tf.float32)

    def features(self, steps: Any) -> Any:
        """Features (rows, thresholds, kernels) of scaled, padded steps."""
        start = tf.TensorArray(tf.float32, THRESHOLDS)
        shares = self._folded(
            steps,
            lambda array, place, own: array.write(place, tf.cast(own, tf.float32)),
            start,
        )
        return tf.transpose(shares.stack(), [2, 0, 1])

    def _folded(
        self, steps: Any, take: Callable[[Any, Any, Any], Any], start: Any
    ) -> Any:
        """``take(so far, place, shares)`` over all thresholds, from ``start`` on.

        ``shares`` (kernels, rows) is of each kernel's threshold of that place.
        """
        # Columns come first, and time last: taps and shares are pieces of memory.
        values, lengths = self._prepared(steps)
        columns, thresholds, counts = (
            tf.convert_to_tensor(each)
            for each in (self.columns, self.thresholds, self.counts)
        )
        dilations = tf.convert_to_tensor(self.dilations)

        def dilation(number: Any, first: Any, total: Any) -> Any:
            apart, last = dilations[number], first + counts[number]
            response = _response(values, apart, columns[number])
            own = _own_steps(lengths, apart, number, tf.shape(steps)[1])
            response = tf.where(own, response, -np.inf)
            size = tf.reduce_sum(tf.cast(own, tf.float64), axis=2)

            def threshold(place: Any, total: Any) -> Any:
                above = response > thresholds[place][:, tf.newaxis, tf.newaxis]
                count = tf.reduce_sum(tf.cast(above, tf.float32), axis=2)
                shares = tf.cast(count, tf.float64) / tf.maximum(size, 1.0)
                return place + 1, take(total, place, shares)

            _, total = tf.while_loop(
                lambda place, total: place < last, threshold, (first, total)
            )
            return number + 1, last, total

        fitted = tf.math.count_nonzero(counts, dtype=tf.int32)
        _, _, total = tf.while_loop(
            lambda number, first, total: number < fitted, dilation, (0, 0, start)
        )
        return total

    def _prepared(self, steps: Any) -> tuple[Any, Any]:
        """Standardised columns (columns, rows, steps), 0 behind each end; lengths."""
        is_own = tf.reduce_any(tf.not_equal(steps, PADDING), axis=2)
        center = tf.convert_to_tensor(self.center)
        unit = tf.convert_to_tensor(self.unit)
        # Rounded to float32, as the baseline has them: products are then exact.
        scaled = tf.cast((tf.cast(steps, tf.float64) - center) / unit, tf.float32)
        scaled = tf.where(is_own[..., tf.newaxis], scaled, 0.0)
        values = tf.cast(tf.transpose(scaled, [2, 0, 1]), tf.float64)
        return values, tf.reduce_sum(tf.cast(is_own, tf.int32), axis=1)

    def compute_output_spec(self, steps: Any) -> keras.KerasTensor:
        return keras.KerasTensor((steps.shape[0], self.answers), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        own = {"answers": self.answers, "numbers": self.numbers}
        return {**super().get_config(), **own}


def _response(values: Any, dilation: Any, columns: Any) -> Any:
    """What each kernel gives at each step (kernels, rows, steps), columns added up.

    Args:
        values: (columns, rows, steps)
        dilation: steps between the taps.
        columns: (kernels, columns), 1 where a kernel reads one.
    """
    width, rows, steps = tf.unstack(tf.shape(values))
    reach = dilation * (TAPS // 2)
    padded = tf.pad(values, [[0, 0], [0, 0], [reach, reach]])
    taps = [padded[:, :, tap * dilation :][:, :, :steps] for tap in range(TAPS)]
    read = tf.reshape(tf.stack(taps), [TAPS * width, rows * steps])
    weights = KERNELS[:, :, np.newaxis] * tf.cast(columns[:, tf.newaxis], tf.float64)
    weights = tf.reshape(weights, [len(KERNELS), TAPS * width])
    response = tf.cast(tf.matmul(weights, read), tf.float32)
    return tf.reshape(response, [len(KERNELS), rows, steps])


def _own_steps(lengths: Any, dilation: Any, number: Any, steps: Any) -> Any:
    """Which steps count (kernels, rows, steps).

    Every other kernel reads zeros beyond the ends, the others stay within a series
    unless it is shorter than they are.
    """
    reach = dilation * (TAPS // 2)
    pads = tf.equal((number + tf.range(len(KERNELS))) % 2, 0)[:, tf.newaxis]
    margin = tf.where(pads | (lengths <= 2 * reach), 0, reach)[..., tf.newaxis]
    places = tf.range(steps)
    return (places >= margin) & (places < lengths[:, tf.newaxis] - margin)
