"""Encoder-decoders: whole outputs and single steps, padding, bridges, copies."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny_pairs import (
    KINDS,
    PREVIOUS,
    TARGETS,
    TOKENS,
    WORDS,
    core_of,
    inputs,
    log_softmax,
    network,
    network_of,
)

from seqkit.errors import UsageError
from seqkit.models.pairs.build import build_aligner, build_encoder_decoder, build_judge
from seqkit.models.pairs.encoder import bridged
from seqkit.models.pairs.losses import pair_loss
from seqkit.signature import Signature

every_kind = pytest.mark.parametrize("kind", KINDS)
some_kinds = pytest.mark.parametrize("kind", ["none", "additive", "covering"])


def stepped(model: keras.Model) -> Any:
    """Logits of PREVIOUS, one token after the other."""
    core = core_of(model)
    constants, state = core.encode(TOKENS)
    logits = []
    for place in range(PREVIOUS.shape[1]):
        after, here = core.step({**constants, **state}, PREVIOUS[:, place])
        assert set(after) == set(state)
        state = after
        logits.append(here)
    return np.stack(logits, axis=1)


@every_kind
def test_whole_outputs_have_the_logits_of_single_steps(kind: str) -> None:
    whole = network(kind)(inputs())
    np.testing.assert_allclose(whole, stepped(network(kind)), rtol=1e-4, atol=1e-5)


def test_sampling_that_never_samples_steps_to_the_same_logits() -> None:
    options = {"scheduled_sampling": "constant", "copy": True, "dropout": 0.0}
    model = network_of(**options, sampling_rate=1e-9)
    core = core_of(model)
    assert core.decoder.own is not None
    trained = core(inputs(), training=True)
    np.testing.assert_allclose(trained, model(inputs()), rtol=1e-4, atol=1e-5)


@some_kinds
def test_padding_of_the_source_changes_nothing(kind: str) -> None:
    alone = network(kind)(inputs(TOKENS[1:2, :2], PREVIOUS[1:2]))
    wide = np.pad(TOKENS[1:2], [[0, 0], [0, 3]])
    padded = network(kind)(inputs(wide, PREVIOUS[1:2]))
    np.testing.assert_allclose(padded, alone, rtol=1e-4, atol=1e-5)


@some_kinds
def test_source_and_output_of_one_token(kind: str) -> None:
    alone = network(kind)(inputs(TOKENS[2:, :1], PREVIOUS[2:, :1]))
    among = network(kind)(inputs())[2:, :1]
    assert alone.shape == (1, 1, WORDS)
    np.testing.assert_allclose(alone, among, rtol=1e-4, atol=1e-5)


@every_kind
def test_gradients_are_finite_and_reach_every_weight(kind: str) -> None:
    model = network(kind)
    empty = TOKENS * [[1], [1], [0]]
    loss = pair_loss(core_of(model).spec)
    with tf.GradientTape() as tape:
        cost = loss(tf.constant(TARGETS), model(inputs(empty), training=True))
    gradients = tape.gradient(cost, [v.value for v in model.trainable_variables])
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        assert gradient is not None, variable.path
        gradient = tf.convert_to_tensor(gradient)
        assert np.isfinite(gradient).all(), variable.path
        assert np.any(gradient != 0), variable.path


@some_kinds
def test_empty_source_gives_finite_logits(kind: str) -> None:
    logits = network(kind)(inputs(TOKENS * 0))
    assert np.isfinite(logits).all()
    no_places = network(kind)(inputs(TOKENS[:, :0]))
    np.testing.assert_allclose(no_places, logits, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["copying", "covering"])
@pytest.mark.parametrize("tokens", [TOKENS, TOKENS * 0], ids=["full", "empty"])
def test_probabilities_with_copies_sum_to_one(kind: str, tokens: Any) -> None:
    output = network(kind)(inputs(tokens))
    np.testing.assert_allclose(np.exp(output).sum(-1), 1, rtol=1e-5)


def test_weights_are_shares_of_the_live_places() -> None:
    weights = build_aligner(network("covering"))(inputs()).numpy()
    assert weights.shape == (3, 3, 4)
    np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-5)
    assert (weights[TOKENS[:, None].repeat(3, 1) == 0] == 0).all()


def test_model_without_attention_has_no_weights() -> None:
    with pytest.raises(UsageError, match=r"Only a model with attention .* none\."):
        build_aligner(network("none"))


@pytest.mark.parametrize("kind", ["general", "copying"])
def test_judge_gives_log_probability_and_hits_of_targets(kind: str) -> None:
    p = log_softmax(network(kind)(inputs()))
    judged = build_judge(network(kind))(inputs() | {"targets": TARGETS})
    live = TARGETS != 0
    wanted = np.take_along_axis(p, TARGETS[..., None], -1)[..., 0]
    np.testing.assert_allclose(judged["log_probability"], wanted * live, rtol=1e-5)
    np.testing.assert_array_equal(judged["hits"], (p.argmax(-1) == TARGETS) & live)


@pytest.mark.parametrize(("tie", "count"), [("none", 3), ("output", 2), ("all", 1)])
def test_tied_matrices_are_one_weight(tie: str, count: int) -> None:
    model = network_of(tie=tie)
    square = [v for v in model.weights if sorted(v.shape) == [4, WORDS]]
    heads = [v for v in model.weights if v.shape == (5, WORDS)]
    assert len(square) + len(heads) == count


@pytest.mark.parametrize("key", ["tie", "copy"])
def test_one_vocabulary_is_needed_where_matrices_or_tokens_are_shared(key: str) -> None:
    signature = Signature.of(
        {"vocabulary": 7}, {"details": (("output_vocabulary", 9),)}
    )
    spec = core_of(network("copying")).spec
    off = {"tie": "none", "copy": False} | {key: getattr(spec, key)}
    with pytest.raises(UsageError, match=rf"model.{key}.* 7 and 9 tokens"):
        build_encoder_decoder(spec.model_copy(update=off), signature)


@pytest.mark.parametrize(
    ("given", "wanted", "sources"),
    [
        (["g_1_hidden"], ["d_1_hidden"], [["g_1_hidden"]]),
        # Another cell: what the encoder lacks is made of what it has.
        (
            ["g_1_forward_hidden", "g_1_backward_hidden"],
            ["l_1_hidden", "l_1_cell"],
            [["g_1_forward_hidden", "g_1_backward_hidden"]] * 2,
        ),
        # Other depths meet from the top.
        (
            ["l_1_hidden", "l_1_cell", "l_2_hidden", "l_2_cell"],
            ["l_1_hidden", "l_1_cell"],
            [["l_2_hidden"], ["l_2_cell"]],
        ),
        (["g_1_hidden"], ["d_1_hidden", "d_2_hidden"], [["g_1_hidden"]] * 2),
    ],
)
def test_states_of_decoder_come_from_the_same_kind(
    given: list[str], wanted: list[str], sources: list[list[str]]
) -> None:
    assert list(bridged(given, wanted).values()) == sources


def test_equal_states_go_over_as_they_are() -> None:
    core = core_of(network("dot"))
    assert not core.encoder.bridge.linear
    *_, last = core.encoder.stack.run(core.encoder.embedding(TOKENS), mask=TOKENS != 0)
    _, state = core.encode(TOKENS)
    np.testing.assert_allclose(
        state["decoder_simple_rnn_1_hidden"], last["encoder_simple_rnn_1_hidden"]
    )


def test_other_states_are_made_by_a_linear_layer() -> None:
    core = core_of(network("general"))
    *_, last = core.encoder.stack.run(core.encoder.embedding(TOKENS), mask=TOKENS != 0)
    _, state = core.encode(TOKENS)
    kernel, bias = core.encoder.bridge.linear["decoder_gru_1_hidden"].get_weights()
    ways = [last[f"encoder_gru_1_{way}_hidden"] for way in ("forward", "backward")]
    wanted = np.concatenate(ways, axis=-1) @ kernel + bias
    np.testing.assert_allclose(state["decoder_gru_1_hidden"], wanted, rtol=1e-5)
