"""Temporal convolutions against their formula, and as one core among the others."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from seqkit.layers.scan import scan
from seqkit.layers.temporal import TemporalBlock
from seqkit.models.cores.seam import initial_state
from seqkit.models.cores.spec import TcnSpec
from seqkit.models.cores.stack import Stack, stack

Array = NDArray[np.float32]

STEPS = np.random.default_rng(0).normal(size=(2, 7, 4)).astype(np.float32)
ENDS = np.array([[True] * 7, [True] * 4 + [False] * 3])
HOLES = np.array([[True] * 7, [True, False, True, True, False, True, False]])
MASKS = pytest.mark.parametrize("mask", [None, ENDS, HOLES], ids=["all", "end", "hole"])


def convolved(steps: Array, layer: keras.layers.Layer, dilation: int) -> Array:
    """relu(b + sum_i W_i x_{t - i dilation}) of (timesteps, features), step by step."""
    kernel, bias = (np.asarray(weight) for weight in layer.get_weights())
    width = steps.shape[1]
    weights = kernel.reshape(-1, width, kernel.shape[1])[::-1]
    outputs = np.tile(bias, (len(steps), 1))
    for time in range(len(steps)):
        for back, weight in enumerate(weights):
            if time >= back * dilation:
                outputs[time] += steps[time - back * dilation] @ weight
    return np.maximum(outputs, 0)


def block_of(steps: Array, block: TemporalBlock) -> Array:
    """What the block makes of one sequence, by the formula of its docstring."""
    outputs = steps
    for layer in block.convolutions:
        outputs = convolved(outputs, layer, block.dilation)
    if block.project.built:
        kernel, bias = block.project.get_weights()
        steps = steps @ kernel + bias
    return np.maximum(steps + outputs, 0)


def drawn(**options: Any) -> TemporalBlock:
    block = TemporalBlock(**options)
    block.build((None, None, STEPS.shape[-1]))
    draw = np.random.default_rng(1)
    block.set_weights([draw.normal(size=w.shape) for w in block.get_weights()])
    return block


def core_of(**options: Any) -> Stack:
    return Stack.of(TcnSpec(cell="tcn", units=(4, 3, 5), **options), 4)


@pytest.mark.parametrize("units", [4, 3])
@pytest.mark.parametrize(("kernel_size", "dilation"), [(2, 1), (3, 2), (2, 9)])
def test_steps_follow_the_formula(units: int, kernel_size: int, dilation: int) -> None:
    options = {"units": units, "kernel_size": kernel_size, "dilation": dilation}
    block = drawn(**options, return_sequences=True)
    truth = [block_of(sequence, block) for sequence in STEPS]
    np.testing.assert_allclose(block(STEPS), truth, rtol=1e-4, atol=1e-4)


def test_convolution_is_that_of_keras() -> None:
    block = drawn(units=4, dilation=2, return_sequences=True)
    causal = keras.layers.Conv1D(4, 3, padding="causal", dilation_rate=2)
    causal.build((None, None, 4))
    kernel, bias = block.convolutions[0].get_weights()
    causal.set_weights([kernel.reshape(3, 4, 4), bias])
    expected = keras.ops.relu(causal(STEPS))
    ours = [convolved(steps, block.convolutions[0], 2) for steps in STEPS]
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4)


def test_masked_steps_are_passed_over() -> None:
    block = drawn(units=3, dilation=2, return_sequences=True)
    last = drawn(units=3, dilation=2)
    together, ends = block(STEPS, mask=HOLES), last(STEPS, mask=HOLES)
    for row, mask in enumerate(HOLES):
        truth = block_of(STEPS[row][mask], block)
        np.testing.assert_allclose(together[row][mask], truth, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(ends[row], truth[-1], rtol=1e-4, atol=1e-4)
    nothing = last(STEPS, mask=np.zeros_like(HOLES))
    np.testing.assert_array_equal(nothing, np.zeros((2, 3)))


@MASKS
def test_single_steps_give_what_the_whole_run_gives(mask: Array | None) -> None:
    core = core_of(kernel_size=2, dropout=0.5)
    truth, last = core.run(STEPS, mask=mask)
    assert {name: tuple(x.shape[1:]) for name, x in last.items()} == core.shapes
    outputs, after = scan(core.step, initial_state(core.shapes, 2), STEPS, mask=mask)
    real = np.ones((2, 7), bool) if mask is None else mask
    np.testing.assert_allclose(outputs[real], truth[real], atol=1e-5)
    for name in core.shapes:
        np.testing.assert_allclose(after[name], last[name], atol=1e-5)


def test_a_run_goes_on_from_the_states_of_another() -> None:
    core = core_of()
    truth, last = core.run(STEPS)
    _, middle = core.run(STEPS[:, :3])
    outputs, after = core.run(STEPS[:, 3:], middle)
    np.testing.assert_allclose(outputs, truth[:, 3:], atol=1e-5)
    np.testing.assert_allclose(after["tcn_3_hidden"], last["tcn_3_hidden"], atol=1e-5)


def test_states_are_the_last_inputs_and_reach_twice_as_far_each_layer() -> None:
    core = core_of(kernel_size=3)
    assert core.shapes == {
        "tcn_1_inputs": (2, 4),
        "tcn_1_hidden": (2, 4),
        "tcn_2_inputs": (4, 4),
        "tcn_2_hidden": (4, 3),
        "tcn_3_inputs": (8, 3),
        "tcn_3_hidden": (8, 5),
    }
    _, last = core.run(STEPS)
    np.testing.assert_array_equal(last["tcn_1_inputs"], STEPS[:, -2:])


def test_no_step_reads_what_comes_after_it() -> None:
    core = core_of()
    later = STEPS.copy()
    later[:, 5:] += 1
    before, after = core.run(STEPS)[0], core.run(later)[0]
    np.testing.assert_array_equal(before[:, :5], after[:, :5])
    assert not np.array_equal(before[:, 5], after[:, 5])


def test_dropout_takes_whole_filters_and_acts_in_training_alone() -> None:
    plain = drawn(units=4, return_sequences=True)
    block = drawn(units=4, return_sequences=True, dropout=0.5)
    np.testing.assert_array_equal(block(STEPS), plain(STEPS))
    ones = np.ones((1, 50, 6), np.float32)
    dropped = block.drops[0](ones, training=True).numpy()
    assert (dropped == dropped[:, :1]).all()
    assert not np.array_equal(block(STEPS, training=True), plain(STEPS))


def test_a_step_and_a_stack_can_be_saved(tmp_path: Any) -> None:
    core = core_of(kernel_size=2)
    truth, _ = core.run(STEPS)
    state = {name: keras.Input(shape, name=name) for name, shape in core.shapes.items()}
    inputs = keras.Input((4,), name="x")
    after, outputs = core.step(state, inputs)
    keras.Model(state | {"x": inputs}, {"outputs": outputs} | after).save(
        tmp_path / "step.keras"
    )
    loaded = keras.saving.load_model(tmp_path / "step.keras")
    carried = initial_state(core.shapes, 2)
    for place in range(7):
        answer = loaded(carried | {"x": tf.constant(STEPS[:, place])})
        carried = {name: answer[name] for name in core.shapes}
    np.testing.assert_allclose(answer["outputs"], truth[:, -1], atol=1e-5)


def test_a_stack_of_whole_sequences_has_the_same_layers_as_one_with_states() -> None:
    spec = TcnSpec(cell="tcn", units=(4, 3), kernel_size=2)
    steps = keras.Input((None, 4))
    whole = keras.Model(steps, stack(steps, spec, per_timestep=True))
    core = Stack.of(spec, 4)
    model = keras.Model(steps, core.run(steps)[0])
    assert [layer.name for layer in whole.layers[1:]] == ["tcn_1", "tcn_2"]
    model.set_weights(whole.get_weights())
    np.testing.assert_array_equal(model(STEPS), whole(STEPS))
