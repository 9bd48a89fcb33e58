"""Words that training takes for unknown ones, so that it learns what these are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit.layers.dropout import UNKNOWN_ID


@keras.saving.register_keras_serializable("seqkit")
class SingletonDropout(keras.layers.Layer):
    """Replace, in training, a share of the words seen once by their unknown class.

    Word ids (batch, timesteps) in and out (Lample et al. 2016, "Neural Architectures
    for Named Entity Recognition", section 4.3).

    Args:
        rate: the share.
        words: ids of the vocabulary; classes of unknown words follow them.
        singletons: how many of the last words of the vocabulary are plain unknown if
            they are not known, then how many are of the first class, the second ...
    """

    def __init__(
        self, rate: float, words: int, singletons: Sequence[int], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.words = words
        self.singletons = list(singletons)
        self.seed_generator = keras.random.SeedGenerator()
        self._stand_ins = stand_ins(words, self.singletons)

    def call(self, ids: Any, training: bool = False) -> Any:
        if not training:
            return ids
        draw = keras.random.uniform(ops.shape(ids), seed=self.seed_generator)
        return ops.where(draw < self.rate, ops.take(self._stand_ins, ids), ids)

    def compute_output_spec(self, ids: Any, training: bool = False) -> Any:
        return keras.KerasTensor(ids.shape, dtype=ids.dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "rate": self.rate,
            "words": self.words,
            "singletons": self.singletons,
        }


def stand_ins(words: int, singletons: Sequence[int]) -> Any:
    """By id what stands for it: its class for a singleton, else the id itself.

    >>> stand_ins(6, [1, 0, 2]).tolist()
    [0, 1, 2, 1, 7, 7, 6, 7]
    """
    classes = np.arange(words - 1, words - 1 + len(singletons), dtype=np.int32)
    classes[0] = UNKNOWN_ID
    last = np.repeat(classes, singletons)
    others = np.arange(words - len(last), dtype=np.int32)
    return np.concatenate([others, last, classes[1:]])
