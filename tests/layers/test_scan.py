"""The loop over a step against the same loop in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from seqkit.layers.scan import scan

DRAW = np.random.default_rng(0)
STEPS = DRAW.normal(size=(3, 4, 2)).astype(np.float32)


def summed(state: Any, x: Any) -> Any:
    total = state["inner"]["total"] * 0.5 + x
    return {"inner": {"total": total}}, {"total": total, "count": x[:, 0] > 0}


def start(rows: int = 3) -> Any:
    return {"inner": {"total": tf.zeros([rows, 2])}}


DTYPES = {"total": tf.float32, "count": tf.bool}


def by_hand(steps: Any, mask: Any = None) -> Any:
    total, totals = np.zeros((len(steps), 2)), []
    for place in range(steps.shape[1]):
        after = total * 0.5 + steps[:, place]
        totals.append(after)
        live = np.ones(len(steps), bool) if mask is None else mask[:, place]
        total = np.where(live[:, None], after, total)
    return np.stack(totals, axis=1), total


@pytest.mark.parametrize("steps", [1, 4])
@pytest.mark.parametrize("graph", [False, True])
def test_each_step_goes_on_from_the_one_before(graph: bool, steps: int) -> None:
    run = tf.function(scan, reduce_retracing=True) if graph else scan
    outputs, state = run(summed, start(), STEPS[:, :steps], dtypes=DTYPES)
    totals, last = by_hand(STEPS[:, :steps])
    np.testing.assert_allclose(outputs["total"], totals, rtol=1e-6)
    np.testing.assert_array_equal(outputs["count"], STEPS[:, :steps, 0] > 0)
    np.testing.assert_allclose(state["inner"]["total"], last, rtol=1e-6)


def test_masked_steps_leave_the_state_as_it_is() -> None:
    mask = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 0, 0]], bool)
    outputs, state = scan(summed, start(), STEPS, mask=mask, dtypes=DTYPES)
    totals, last = by_hand(STEPS, mask)
    np.testing.assert_allclose(outputs["total"], totals, rtol=1e-6)
    np.testing.assert_allclose(state["inner"]["total"], last, rtol=1e-6)
    assert (state["inner"]["total"].numpy()[2] == 0).all()


def test_a_loop_without_inputs_counts() -> None:
    def doubled(state: Any, x: Any) -> Any:
        assert x is None
        return state * 2, state

    outputs, last = scan(doubled, tf.ones([2, 1]), count=5)
    assert outputs.numpy()[0, :, 0].tolist() == [1, 2, 4, 8, 16]
    assert last.numpy().ravel().tolist() == [32, 32]


def test_states_need_not_be_vectors_and_batches_may_be_empty() -> None:
    def moved(state: Any, x: Any) -> Any:
        return state + x, tf.reduce_sum(state, axis=(1, 2, 3))

    graph = tf.function(
        lambda x, s: scan(moved, s, x),
        input_signature=[
            tf.TensorSpec((None, None, 2, 2, 1)),
            tf.TensorSpec((None, 2, 2, 1)),
        ],
    )
    for rows in (0, 2):
        frames = np.ones((rows, 3, 2, 2, 1), np.float32)
        outputs, last = graph(frames, np.zeros((rows, 2, 2, 1), np.float32))
        assert outputs.shape == (rows, 3) and last.shape == (rows, 2, 2, 1)
        assert outputs.numpy().tolist() == [[0, 4, 8]] * rows


def test_gradients_flow_through_all_steps() -> None:
    with tf.GradientTape() as tape:
        steps = tf.constant(STEPS)
        tape.watch(steps)
        total = tf.reduce_sum(
            scan(summed, start(), steps, dtypes=DTYPES)[1]["inner"]["total"]
        )
    # Each later step halves what one adds.
    truth = np.broadcast_to([[0.125], [0.25], [0.5], [1]], STEPS.shape)
    np.testing.assert_allclose(tape.gradient(total, steps), truth, rtol=1e-6)
