"""The task ``extract_summary``: the sentence of a text that says what it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqkit.data.pairs.spec import ExtractData
from seqkit.models.specs import ExtractDecode, ExtractorModel
from seqkit.signature import Signature
from seqkit.tasks.answers.extracts import Extracts
from seqkit.tasks.base import Baseline
from seqkit.tasks.inputs.sentences import SentenceInputs
from seqkit.tasks.names import graph_name
from seqkit.tasks.rows import RowData, RowTask

if TYPE_CHECKING:
    import keras


class ExtractSummary(RowTask[ExtractData, ExtractorModel]):
    """The sentences of a long text that tell what it says."""

    name = "extract_summary"
    summary = "The sentences of a long text that tell what it says."
    unit = "pairs"
    Data = ExtractData
    Model = ExtractorModel
    Decode = ExtractDecode
    Inputs = SentenceInputs
    Answer = Extracts

    def network(
        self, model: ExtractorModel, signature: Signature, name: str
    ) -> keras.Model:
        """``tokens`` to a probability of each sentence (batch, sentences)."""
        from seqkit.models.extractor import build_extractor

        return build_extractor(model, signature, graph_name(name))

    def baselines(self, rows: RowData, seed: int) -> list[Baseline]:
        from seqkit.tasks.baselines.pairs import of_summaries

        return of_summaries(rows.spec.title is not None)
