"""Answers that are sequences of their own: learnt token by token, written by a loop."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.pairs.rows import PairScan, references
from seqkit.data.pairs.tokens import output_tokenizer
from seqkit.data.stores.store import TOKENS, Column, Ragged
from seqkit.data.text.tokenizer import Tokenizer, encode
from seqkit.tasks.answers.base import Answer

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.rows.parted import PartedRows
    from seqkit.data.rows.reading import AnsweredRows, AnswerScan
    from seqkit.layers.text import TextEncoder
    from seqkit.scores.sequences import SequenceScorer
    from seqkit.tasks.inputs.base import Inputs

LEAST_CUT = 0.01
"""Where fewer outputs are cut, none is spoken of."""


class TextAnswer(Answer):
    """A text a row, scored against one reference or several."""

    metrics: ClassVar[tuple[str, ...]]
    """Names of the scores, the primary one first."""

    @classmethod
    def named(cls, spec: Any) -> str:
        return str(spec.output)

    @classmethod
    def scan(cls, spec: Any, name: str, thing: str) -> PairScan:
        return PairScan(spec, name)

    def truth(
        self, rows: AnsweredRows[Any], spec: Any, name: str, thing: str
    ) -> list[Any]:
        """A text of each row, or a list of references."""
        return list(rows.answers)

    def scorer(self) -> SequenceScorer:
        return self.scorer_type()(self.metrics)

    @classmethod
    def scorer_type(cls) -> type[SequenceScorer]:
        from seqkit.scores.sequences import SequenceScorer

        return SequenceScorer


class Sequences(TextAnswer):
    """One sequence of tokens of any length.

    Args:
        tokenizer: cuts outputs into tokens, between begin and end.
        max_output: tokens of an output, its end among them.
    """

    other_metrics = ("exact_match",)
    loss_keys = (
        "model.label_smoothing",
        "model.coverage",
        "data.level",
        "data.vocab_size",
        "data.output_vocab_size",
        "data.shared",
        "data.lowercase",
        "data.max_output",
    )
    idle_answer = "giving every place each token's share of the training part"
    row_number = "row"
    judges = True
    column = TOKENS
    fed: ClassVar[Mapping[str, Column]] = {"previous": TOKENS}

    def __init__(self, tokenizer: Tokenizer, max_output: int) -> None:
        self.tokenizer, self.max_output = tokenizer, max_output
        self._prepared = self._cut = 0

    @classmethod
    def fit(cls, spec: Any, scan: AnswerScan, rows: PartedRows[Any]) -> Self:
        return cls(output_tokenizer(spec, rows), spec.max_output)

    @classmethod
    def declared(cls, spec: Any) -> dict[str, Any]:
        return {"details": _details(spec.written_vocab_size, spec.max_output)}

    @property
    def shapes(self) -> dict[str, Any]:
        return {"details": _details(len(self.tokenizer.vocabulary), self.max_output)}

    @classmethod
    def compile_options(cls, model: Any, network: keras.Model) -> dict[str, Any]:
        from seqkit.models.pairs.losses import pair_loss

        return {"loss": pair_loss(model)}

    def answerer(self, network: keras.Model, decode: Any) -> keras.Model:
        """``tokens`` to several answers of each row, the best one first."""
        from seqkit.tasks.answers.sequence_models import written_by

        return written_by(network, decode, self.max_output)

    def fed_columns(self, truth: Any) -> Mapping[str, Ragged]:
        """``previous``: begin, and the tokens of each output."""
        return {"previous": _previous(self._ids(truth)[0])}

    def learnt(
        self, inputs: list[Any], truth: Any
    ) -> tuple[Mapping[str, Ragged], Ragged]:
        """``previous``, and what should be written: the tokens and their end."""
        from seqkit.layers.text import END_ID

        rows, cut = self._ids(truth)
        self._prepared += len(rows)
        self._cut += cut
        targets = Ragged.of([np.append(ids, np.int32(END_ID)) for ids in rows])
        return {"previous": _previous(rows)}, targets

    def notes(self) -> list[str]:
        if not self._cut or self._cut < LEAST_CUT * self._prepared:
            return []
        share = f"{self._cut:,} of {self._prepared:,} outputs"
        return [
            f"{share} ({self._cut / self._prepared:.0%}) are longer than "
            f"{self.max_output - 1:,} tokens (data.max_output) and are cut: the model "
            "learns to stop there."
        ]

    def _ids(self, truth: Any) -> tuple[list[NDArray[np.int32]], int]:
        """The tokens of each output, and how many outputs are cut."""
        texts = [references(output)[0] for output in truth]
        rows: list[NDArray[np.int32]] = []
        cut = 0
        for piece in encode(self._encoder, texts):
            rows += Ragged(piece.ids, piece.lengths).rows()
            cut += int((piece.whole_lengths > piece.lengths).sum())
        # An empty text is encoded as one unknown token; as an output it has none.
        whole = zip(texts, rows, strict=True)
        return [ids if text else ids[:0] for text, ids in whole], cut

    @cached_property
    def _encoder(self) -> TextEncoder:
        from seqkit.tasks.answers.sequence_models import output_encoder

        return output_encoder(self.tokenizer, self.max_output)

    def idle_outputs(
        self, model: Any, targets: NDArray[Any], weights: NDArray[Any]
    ) -> NDArray[np.floating]:
        """Of every place the logarithm of each token's share."""
        size = len(self.tokenizer.vocabulary)
        counts = np.bincount(targets.ravel(), weights.ravel(), size) + 0.1
        shares: NDArray[np.floating] = np.log(counts / counts.sum())
        return shares[np.newaxis]

    def judge(self, network: keras.Model) -> keras.Model:
        """``tokens``, ``previous`` to sums over the output's tokens, by name."""
        from seqkit.tasks.answers.sequence_models import build_row_judge

        return build_row_judge(network)

    def undone(self, outputs: Any) -> dict[str, Any]:
        """``outputs`` and ``scores`` (rows, n), and the best ones alone."""
        texts = self.tokenizer.decoder(outputs["tokens"]).numpy()
        answers = np.array([text.decode() for text in texts.ravel()], object)
        answers = answers.reshape(texts.shape)
        scores = np.asarray(outputs["score"])
        return {
            "output": answers[:, 0].tolist(),
            "score": scores[:, 0],
            "outputs": answers,
            "scores": scores,
        }

    def in_graph(self, outputs: Any) -> dict[str, Any]:
        """``output`` and ``score`` (batch,), the best of each row."""
        text = self.tokenizer.decoder(outputs["tokens"][:, 0])
        return {"output": text, "score": outputs["score"][:, 0]}

    def beside(
        self, network: keras.Model, decode: Any, inputs: Inputs[Any]
    ) -> dict[str, keras.Model]:
        from seqkit.tasks.answers.sequence_models import served_models

        own: Any = inputs
        return served_models(network, decode, self.max_output, own, self.tokenizer)

    def attention_model(
        self, network: keras.Model, decode: Any, inputs: Inputs[Any]
    ) -> keras.Model:
        """``text`` to its output and where the decoder looked as it wrote."""
        from seqkit.tasks.answers.sequence_models import attention_model

        own: Any = inputs
        return attention_model(network, decode, self.max_output, own, self.tokenizer)

    def table(self, outputs: Any, inputs: list[Any]) -> pd.DataFrame:
        """``output`` and ``score``; of several answers ``row`` and ``rank`` too."""
        import pandas as pd

        texts, scores = outputs["outputs"], outputs["scores"]
        rows, best = texts.shape
        frame = pd.DataFrame({"output": texts.ravel(), "score": scores.ravel()})
        if best > 1:
            frame.insert(0, "row", np.repeat(np.arange(1, rows + 1), best))
            frame.insert(1, "rank", np.tile(np.arange(1, best + 1), rows))
        # A beam may hold fewer answers than places.
        return frame[np.isfinite(frame["score"])].reset_index(drop=True)

    def served(self, outputs: Any, inputs: list[Any]) -> dict[str, list[Any]]:
        return {"output": outputs["output"], "score": outputs["score"].tolist()}

    def limits(self) -> list[str]:
        things = {"subword": "pieces"}.get(
            self.tokenizer.level, f"{self.tokenizer.level}s"
        )
        return [
            f"- Writes {self.max_output - 1} {things} at most, of "
            f"{len(self.tokenizer.vocabulary) - 4:,} different ones."
        ]

    def plain(self) -> dict[str, Any]:
        plain = {"max_output": self.max_output, **self.tokenizer.to_dict()}
        return {"outputs": plain}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        own = dict(plain["outputs"])
        return cls(max_output=own.pop("max_output"), tokenizer=Tokenizer.from_dict(own))

    def files(self) -> dict[str, str]:
        vocabulary = json.dumps(self.tokenizer.vocabulary, ensure_ascii=False)
        return {"output_vocabulary.json": vocabulary}


def _previous(rows: list[NDArray[np.int32]]) -> Ragged:
    """Ids of outputs with begin before them."""
    from seqkit.layers.text import BEGIN_ID

    return Ragged.of([np.append(np.int32(BEGIN_ID), ids) for ids in rows])


def _details(vocabulary: int, timesteps: int) -> tuple[tuple[str, Any], ...]:
    return (("output_vocabulary", vocabulary), ("output_timesteps", timesteps))


class Translations(Sequences):
    """Sentences in another language."""

    primary_metric = "bleu"
    metrics = (
        "bleu",
        "bleu_lowercase",
        "chrf",
        "exact_match",
        "perplexity",
        "token_accuracy",
        "free_token_accuracy",
    )


class Symbols(Sequences):
    """Symbols that must all be right."""

    primary_metric = "exact_match"
    other_metrics = ("character_error_rate",)
    metrics = (
        "exact_match",
        "character_error_rate",
        "word_error_rate",
        "perplexity",
        "token_accuracy",
    )


class Summaries(Sequences):
    """Short texts that tell what long ones say."""

    primary_metric = "rouge1"
    other_metrics = ("rougeL",)
    metrics = ("rouge1", "rouge2", "rougeL", "perplexity", "token_accuracy")
