"""What tasks have in common that write one sequence for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqkit.data.pairs.spec import PairData
from seqkit.errors import UsageError
from seqkit.models.pairs.spec import EncoderDecoderModel, PairDecode
from seqkit.signature import Signature
from seqkit.tasks.inputs.pairs import PairInputs
from seqkit.tasks.names import graph_name
from seqkit.tasks.rows import RowTask

if TYPE_CHECKING:
    import keras


class PairTask(RowTask[PairData, EncoderDecoderModel]):
    """A sequence in, another one out, of any length of its own."""

    unit = "pairs"
    run_kind = "pairs"
    Data = PairData
    Model = EncoderDecoderModel
    Decode = PairDecode
    Inputs = PairInputs

    def check(self, data: PairData, model: EncoderDecoderModel) -> None:
        for key, needs in (("tie", model.tie == "all"), ("copy", model.copy)):
            if needs and not data.shared:
                raise UsageError(
                    f"model.{key} reads and writes the same tokens, which needs one "
                    "vocabulary for both sides. Set data.shared to true."
                )

    def averages(self, model: EncoderDecoderModel) -> bool:
        # Its outputs are made a token at a time.
        return False

    def network(
        self, model: EncoderDecoderModel, signature: Signature, name: str
    ) -> keras.Model:
        """``tokens`` and ``previous`` to logits of each place (batch, places, ids)."""
        from seqkit.models.pairs.build import build_encoder_decoder

        return build_encoder_decoder(model, signature, graph_name(name))
