"""The run of a task of pairs: what is more than any run has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from seqkit.errors import UsageError
from seqkit.runs.run import Run

if TYPE_CHECKING:
    import keras
    import pandas as pd
    from matplotlib.figure import Figure

ALIGNED = 32
"""Texts of which weights are held at once."""


class PairRun(Run):
    """An encoder-decoder: it can score outputs, and show where it looked."""

    decoding: ClassVar[tuple[str, ...]] = (*Run.decoding, "_attention_model")
    verbs: ClassVar[Mapping[str, str]] = {
        "score": "Only models that write sequences score outputs",
        "attention": "Only models that write sequences have attention to draw",
    }

    def attention(self, inputs: Sequence[str]) -> list[Figure]:
        """Where the decoder looked as it wrote: a map of weights for each input.

        Raises:
            UsageError: the model has no attention, or there is no input.
        """
        from seqkit.pictures.sequences import attention_map

        if not len(inputs):
            raise UsageError("There is nothing to draw: give at least one input.")
        texts = self.task.raw_inputs(list(inputs), self.preprocessing)
        rows = self._aligned(texts)
        return [attention_map(*row) for row in rows]

    def _aligned(self, texts: list[str]) -> Iterator[tuple[Any, list[str], list[str]]]:
        """Weights (steps, places), source and output tokens of each text."""
        import tensorflow as tf

        names = ("weights", "source_tokens", "output_tokens")
        for start in range(0, len(texts), ALIGNED):
            text = tf.constant(texts[start : start + ALIGNED])
            answers = self._attention_model({"text": text}, training=False)
            aligned = (answers[name].numpy() for name in names)
            for weights, *tokens in zip(*aligned, strict=True):
                source, output = ([one.decode() for one in row] for row in tokens)
                places, steps = (_length(one) for one in (source, output))
                yield weights[:steps, :places], source[:places], output[:steps]

    @cached_property
    def _attention_model(self) -> keras.Model:
        own: Any = self.preprocessing
        decode = self.recipe.decode
        model: keras.Model = own.answer.attention_model(self.model, decode, own.inputs)
        return model

    def score(self, inputs: Sequence[str], outputs: Sequence[str]) -> pd.DataFrame:
        """How likely the model holds given outputs to be, for rescoring.

        Returns:
            ``log_probability`` of each output with its end, in nats; ``tokens``, and
            ``perplexity``, exp(-log_probability / tokens).

        Raises:
            UsageError: there are not as many outputs as inputs, or none.
        """
        import numpy as np
        import pandas as pd

        from seqkit.tasks.base import Examples

        if len(inputs) != len(outputs) or not len(inputs):
            raise UsageError(
                f"score takes an output for each input, got {len(inputs):,} inputs and "
                f"{len(outputs):,} outputs. Give two lists of one length."
            )
        texts, given = (
            self.task.raw_inputs(list(each), self.preprocessing)
            for each in (inputs, outputs)
        )
        judged = self._judging(Examples(texts, given))
        nats, tokens = judged["log_probability"], judged["tokens"]
        columns = {
            "log_probability": nats,
            "tokens": tokens.astype(int),
            "perplexity": np.exp(-nats / tokens),
        }
        return pd.DataFrame(columns)


def _length(tokens: list[str]) -> int:
    """Tokens before the padding, which has no text."""
    return max((place for place, token in enumerate(tokens, 1) if token), default=1)
