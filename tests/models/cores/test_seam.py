"""One stack, three ways: whole, from given states, and a step at a time."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqkit.errors import UsageError
from seqkit.layers.scan import scan
from seqkit.models.cores.seam import initial_state, projected
from seqkit.models.cores.spec import StackSpec
from seqkit.models.cores.stack import Stack, stack, state_shapes

STEPS = np.random.default_rng(0).normal(size=(2, 5, 4)).astype(np.float32)
MASK = np.array([[True] * 5, [True] * 3 + [False] * 2])
WHOLE: dict[str, Any] = {
    "units": (4, 3, 4),
    "residual": True,
    "layer_norm": True,
    "dropout": 0.5,
    "input_dropout": 0.5,
    "recurrent_dropout": 0.5,
}


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("lstm", {"units": (3,)}),
        ("lstm", WHOLE),
        ("gru", WHOLE),
        ("simple_rnn", WHOLE),
    ],
    ids=["plain lstm", "lstm", "gru", "simple_rnn"],
)
def test_single_steps_give_what_the_whole_run_gives(
    cell: str, options: dict[str, Any]
) -> None:
    core = Stack.of(StackSpec(cell=cell, **options), 4)
    truth, last = core.run(STEPS, mask=MASK)
    assert {name: tuple(x.shape[1:]) for name, x in last.items()} == core.shapes
    start = initial_state(core.shapes, 2)
    outputs, after = scan(core.step, start, STEPS, mask=MASK)
    np.testing.assert_allclose(outputs[MASK], truth[MASK], atol=1e-5)
    for name in core.shapes:
        np.testing.assert_allclose(after[name], last[name], atol=1e-5)


def test_a_run_goes_on_from_the_states_of_another() -> None:
    core = Stack.of(StackSpec(**WHOLE), 4)
    truth, last = core.run(STEPS)
    _, middle = core.run(STEPS[:, :2])
    outputs, after = core.run(STEPS[:, 2:], middle)
    np.testing.assert_allclose(outputs, truth[:, 2:], atol=1e-5)
    np.testing.assert_allclose(after["lstm_3_cell"], last["lstm_3_cell"], atol=1e-5)


@pytest.mark.parametrize("both", ["none", "concat", "sum"])
def test_a_run_is_the_stack_of_the_same_weights(both: str) -> None:
    spec = StackSpec(**WHOLE, bidirectional=both)
    keras.utils.set_random_seed(1)
    steps = keras.Input((None, 4))
    whole = keras.Model(steps, stack(steps, spec, per_timestep=True))
    keras.utils.set_random_seed(1)
    core = Stack.of(spec, 4)
    model = keras.Model(steps, core.run(steps))
    names = [layer.name for layer in whole.layers[1:]]
    assert sorted(layer.name for layer in model.layers[1:]) == sorted(names)
    for one, other in zip(whole.weights, model.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(model(STEPS)[0], whole(STEPS))


def test_states_have_names() -> None:
    lstm = Stack.of(StackSpec(units=(3, 2)), 4, name="decoder_")
    assert lstm.shapes == {
        "decoder_lstm_1_hidden": (3,),
        "decoder_lstm_1_cell": (3,),
        "decoder_lstm_2_hidden": (2,),
        "decoder_lstm_2_cell": (2,),
    }
    both = Stack.of(StackSpec(cell="gru", units=(3,), bidirectional="concat"), 4)
    assert both.shapes == {"gru_1_forward_hidden": (3,), "gru_1_backward_hidden": (3,)}
    _, last = both.run(STEPS)
    whole = both.depths[0].layer(STEPS)[0].numpy()
    np.testing.assert_allclose(last["gru_1_forward_hidden"], whole[:, -1, :3])
    np.testing.assert_allclose(last["gru_1_backward_hidden"], whole[:, 0, 3:])


def test_states_are_shapes_and_need_not_be_widths() -> None:
    layer = keras.layers.ConvLSTM2D(3, 2, padding="same", return_state=True)
    shapes = state_shapes(layer, (5, 6, 1))
    assert shapes == {"hidden": (5, 6, 3), "cell": (5, 6, 3)}
    start = initial_state(shapes, 2)
    frames = np.random.default_rng(0).normal(size=(2, 4, 5, 6, 1)).astype(np.float32)
    truth, *last = layer(frames)

    def step(state: Any, frame: Any) -> Any:
        outputs, states = layer.cell(frame, list(state.values()))
        return dict(zip(state, states, strict=True)), outputs

    outputs, after = scan(step, start, frames)
    np.testing.assert_allclose(outputs[:, -1], truth, atol=1e-6)
    np.testing.assert_allclose(after["cell"], last[1], atol=1e-6)
    state = projected(tf.ones([2, 3]), shapes["hidden"], "state_1")
    assert state.shape == (2, 5, 6, 3)


def test_dropout_acts_in_single_steps_and_leaves_no_mask_behind() -> None:
    core = Stack.of(StackSpec(units=(3,), input_dropout=0.5), 4)
    core.run(STEPS)
    start = initial_state(core.shapes, 2)
    plain = core.step(start, STEPS[:, 0])[1].numpy()
    drawn = [core.step(start, STEPS[:, 0], training=True)[1].numpy() for _ in range(3)]
    assert max(np.abs(one - plain).max() for one in drawn) > 1e-3
    assert not np.array_equal(drawn[0], drawn[1]) or not np.array_equal(*drawn[1:])
    # A mask of one graph would be out of scope in another.
    for _ in range(2):
        tf.function(lambda s, x: core.step(s, x, training=True))(start, STEPS[:, 0])
    core.run(STEPS, training=True)
    np.testing.assert_allclose(core.step(start, STEPS[:, 0])[1], plain)


@pytest.mark.parametrize("cell", ["gru", "lstm", "simple_rnn"])
def test_steps_may_share_one_mask_of_dropout(cell: str) -> None:
    spec = StackSpec(cell=cell, units=(8,), input_dropout=0.5, recurrent_dropout=0.5)
    core = Stack.of(spec, 4)
    core.run(STEPS)
    start = {name: tf.ones([2, *shape]) for name, shape in core.shapes.items()}
    with core.one_mask(start, STEPS[:, 0], training=True) as step:
        drawn = [step(start, STEPS[:, 0])[1].numpy() for _ in range(3)]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    np.testing.assert_array_equal(drawn[0], drawn[2])
    with core.one_mask(start, STEPS[:, 0], training=True) as step:
        assert not np.array_equal(step(start, STEPS[:, 0])[1], drawn[0])


def test_what_reads_both_ways_has_no_single_step() -> None:
    core = Stack.of(StackSpec(units=(3,), bidirectional="sum"), 4)
    with pytest.raises(UsageError, match="Set bidirectional to none"):
        core.step(initial_state(core.shapes, 2), STEPS[:, 0])


def test_a_step_is_a_model_that_can_be_saved(tmp_path: Any) -> None:
    core = Stack.of(StackSpec(units=(3, 3), residual=True), 4)
    truth, _ = core.run(STEPS)
    state = {name: keras.Input(shape, name=name) for name, shape in core.shapes.items()}
    inputs = keras.Input((4,), name="x")
    after, outputs = core.step(state, inputs)
    model = keras.Model(state | {"x": inputs}, {"outputs": outputs} | after)
    model.save(tmp_path / "step.keras")
    loaded = keras.saving.load_model(tmp_path / "step.keras")
    state = initial_state(core.shapes, 2)
    for place in range(5):
        answer = loaded(state | {"x": tf.constant(STEPS[:, place])})
        state = {name: answer[name] for name in core.shapes}
    np.testing.assert_allclose(answer["outputs"], truth[:, -1], atol=1e-5)
