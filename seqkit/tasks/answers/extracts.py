"""Answers that are sentences of the input: which ones is learnt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.pairs.rows import references
from seqkit.data.stores.store import Column, Ragged, Values
from seqkit.data.text.tokenizer import as_bytes
from seqkit.tasks.answers.sequences import TextAnswer

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.rows.parted import PartedRows
    from seqkit.data.rows.reading import AnswerScan
    from seqkit.layers.extracts import SentenceLines


class Extracts(TextAnswer):
    """Sentences of a text that say what all of it does.

    Args:
        most: sentences of a text that are read.
        titled: whether a first line is a title.
    """

    primary_metric = "rouge1"
    other_metrics = ("rougeL",)
    metrics = ("rouge1", "rouge2", "rougeL")
    idle_answer = "picking one sentence as often as any other"
    column = Column(np.float32)

    def __init__(self, most: int, titled: bool) -> None:
        from seqkit.layers.extracts import SentenceLines

        self.lines_of: SentenceLines = SentenceLines(most, titled)

    @classmethod
    def fit(cls, spec: Any, scan: AnswerScan, rows: PartedRows[Any]) -> Self:
        return cls(spec.max_sentences, spec.title is not None)

    @classmethod
    def compile_options(cls, model: Any, network: keras.Model) -> dict[str, Any]:
        from seqkit.models.extractor import MissedMerit

        return {"loss": MissedMerit()}

    def answerer(self, network: keras.Model, decode: Any) -> keras.Model:
        """``tokens`` and ``sentences`` to ``output`` and ``score``."""
        from seqkit.models.extractor import build_picker

        return build_picker(network, decode)

    def learnt(
        self, inputs: list[Any], truth: Any
    ) -> tuple[Mapping[str, Values], Values]:
        """ROUGE-1 (F, 0 to 1) of each sentence and the reference nearest to it."""
        import tensorflow as tf

        from seqkit.scores.sequence_counts import Rouge

        rouge, rows = Rouge(1), []
        padded = self.lines_of(tf.constant(as_bytes(inputs), tf.string)).numpy()
        for sentences, output in zip(padded, truth, strict=True):
            texts, every = (
                [one.decode() for one in sentences if one],
                references(output),
            )
            merits = [rouge.of(text, every)[0] / 100 for text in texts]
            rows.append(np.array(merits or [0.0], np.float32))
        return {}, Ragged.of(rows)

    def idle_outputs(
        self, model: Any, targets: NDArray[Any], weights: NDArray[Any]
    ) -> NDArray[np.floating]:
        """Of each sentence the same; the loss makes shares of them."""
        return np.ones((1, 1))

    def undone(self, outputs: Any) -> dict[str, Any]:
        texts = [text.decode() for text in outputs["output"]]
        return {"output": texts, "score": outputs["score"].tolist()}

    def in_graph(self, outputs: Any) -> dict[str, Any]:
        """``output`` and ``score`` (batch,)."""
        return dict(outputs)

    def table(self, outputs: Any, inputs: list[Any]) -> pd.DataFrame:
        """``output`` and ``score``."""
        import pandas as pd

        return pd.DataFrame({name: outputs[name] for name in ("output", "score")})

    def limits(self) -> list[str]:
        return ["- Writes nothing of its own: an answer is sentences of the input."]

    def plain(self) -> dict[str, Any]:
        # The inputs hold how texts are cut.
        return {}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        return cls(**plain["sentences"])
