"""Segments of steps, and steps as rows of a batch."""

from __future__ import annotations

import numpy as np
import pytest

from seqkit.layers import FoldSteps, LastValues, Positions, Segments, UnfoldSteps

STEPS = np.arange(2 * 6 * 2, dtype=np.float32).reshape(2, 6, 2)


def test_a_segment_holds_its_steps_in_order() -> None:
    segments = Segments(3)(STEPS).numpy()
    assert segments.shape == (2, 2, 6)
    # Steps 0, 1, 2 of the first window, each with both features.
    assert segments[0].tolist() == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]
    assert segments[1, 0].tolist() == [12, 13, 14, 15, 16, 17]


def test_the_first_step_fills_the_front() -> None:
    segments = Segments(4)(STEPS[:1, :, :1]).numpy()
    assert segments.tolist() == [[[0, 0, 0, 2], [4, 6, 8, 10]]]


def test_the_last_step_fills_the_end() -> None:
    segments = Segments(4, padding="post")(STEPS[:1, :, :1]).numpy()
    assert segments.tolist() == [[[0, 2, 4, 6], [8, 10, 10, 10]]]


@pytest.mark.parametrize("segment", [1, 2, 3, 4, 5, 6, 9])
@pytest.mark.parametrize("padding", ["pre", "post"])
def test_every_length_is_cut_as_declared(segment: int, padding: str) -> None:
    layer = Segments(segment, padding=padding)
    outputs = layer(STEPS)
    assert tuple(outputs.shape) == layer.compute_output_shape(STEPS.shape)
    flat = outputs.numpy().reshape(2, -1, 2)
    kept = flat[:, -6:] if padding == "pre" else flat[:, :6]
    assert np.array_equal(kept, STEPS)
    assert flat.shape[1] - 6 < segment


def test_last_values_are_channel_0_in_order() -> None:
    assert LastValues(2)(STEPS).numpy().tolist() == [[8, 10], [20, 22]]
    assert np.array_equal(LastValues(6)(STEPS), STEPS[..., 0])


def test_positions_count_for_each_row() -> None:
    assert Positions(3)(STEPS).numpy().tolist() == [[0, 1, 2], [0, 1, 2]]


def test_folded_steps_come_back() -> None:
    rows = FoldSteps()(STEPS)
    assert np.array_equal(rows, np.concatenate(list(STEPS)))
    assert np.array_equal(UnfoldSteps(6)(rows), STEPS)
    assert FoldSteps().compute_output_shape((None, 6, 2)) == (None, 2)
    assert UnfoldSteps(6).compute_output_shape((None, 2)) == (None, 6, 2)
