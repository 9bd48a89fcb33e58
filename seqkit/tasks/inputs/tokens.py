"""Tokens as inputs: words, their letters and their casing, a step a token."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from seqkit.data.rows.pieces import shared_steps
from seqkit.data.stores.store import TOKENS, Column, Ragged
from seqkit.data.tokens.rows import TokensReading, checked_tokens
from seqkit.data.tokens.spec import TaggedText
from seqkit.data.tokens.vocabulary import TokenVocabulary, encode_tokens, fit_tokens
from seqkit.tasks.inputs.base import Encoded, Inputs

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.rows.parted import PartedRows
    from seqkit.layers.tokens import TokenEncoder

MAX_LETTERS = 20
"""Letters of a token that are read, half of them at each end."""
AWKWARD = (
    ["This", "is", "one", "."],
    ["x"],
    ["\U0001f600", "na\u00efve", "", "A" * 50, "3,000.50"],
    ["word"] * 300,
)
"""Sentences that exports must answer as the run does."""


class TokenInputs(Inputs[list[str]]):
    """Sentences of tokens as they are given, and the vocabulary fitted to them.

    Args:
        vocabulary: words, classes of unknown words and letters.
        spec: how tokens are read, and how long pieces of sentences may be.
    """

    Reading = TokensReading
    predict_batch = 64

    def __init__(self, vocabulary: TokenVocabulary, spec: TaggedText) -> None:
        self.vocabulary, self.spec = vocabulary, spec
        self.piece = spec.max_timesteps
        self.overlap = shared_steps(spec.max_timesteps, spec.overlap)

    @cached_property
    def encoder(self) -> TokenEncoder:
        return self.vocabulary.encoder(MAX_LETTERS)

    @classmethod
    def fit(cls, spec: Any, rows: PartedRows[list[str]]) -> Self:
        """The vocabulary comes from the training part alone."""
        sentences = (one for chunk in rows.rows("train") for one in chunk.inputs)
        size, level, lowercase = spec.vocab_size, spec.level, spec.lowercase
        return cls(fit_tokens(sentences, size, level, lowercase), spec)

    @classmethod
    def declared(cls, spec: Any) -> dict[str, Any]:
        letters = {"alphabet": 100} if spec.level == "word" else {}
        details = {"singletons": (0,), **letters}
        return {"vocabulary": spec.vocab_size, "details": tuple(details.items())}

    @property
    def shapes(self) -> dict[str, Any]:
        fitted = self.vocabulary
        details: dict[str, Any] = {"singletons": fitted.singletons}
        if fitted.level == "word":
            details["alphabet"] = len(fitted.alphabet)
        return {"vocabulary": len(fitted.words), "details": tuple(details.items())}

    @property
    def columns(self) -> dict[str, Column]:
        if self.vocabulary.level == "character":
            return {"words": TOKENS}
        letters = Column(np.int32, (MAX_LETTERS,))
        return {"words": TOKENS, "letters": letters, "casing": TOKENS}

    def read_again(self, spec: Any, answer: str) -> TokensReading:
        # Groups part what is trained on; other rows need not have them.
        return TokensReading(spec.model_copy(update={"groups": None}), answer)

    def encoded(self, raw: list[list[str]]) -> Iterator[Encoded]:
        for piece in encode_tokens(self.encoder, raw):
            columns = {
                name: Ragged(values, piece.lengths)
                for name, values in piece.columns.items()
            }
            yield Encoded(len(piece.lengths), columns)

    def raw(self) -> dict[str, keras.KerasTensor]:
        """``tokens`` (batch, steps), ``""`` behind the end of a sentence."""
        import keras

        return {"tokens": keras.Input((None,), dtype="string", name="tokens")}

    def in_graph(self, raw: dict[str, Any]) -> Any:
        ids = self.encoder(raw["tokens"])
        return ids if len(ids) > 1 else ids["words"]

    def beside(self, serving: keras.Model) -> dict[str, keras.Model]:
        """``text``: sentences (batch,) that are cut into words in the graph.

        Its answers say which tokens they are of, and at which characters these begin
        and end.
        """
        import keras

        from seqkit.layers.sentences import SentenceSplitter

        if self.vocabulary.level == "character":
            return {}
        text = keras.Input((), dtype="string", name="text")
        cut = SentenceSplitter()(text)
        places = {"token": cut["tokens"], "start": cut["starts"], "end": cut["ends"]}
        answers = {**places, **serving({"tokens": cut["tokens"]})}
        return {"text": keras.Model({"text": text}, answers)}

    def checked(self, values: Sequence[Any]) -> list[list[str]]:
        return checked_tokens(values, self.spec)

    def samples(self, kept: list[Any]) -> dict[str, list[Any]]:
        sentences = [*kept]
        if self.vocabulary.level == "word":
            sentences = [*map(list, AWKWARD), *kept]
        longest = max(map(len, sentences))
        return {"tokens": [one + [""] * (longest - len(one)) for one in sentences]}

    def named(self, samples: Mapping[str, list[Any]]) -> list[list[str]]:
        return [_unpadded(tokens) for tokens in samples["tokens"]]

    def limits(self) -> list[str]:
        words = f"{len(self.vocabulary.words) - 2:,}"
        if self.vocabulary.level == "character":
            return [f"- Reads letters, of which it knows {words}."]
        return [
            f"- Reads tokens as they are given, and knows {words} words; of others it "
            f"reads the first and last {MAX_LETTERS // 2} letters, and how they are "
            "written."
        ]

    def plain(self) -> dict[str, Any]:
        return {
            "vocabulary": self.vocabulary.to_dict(),
            "data": self.spec.model_dump(mode="json"),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        vocabulary = TokenVocabulary.from_dict(plain["vocabulary"])
        return cls(vocabulary, TaggedText.model_validate(plain["data"]))

    def files(self) -> dict[str, str]:
        return {"tokens.json": json.dumps(self.vocabulary.to_dict())}

    @staticmethod
    def typed(words: list[str]) -> list[Any]:
        """Each word of the command line is a sentence, as text."""
        return list(words)

    @staticmethod
    def lines(inputs: list[Any], answers: pd.DataFrame) -> list[str]:
        return [
            " ".join(
                f"{token}/{tag}"
                for token, tag in zip(rows["token"], rows["tag"], strict=True)
            )
            for _, rows in answers.groupby("sentence", sort=False)
        ]


def _unpadded(tokens: list[str]) -> list[str]:
    """Tokens up to the last that is not empty."""
    end = max((place for place, token in enumerate(tokens, 1) if token), default=1)
    return tokens[:end]
