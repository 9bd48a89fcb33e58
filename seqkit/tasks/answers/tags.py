"""Answers that are a tag for every token: learnt, decoded, scored and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.stores.store import Column, Ragged
from seqkit.data.tokens.scan import TagScan
from seqkit.data.tokens.schemes import (
    OUTSIDE,
    PLAIN,
    Span,
    is_legal,
    mended,
    span_types,
    spans,
    tag_runs,
)
from seqkit.errors import DataError
from seqkit.shortened import cut, shortened
from seqkit.tasks.answers.base import Answer

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.rows.parted import PartedRows
    from seqkit.data.rows.reading import AnsweredRows, AnswerScan
    from seqkit.layers.crf import Allowed
    from seqkit.scores.tags import TagScorer


class Tags(Answer):
    """One of several tags a token.

    Args:
        tags: in the order of the outputs; ``O`` comes first.
        scheme: how they spell spans, see ``seqkit.data.tokens.schemes``.
        mends: whether tags of the data may be illegal in it, so that they are mended.
    """

    primary_metric = "f1"
    other_metrics = ("accuracy",)
    idle_answer = "giving every token each tag's share of the training part"
    by_step = True
    row_number = "sentence"
    column = Column(np.int32)

    def __init__(self, tags: tuple[str, ...], scheme: str, mends: bool = False) -> None:
        self.tags, self.scheme, self.mends = tags, scheme, mends

    @classmethod
    def named(cls, spec: Any) -> str:
        return str(spec.tags)

    @classmethod
    def scan(cls, spec: Any, name: str, thing: str) -> TagScan:
        return TagScan(spec, name)

    @classmethod
    def fit(cls, spec: Any, scan: AnswerScan, rows: PartedRows[Any]) -> Self:
        assert isinstance(scan, TagScan)
        return cls(scan.values, scan.scheme, bool(scan.remark))

    @classmethod
    def declared(cls, spec: Any) -> dict[str, Any]:
        return {"classes": ("O", "X")}

    @property
    def shapes(self) -> dict[str, Any]:
        return {"classes": self.tags, "details": (("scheme", self.scheme),)}

    @classmethod
    def compile_options(cls, model: Any, network: keras.Model) -> dict[str, Any]:
        from seqkit.models.tagger import tagger_loss

        return {"loss": tagger_loss(network)}

    def answerer(self, network: keras.Model, decode: Any) -> keras.Model:
        """The same inputs to ``tags`` and ``probabilities`` of each token."""
        from seqkit.models.tagger import build_answerer

        return build_answerer(network, allowed_moves(self.tags, self.scheme), decode)

    def truth(
        self, rows: AnsweredRows[Any], spec: Any, name: str, thing: str
    ) -> list[NDArray[np.int32]]:
        """Codes (tokens,) of each sentence's tags.

        Raises:
            DataError: training has no such tag; names its row and token.
        """
        code = {tag: place for place, tag in enumerate(self.tags)}
        truth = []
        for row, tags in zip(rows.numbers, rows.answers, strict=True):
            if self.mends:
                tags = mended(tags, self.scheme)
            wrong = next(
                (place for place, one in enumerate(tags) if one not in code), -1
            )
            if wrong >= 0:
                raise DataError(
                    f"Row {row:,} of {name} holds the tag {shortened(tags[wrong])}, "
                    f"token {wrong + 1:,}, which the training data do not have (they "
                    f"have {', '.join(cut(tag, 60) for tag in self.tags[:20])}). Mend "
                    "the tags or train with them."
                )
            truth.append(np.array([code[tag] for tag in tags], np.int32))
        return truth

    def targets(self, truth: Any) -> Ragged:
        return Ragged.of(truth)

    def idle_outputs(
        self, model: Any, targets: NDArray[Any], weights: NDArray[Any]
    ) -> NDArray[np.floating]:
        """Of every step the share of each tag, or its logarithm for a CRF."""
        counts = np.bincount(targets.ravel(), weights.ravel(), len(self.tags)) + 0.1
        shares: NDArray[np.floating] = counts / counts.sum()
        return (np.log(shares) if model.head == "crf" else shares)[np.newaxis]

    def in_graph(self, outputs: Any) -> dict[str, Any]:
        """``tag`` and its ``probability`` (batch, steps), "" and 0 behind the end."""
        from seqkit.layers.decode import TagDecoder

        answers: dict[str, Any] = TagDecoder(self.tags)(outputs)
        return answers

    def table(self, outputs: Any, inputs: list[Any]) -> pd.DataFrame:
        """A row a token: ``sentence`` and ``token``, ``tag`` and ``probability``."""
        import pandas as pd

        tags, sure = self.decoded(outputs)
        lengths = list(map(len, inputs))
        return pd.DataFrame(
            {
                "sentence": np.repeat(np.arange(1, len(inputs) + 1), lengths),
                "token": [token for sentence in inputs for token in sentence],
                "tag": [tag for sentence in tags for tag in sentence],
                "probability": np.concatenate(sure),
            }
        )

    def decoded(self, outputs: Any) -> tuple[list[list[str]], list[NDArray[Any]]]:
        """Each sentence's tags, and how sure each of them is."""
        pairs = zip(outputs["tags"], outputs["probabilities"], strict=True)
        tags, sure = [], []
        for codes, probabilities in pairs:
            tags.append([self.tags[code] for code in codes])
            sure.append(probabilities[np.arange(len(codes)), codes])
        return tags, sure

    @classmethod
    def scorer_type(cls) -> type[TagScorer]:
        from seqkit.scores.tags import TagScorer

        return TagScorer

    def scorer(self) -> TagScorer:
        types = span_types(self.tags, self.scheme)
        return self.scorer_type()(self.tags, types, self.spans)

    @property
    def types(self) -> tuple[str, ...]:
        """What spans may be: the tags themselves where they spell none."""
        return span_types(self.tags, self.scheme) or tuple(
            tag for tag in self.tags if tag != OUTSIDE
        )

    def spans(self, tags: list[str]) -> list[Span]:
        """The spans that tags spell; runs of one tag where they are plain."""
        return spans(tags, self.scheme) if self.scheme != PLAIN else tag_runs(tags)

    def plain(self) -> dict[str, Any]:
        return {"tags": self.tags, "scheme": self.scheme, "mends": self.mends}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        return cls(tuple(plain["tags"]), plain["scheme"], plain["mends"])


def allowed_moves(tags: Sequence[str], scheme: str | None) -> Allowed:
    """The legal moves of a scheme, as a CRF takes them; all where there is none."""
    from seqkit.layers.crf import Allowed

    if scheme is None or scheme == PLAIN:
        return Allowed()
    return Allowed(
        [[is_legal(before, tag, scheme) for tag in tags] for before in tags],
        [is_legal(None, tag, scheme) for tag in tags],
        [is_legal(tag, None, scheme) for tag in tags],
    )
