"""A window that follows a stream."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from seqkit.layers import FilledWindow, PushStep, WhereFull

NAN = float("nan")


def test_window_loses_its_first_step_and_ends_with_the_new_one() -> None:
    window = np.array([[1.0, 2, 3], [4, 5, 6]], np.float32)
    step = np.array([9.0, 8], np.float32)
    assert PushStep()(window, step).numpy().tolist() == [[2, 3, 9], [5, 6, 8]]


def test_rows_of_covariates_move_as_wholes() -> None:
    window = np.array([[[1.0, 2], [3, 4]]], np.float32)
    moved = PushStep()(window, np.array([[5.0, 6]], np.float32))
    assert moved.numpy().tolist() == [[[3, 4], [5, 6]]]


def test_forecasts_are_nan_until_the_window_is_full() -> None:
    window = np.array([[NAN, 2], [1, 2]], np.float32)
    filled, full = FilledWindow()(window)
    assert filled.numpy().tolist() == [[1, 1], [1, 2]]
    assert full.numpy().tolist() == [[False], [True]]
    answers = WhereFull()(np.array([[5.0, 6, 7], [5, 6, 7]], np.float32), full)
    assert np.isnan(answers[0]).all()
    assert answers[1].numpy().tolist() == [5, 6, 7]


def test_a_stream_comes_back_from_a_keras_file(tmp_path: Path) -> None:
    window, step = keras.Input((3,)), keras.Input(())
    moved = PushStep()(window, step)
    filled, full = FilledWindow()(moved)
    model = keras.Model([window, step], WhereFull()(filled, full))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    inputs = [np.array([[1.0, 2, 3], [NAN, NAN, 1]]), np.array([4.0, 5])]
    assert loaded(inputs).numpy()[0].tolist() == [2, 3, 4]
    assert np.isnan(loaded(inputs).numpy()[1]).all()
