"""The task ``tag_text``: a tag for every token of a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seqkit.data.tokens.spec import TaggedText
from seqkit.errors import UsageError
from seqkit.models.specs import TaggerDecode, TaggerModel
from seqkit.shared.vectors import Vectors, vectors_of
from seqkit.signature import Signature
from seqkit.tasks.answers.tags import Tags, allowed_moves
from seqkit.tasks.base import Baseline
from seqkit.tasks.inputs.tokens import TokenInputs
from seqkit.tasks.names import graph_name
from seqkit.tasks.rows import RowData, RowTask

if TYPE_CHECKING:
    import keras


class TagText(RowTask[TaggedText, TaggerModel]):
    """Many tokens in, a tag for each out."""

    name = "tag_text"
    summary = "A tag for every token: names, parts of speech, letters of a protein."
    unit = "sentences"
    run_kind = "tagger"
    Data = TaggedText
    Model = TaggerModel
    Decode = TaggerDecode
    Inputs = TokenInputs
    Answer = Tags

    def check(self, data: TaggedText, model: TaggerModel) -> None:
        if data.level == "character" and (model.characters != "none" or model.casing):
            raise UsageError(
                "With data.level character the tokens are letters, which have none of "
                "their own and no casing. Set model.characters to none and "
                "model.casing to false."
            )

    def averages(self, model: TaggerModel) -> bool:
        return model.head == "softmax"

    def network(
        self, model: TaggerModel, signature: Signature, name: str
    ) -> keras.Model:
        """``words``, ``letters`` and ``casing`` to what the loss takes of each step."""
        from seqkit.models.tagger import build_tagger

        moves = allowed_moves(signature.classes, signature.detail("scheme"))
        return build_tagger(model, signature, moves, graph_name(name))

    def first_vectors(self, spec: TaggerModel, preprocessing: Any) -> Vectors | None:
        if spec.pretrained_vectors is None:
            return None
        fitted = preprocessing.inputs.vocabulary
        return vectors_of(spec.pretrained_vectors, fitted.words, fitted.lowercase)

    def baselines(self, rows: RowData, seed: int) -> list[Baseline]:
        from seqkit.tasks.baselines import tags as plain
        from seqkit.tasks.baselines.crfsuite import CrfSuite

        tags = len(rows.answer.shapes["classes"])

        def sentences() -> Iterator[plain.Sentence]:
            for chunk in rows.examples("train"):
                yield from zip(chunk.inputs, chunk.truth, strict=True)

        if rows.spec.level == "character":
            kinds: list[Any] = [plain.MajorityTag, plain.WindowLogistic]
        else:
            # CRFsuite is an extra: who has it sees it beside the model.
            kinds = [plain.MostFrequentTag]
            kinds += [CrfSuite] if CrfSuite.is_installed() else []
        return [kind.fit(sentences(), tags) for kind in kinds]
