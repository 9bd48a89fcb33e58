"""Boosted trees that read a window, as arrays in the graph."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit.layers.forecast.window_learner import WindowLearner


@keras.saving.register_keras_serializable("seqkit")
class WindowTrees(WindowLearner):
    """The sum of what trees answer to what is read of a window, and to the step.

    All trees have ``nodes`` places; a leaf's children are itself. In all of them one
    goes down ``depth`` times.

    Args:
        trees, nodes, depth: how many there are, at most.
    """

    def __init__(
        self,
        horizon: int,
        seasons: Any = (),
        trees: int = 80,
        nodes: int = 29,
        depth: int = 6,
        **kwargs: Any,
    ) -> None:
        super().__init__(horizon, seasons, **kwargs)
        self.trees, self.nodes, self.depth = trees, nodes, depth

    def build(self, input_shape: Any) -> None:
        shape = self.trees, self.nodes
        self.feature = self.fixed("feature", *shape, dtype="int32")
        self.threshold = self.fixed("threshold", *shape)
        self.left = self.fixed("left", *shape, dtype="int32")
        self.right = self.fixed("right", *shape, dtype="int32")
        self.value = self.fixed("value", *shape)
        self.base = self.fixed("base")
        super().build(input_shape)

    def answers(self, features: Any) -> Any:
        rows, width = ops.shape(features)[0], features.shape[2] + 1
        later = np.arange(self.horizon, dtype=np.float32)[None, :, None]
        step = ops.broadcast_to(later, (rows, self.horizon, 1))
        read = ops.concatenate([ops.cast(features, "float32"), step], axis=-1)
        read = ops.reshape(read, (-1, width))
        tables = [
            ops.reshape(one, (-1,))
            for one in (self.feature, self.threshold, self.left, self.right, self.value)
        ]
        feature, threshold, left, right, value = tables
        first = np.arange(self.trees, dtype=np.int32)[None] * self.nodes
        node = ops.broadcast_to(first, (ops.shape(read)[0], self.trees))
        for _ in range(self.depth):
            values = ops.take_along_axis(read, ops.take(feature, node), axis=1)
            goes_left = values <= ops.take(threshold, node)
            node = first + ops.where(
                goes_left, ops.take(left, node), ops.take(right, node)
            )
        sums = self.base + ops.sum(ops.take(value, node), axis=1)
        return ops.reshape(sums, (-1, self.horizon))

    def get_config(self) -> dict[str, Any]:
        own = {"trees": self.trees, "nodes": self.nodes, "depth": self.depth}
        return {**super().get_config(), **own}
