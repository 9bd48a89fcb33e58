"""Stacked layers: what is derived, how wide they are, what stands between them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from pydantic import ValidationError

from seqkit.models.cores.spec import StackSpec
from seqkit.models.cores.stack import both_ways, core_layer, stack
from seqkit.models.specs import PooledTextModel, TextModel
from seqkit.models.text import embed_tokens, encode_tokens

FEATURES = 4


def stacked(per_timestep: bool = True, **spec: Any) -> keras.Model:
    steps = keras.Input((None, FEATURES), name="steps")
    return keras.Model(steps, stack(steps, StackSpec(**spec), per_timestep))


def names(model: keras.Model) -> list[str]:
    return [layer.name for layer in model.layers[1:]]


def steps_of(seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=(2, 5, FEATURES)).astype("float32")


@pytest.mark.parametrize("bidirectional", ["none", "sum"])
def test_only_the_last_layer_may_give_its_last_state(bidirectional: str) -> None:
    options: dict[str, Any] = {"units": (3, 2, 5), "bidirectional": bidirectional}
    for per_timestep in (True, False):
        model = stacked(per_timestep, **options)
        derived = [layer.return_sequences for layer in model.layers[1:]]
        assert derived == [True, True, per_timestep]
        assert model.output.shape == ((None, None, 5) if per_timestep else (None, 5))


def test_every_layer_has_its_own_width() -> None:
    model = stacked(units=(3, 2, 5), cell="gru")
    assert [layer.units for layer in model.layers[1:]] == [3, 2, 5]
    assert [layer.output.shape[-1] for layer in model.layers[1:]] == [3, 2, 5]


def test_concat_doubles_the_width_and_the_others_keep_it() -> None:
    for mode, width in (("concat", 6), ("sum", 3), ("mean", 3), ("multiply", 3)):
        assert stacked(units=(3,), bidirectional=mode).output.shape[-1] == width


@pytest.mark.parametrize("mode", ["concat", "sum", "mean", "multiply"])
def test_the_two_directions_merge_as_named(mode: str) -> None:
    spec = StackSpec(units=(3,), bidirectional=mode)
    both = both_ways(core_layer(spec, 3, return_sequences=True), spec)
    merged = both(steps_of())
    forward = both.forward_layer(steps_of()).numpy()
    backward = both.backward_layer(steps_of()).numpy()[:, ::-1]
    truth = {
        "concat": np.concatenate([forward, backward], axis=-1),
        "sum": forward + backward,
        "mean": (forward + backward) / 2,
        "multiply": forward * backward,
    }[mode]
    np.testing.assert_allclose(merged, truth, rtol=1e-6, atol=1e-7)


def test_names_tell_cell_and_depth_and_stay_the_same() -> None:
    options: dict[str, Any] = {
        "cell": "gru",
        "units": (3, 3),
        "bidirectional": "concat",
        "dropout": 0.1,
        "layer_norm": True,
        "residual": True,
    }
    expected = [
        "both_gru_1",
        "project_gru_1",
        "residual_gru_1",
        "norm_1",
        "drop_1",
        "both_gru_2",
        "residual_gru_2",
        "norm_2",
    ]
    # Keras's own names would go on counting.
    for _ in range(2):
        assert sorted(names(stacked(**options))) == sorted(expected)


def test_what_is_not_asked_for_is_not_there() -> None:
    assert names(stacked(units=(3, 3))) == ["lstm_1", "lstm_2"]


def test_a_residual_adds_the_input_to_the_output() -> None:
    model = stacked(units=(FEATURES,), residual=True)
    assert names(model) == ["lstm_1", "residual_lstm_1"]
    truth = steps_of() + model.get_layer("lstm_1")(steps_of()).numpy()
    np.testing.assert_allclose(model(steps_of()), truth, rtol=1e-6)


def test_a_residual_projects_its_input_where_widths_differ() -> None:
    model = stacked(units=(3, 3), residual=True)
    (kernel,) = model.get_layer("project_lstm_1").get_weights()
    assert kernel.shape == (FEATURES, 3) and "project_lstm_2" not in names(model)
    first = steps_of() @ kernel + model.get_layer("lstm_1")(steps_of()).numpy()
    truth = first + model.get_layer("lstm_2")(first).numpy()
    np.testing.assert_allclose(model(steps_of()), truth, rtol=1e-5, atol=1e-6)


def test_a_last_state_has_no_residual() -> None:
    assert "residual_lstm_2" not in names(stacked(False, units=(3, 3), residual=True))


def test_layers_are_normalised_after_their_residual() -> None:
    model = stacked(units=(FEATURES,), residual=True, layer_norm=True)
    residual = model.get_layer("residual_lstm_1").output
    sums = keras.Model(model.input, residual)(steps_of()).numpy().astype(np.float64)
    centred = sums - sums.mean(axis=-1, keepdims=True)
    variance = sums.var(axis=-1, keepdims=True) + model.get_layer("norm_1").epsilon
    # float32 rounds each sum, and what is left once the mean is off is divided.
    rounding = np.finfo(np.float32).eps * np.abs(sums).max()
    tolerance = 8 * rounding / np.sqrt(variance.min())
    truth = centred / np.sqrt(variance)
    np.testing.assert_allclose(model(steps_of()), truth, rtol=1e-5, atol=tolerance)


def test_dropout_stands_between_layers() -> None:
    assert names(stacked(units=(3, 3), dropout=0.5)) == ["lstm_1", "drop_1", "lstm_2"]


def test_dropouts_of_the_cell_reach_both_directions() -> None:
    spec = StackSpec(
        units=(3,), bidirectional="sum", input_dropout=0.1, recurrent_dropout=0.2
    )
    both = both_ways(core_layer(spec, 3, return_sequences=True), spec)
    for layer in (both.forward_layer, both.backward_layer):
        assert (layer.dropout, layer.recurrent_dropout) == (0.1, 0.2)


def embedded(**spec: Any) -> keras.Model:
    ids = keras.Input((None,), dtype="int32", name="tokens")
    return keras.Model(ids, embed_tokens(ids, 12, TextModel(embedding=4, **spec)))


def test_padding_is_masked_and_nothing_else() -> None:
    ids = np.array([[5, 1, 0], [2, 0, 0]])
    steps = embedded(embedding_dropout=0.5, token_dropout=0.5)(ids, training=True)
    assert steps.shape == (2, 3, 4)
    mask = keras.src.backend.get_keras_mask(steps)
    assert np.array_equal(mask, ids != 0)


def test_token_dropout_shows_the_unknown_tokens_embedding() -> None:
    model = embedded(token_dropout=0.5)
    ids = np.full((1, 200), 7)
    steps = model(ids, training=True).numpy()[0]
    known, unknown = model.get_layer("embedding")(np.array([[7, 1]])).numpy()[0]
    is_known = (steps == known).all(axis=1)
    is_unknown = (steps == unknown).all(axis=1)
    assert (is_known | is_unknown).all() and 60 < is_unknown.sum() < 140


def test_embedding_dropout_drops_a_feature_of_all_steps() -> None:
    model = embedded(embedding_dropout=0.5)
    ids = np.full((50, 3), 7)
    steps = model(ids, training=True).numpy()
    dropped = steps == 0
    assert np.array_equal(dropped.all(axis=1), dropped.any(axis=1))
    assert 0.3 < dropped.mean() < 0.7
    np.testing.assert_allclose(steps[~dropped], 2 * model(ids).numpy()[~dropped])


def encoded(**spec: Any) -> keras.Model:
    ids = keras.Input((None,), dtype="int32", name="tokens")
    outputs = encode_tokens(ids, 12, PooledTextModel(embedding=4, units=(3,), **spec))
    return keras.Model(ids, outputs)


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_a_text_becomes_one_vector(pooling: str) -> None:
    model = encoded(pooling=pooling, bidirectional="concat", dropout=0.5)
    assert model.output.shape == (None, 6)
    assert (f"{pooling}_pooling" in names(model)) == (pooling != "last")
    assert model(np.array([[3, 4, 0]])).shape == (1, 6)


def test_dropout_comes_once_before_the_head() -> None:
    assert names(encoded(dropout=0.5)) == ["embedding", "lstm_1", "dropout"]


def test_a_residual_that_could_not_act_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="Choose another pooling or add a layer"):
        PooledTextModel(residual=True, pooling="last", units=(3,))
    PooledTextModel(residual=True, pooling="last", units=(3, 3))
    PooledTextModel(residual=True, pooling="mean", units=(3,))


def test_an_unknown_cell_is_a_mistake_that_names_the_nearest() -> None:
    with pytest.raises(ValidationError, match="Did you mean 'lstm'?"):
        StackSpec(cell="lsmt")
