"""Models around an encoder-decoder that is trained: what an export can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from seqkit.layers.forced import ForcedTokens, StepSums, TargetsOf, WithoutTokens
from seqkit.layers.text_decoder import TokenTexts
from seqkit.models.pairs.build import (
    build_aligner,
    build_judge,
    build_writer,
    has_attention,
)
from seqkit.models.pairs.spec import PairDecode

if TYPE_CHECKING:
    from seqkit.data.text.tokenizer import Tokenizer
    from seqkit.layers.text import TextEncoder
    from seqkit.layers.text_decoder import TextDecoder
    from seqkit.tasks.inputs.text import TextInputs


def written_by(
    network: keras.Model, decode: PairDecode | None, max_output: int
) -> keras.Model:
    """``build_writer`` with ``tokens`` as its one input."""
    writer = build_writer(network, decode, max_output)
    tokens = writer.input["tokens"]
    return keras.Model(tokens, writer.output, name=writer.name)


def build_row_judge(network: keras.Model) -> keras.Model:
    """``tokens``, ``previous`` to sums over an output's tokens (batch,), by name.

    ``log_probability`` of them, ``hits`` (those that are the likeliest behind the true
    ones before) and ``tokens``.
    """
    targets = TargetsOf(name="targets_of")(network.input["previous"])
    judged = build_judge(network)({**network.input, "targets": targets})
    return keras.Model(network.input, StepSums(name="sums")(judged, targets))


def served_models(
    network: keras.Model,
    decode: PairDecode | None,
    max_output: int,
    inputs: TextInputs,
    tokenizer: Tokenizer,
) -> dict[str, keras.Model]:
    """Serving models beside the usual one, by the names of their signatures.

    n_best: ``text`` to ``outputs`` and ``scores`` (batch, beam).
    sample: ``text``, ``seed``, ``temperature``, ``top_k``, ``top_p`` (batch,) each, to
        ``output`` and ``log_probability``.
    score: ``text``, ``output`` to ``log_probability`` and ``tokens``.
    attention: ``text`` to ``output``, ``source_tokens`` (batch, places),
        ``output_tokens`` (batch, steps) and ``weights`` (batch, steps, places).
    """
    own = decode or PairDecode.model_validate({})
    models = {
        "n_best": _best(network, own, max_output, inputs, tokenizer.decoder),
        "sample": _drawn(network, own, max_output, inputs, tokenizer.decoder),
        "score": _scored(network, inputs, output_encoder(tokenizer, max_output)),
    }
    if has_attention(network):
        models["attention"] = attention_model(
            network, own, max_output, inputs, tokenizer
        )
    return models


def output_encoder(tokenizer: Tokenizer, max_output: int) -> TextEncoder:
    """What cuts outputs into tokens; their end takes a place, too."""
    return tokenizer.encoder(max_output - 1, name="output_encoder")


def _best(
    network: keras.Model,
    decode: PairDecode,
    max_output: int,
    inputs: TextInputs,
    decoder: TextDecoder,
) -> keras.Model:
    every = decode.model_copy(update={"method": "beam", "n_best": decode.beam})
    raw = inputs.raw()
    written = written_by(network, every, max_output)(inputs.in_graph(raw))
    answers = {"outputs": decoder(written["tokens"]), "scores": written["score"]}
    return keras.Model(raw, answers, name="n_best")


def _drawn(
    network: keras.Model,
    decode: PairDecode,
    max_output: int,
    inputs: TextInputs,
    decoder: TextDecoder,
) -> keras.Model:
    draws = decode.model_copy(update={"method": "sample", "n_best": 1})
    writer = build_writer(network, draws, max_output, draws=True)
    raw = inputs.raw()
    keys = {
        name: keras.Input((), dtype=tensor.dtype, name=name)
        for name, tensor in writer.input.items()
        if name != "tokens"
    }
    written = writer({"tokens": inputs.in_graph(raw), **keys})
    answers = {
        "output": decoder(written["tokens"][:, 0]),
        "log_probability": written["log_probability"][:, 0],
    }
    return keras.Model({**raw, **keys}, answers, name="sample")


def _scored(
    network: keras.Model, inputs: TextInputs, encoder: TextEncoder
) -> keras.Model:
    raw = {**inputs.raw(), "output": keras.Input((), dtype="string", name="output")}
    ids = WithoutTokens()(encoder(raw["output"]), raw["output"])
    previous = ForcedTokens(name="forced")(ids)
    tokens = inputs.in_graph(raw)
    sums = build_row_judge(network)({"tokens": tokens, "previous": previous})
    answers = {name: sums[name] for name in ("log_probability", "tokens")}
    return keras.Model(raw, answers, name="score")


def attention_model(
    network: keras.Model,
    decode: PairDecode,
    max_output: int,
    inputs: TextInputs,
    tokenizer: Tokenizer,
) -> keras.Model:
    """The one of ``attention``, see ``served_models``.

    Raises:
        UsageError: the network has none.
    """
    raw = inputs.raw()
    source = inputs.in_graph(raw)
    one = decode.model_copy(update={"n_best": 1})
    written = written_by(network, one, max_output)(source)["tokens"][:, 0]
    previous = ForcedTokens(name="forced")(written)
    weights = build_aligner(network)({"tokens": source, "previous": previous})
    source_texts, output_texts = (
        TokenTexts(one.vocabulary, one.level, one.ends, name=name)
        for one, name in ((inputs.encoder, "sources"), (tokenizer, "outputs"))
    )
    answers = {
        "output": tokenizer.decoder(written),
        "source_tokens": source_texts(source),
        "output_tokens": output_texts(written),
        # The last one wrote the end.
        "weights": weights[:, :-1],
    }
    return keras.Model(raw, answers, name="attention")
