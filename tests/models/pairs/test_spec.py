"""What the model and decode sections of encoder-decoders refuse."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from seqkit.models.pairs.spec import EncoderDecoderModel, PairDecode


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"attention": "none", "copy": True}, "sets copy without attention"),
        ({"attention": "none", "coverage": 1}, "sets coverage without attention"),
        (
            {"attention": "none", "input_feeding": True},
            "sets input_feeding without attention",
        ),
        (
            {"attention": "dot", "bidirectional": "concat"},
            "a decoder of width 64 and an encoder of width 128",
        ),
        ({"decoder_cell": "lsmt"}, "Did you mean 'lstm'"),
    ],
)
def test_keys_that_do_not_go_together_are_told(
    keys: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        EncoderDecoderModel(**keys)


def test_decoder_reads_one_way_and_is_otherwise_as_the_encoder() -> None:
    model = EncoderDecoderModel(bidirectional="concat", units=(4, 6), dropout=0.5)
    assert model.decoder == model.encoder.model_copy(update={"bidirectional": "none"})
    own = EncoderDecoderModel(decoder_cell="gru", decoder_units=(8,))
    assert (own.decoder.cell, own.decoder.units) == ("gru", (8,))


def test_n_best_fits_into_the_beam() -> None:
    with pytest.raises(ValidationError, match="has n_best 3 with a beam of 2"):
        PairDecode(beam=2, n_best=3)
    assert PairDecode(method="greedy", beam=2, n_best=3).n_best == 3
