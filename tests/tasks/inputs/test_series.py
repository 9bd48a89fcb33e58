"""Whole series: parted, scaled by the training part alone, and stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny_rows import batch_of, inputs_of, row_data, store_of, truth_of

from seqkit.data.series.spec import LabelledSeries, MeasuredSeries
from seqkit.data.series.whole import (
    Scale,
    encode,
    fit_scale,
    hash_series,
    target_scale,
    training_scale,
)
from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError
from seqkit.layers.series_padding import PADDING, SeriesEncoder
from seqkit.tasks.rows import RowData

PARTS = ("train", "validation", "test")


def frame_of(rows: int = 100, seed: int = 0, classes: int = 2) -> pd.DataFrame:
    """Series of 3 to 9 steps of two columns; row i is of class i modulo classes."""
    draw = np.random.default_rng(seed)
    lengths = draw.integers(3, 10, rows)
    first = [draw.normal(5, 2, n) for n in lengths]
    second = [draw.normal(-1, 30, n) for n in lengths]
    return pd.DataFrame(
        {
            "a": pd.Series(first, dtype=object),
            "b": pd.Series(second, dtype=object),
            "label": [f"c{row % classes}" for row in range(rows)],
            "target": [float(one.mean()) for one in first],
        }
    )


def labelled(frame: pd.DataFrame, **changed: Any) -> RowData:
    spec = LabelledSeries(source="frame", values=("a", "b"), **changed)
    return row_data("classify_series", spec, FrameSource(frame))


def measured(frame: pd.DataFrame, **changed: Any) -> RowData:
    spec = MeasuredSeries(source="frame", values=("a", "b"), **changed)
    return row_data("regress_series", spec, FrameSource(frame))


def steps(data: Any, part: str) -> np.ndarray:
    return np.concatenate(inputs_of(data, part))


def scale_of(data: RowData) -> Scale:
    return training_scale(data.rows, data.spec.scale, 2)


# Parts


def test_every_series_is_in_one_part_and_classes_keep_their_shares() -> None:
    data = labelled(frame_of(200))
    hashes = {
        part: [hash_series(one) for one in inputs_of(data, part)] for part in PARTS
    }
    assert {part: len(found) for part, found in hashes.items()} == {
        part: data.count(part) for part in PARTS
    }
    assert sum(map(len, hashes.values())) == 200
    assert len(set(sum(hashes.values(), []))) == 200
    for part in PARTS:
        truth = truth_of(data, part)
        assert np.bincount(truth).tolist() == [len(truth) // 2] * 2


def test_equal_series_are_never_on_two_sides() -> None:
    frame = pd.concat([frame_of(30)] * 3, ignore_index=True)
    data = labelled(frame, test=0.3, validation=0.3)
    sides = [{hash_series(one) for one in inputs_of(data, part)} for part in PARTS]
    assert sum(map(len, sides)) == len(set.union(*sides)) == 30


def test_shape_is_part_of_what_a_series_is() -> None:
    flat = np.arange(6, dtype=np.float32)
    assert hash_series(flat.reshape(3, 2)) != hash_series(flat.reshape(2, 3))


def test_series_that_float32_cannot_tell_apart_are_different_groups() -> None:
    small = np.arange(6.0).reshape(6, 1)
    assert hash_series(small + 2.0**30) != hash_series(small + 2.0**30 + 1)
    # What float32 holds has the hash that it had as float32.
    assert hash_series(small) == hash_series(small.astype(np.float32))


@pytest.mark.parametrize("column", ["a", "label"])
def test_the_fingerprint_changes_with_the_data(column: str) -> None:
    frame, other = frame_of(20), frame_of(20)
    other.at[3, column] = np.ones(len(other.at[3, "b"])) if column == "a" else "c0"
    assert labelled(frame).fingerprint == labelled(frame_of(20)).fingerprint
    assert labelled(frame).fingerprint != labelled(other).fingerprint


def test_answers_of_the_training_part_come_in_the_order_of_its_rows() -> None:
    for data in (labelled(frame_of(50, classes=3)), measured(frame_of(50))):
        read = truth_of(data, "train")
        assert data.rows.training_answers().tolist() == read.tolist()


# Scales


@pytest.mark.parametrize("kind", ["standard", "minmax"])
def test_the_scale_is_that_of_the_training_steps_alone(kind: str) -> None:
    data = labelled(frame_of(100), scale=kind)
    train = steps(data, "train").astype(np.float64)
    scale = scale_of(data)
    if kind == "standard":
        np.testing.assert_allclose(scale.center, train.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(scale.unit, train.std(axis=0), rtol=1e-12)
    else:
        assert scale.center == tuple(train.min(axis=0))
        assert scale.unit == tuple(train.max(axis=0) - train.min(axis=0))


def test_the_scale_is_exact_far_from_zero() -> None:
    far = [np.array([[1e6 + i]], np.float32) for i in range(8)]
    scale = fit_scale(far, "standard")
    assert scale.center == (1e6 + 3.5,)
    np.testing.assert_allclose(scale.unit, np.std(np.arange(8)), rtol=1e-9)


@pytest.mark.parametrize("kind", ["standard", "minmax"])
def test_a_column_that_never_changes_has_unit_1(kind: str) -> None:
    same = [np.full((n, 1), 0.1, np.float32) for n in (3, 5, 1)]
    assert fit_scale(same, kind).unit == (1.0,)


def test_targets_are_scaled_by_the_training_part() -> None:
    data = measured(frame_of(80))
    numbers = data.rows.training_answers()
    scale = target_scale(numbers, "standard")
    assert data.answer.plain()["target"]["unit"] == scale.unit
    np.testing.assert_allclose(scale.center, numbers.mean())
    np.testing.assert_allclose(scale.unit, numbers.std())
    assert target_scale(numbers, "none") == Scale((0.0,), (1.0,))


# Stores


def test_a_store_holds_scaled_series_padded_at_their_end(tmp_path: Path) -> None:
    data = labelled(frame_of(60))
    scale = scale_of(data)
    store = store_of(data, "train", tmp_path)
    batch, targets, _ = store.arrays(np.arange(len(store)))
    assert batch.dtype == np.float32 and targets.dtype == np.int32
    series = inputs_of(data, "train")
    for values, one in zip(batch, series, strict=True):
        wanted = (one.astype(np.float64) - scale.center) / scale.unit
        np.testing.assert_allclose(values[: len(one)], wanted, rtol=1e-6, atol=1e-7)
        assert (values[len(one) :] == np.float32(PADDING)).all()
    assert targets.tolist() == data.rows.training_answers().tolist()


def test_a_store_of_numbers_holds_them_scaled(tmp_path: Path) -> None:
    data = measured(frame_of(60))
    store = store_of(data, "train", tmp_path)
    assert store.targets.dtype == np.float32
    assert abs(store.targets.mean()) < 1e-6 and abs(store.targets.std() - 1) < 1e-6


@pytest.mark.parametrize("truncating", ["pre", "post"])
def test_long_series_are_cut_in_the_store(truncating: str, tmp_path: Path) -> None:
    options = {"max_timesteps": 4, "truncating": truncating, "scale": "none"}
    data = labelled(frame_of(40), **options)
    store = store_of(data, "train", tmp_path)
    series = inputs_of(data, "train")
    assert store.whole_lengths is not None
    assert store.whole_lengths.tolist() == [len(one) for one in series]
    for row, one in enumerate(series):
        (kept,) = batch_of(store, row)
        wanted = one[:4] if truncating == "post" else one[-4:]
        np.testing.assert_array_equal(kept, wanted.astype(np.float32))


def test_how_series_are_grouped_for_scaling_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    series = [np.random.default_rng(n).random((n, 2), np.float32) for n in (3, 9, 1, 5)]
    encoder = SeriesEncoder((0.1, 0.2), (3.0, 4.0))
    whole = [one for piece in encode(encoder, series) for one in piece]
    monkeypatch.setattr("seqkit.data.series.whole.ENCODED_NUMBERS", 20)
    pieces = list(encode(encoder, series))
    assert [len(piece) for piece in pieces] == [1, 1, 2]
    for one, other in zip(whole, sum(pieces, []), strict=True):
        np.testing.assert_array_equal(one, other)


# What is wrong


def test_a_series_without_a_label_is_an_error() -> None:
    frame = frame_of(10)
    frame.loc[4, "label"] = None
    with pytest.raises(
        DataError, match="^Column 'label' of frame has a series without"
    ):
        labelled(frame)


@pytest.mark.parametrize("wrong", ["many", None, float("inf")])
def test_a_target_that_is_no_number_is_an_error(wrong: Any) -> None:
    frame = frame_of(10).astype({"target": object})
    frame.loc[4, "target"] = wrong
    with pytest.raises(
        DataError, match="must hold a finite number for each series, go"
    ):
        measured(frame)


def test_targets_may_be_text_of_numbers() -> None:
    frame = frame_of(10).astype({"target": object})
    frame["target"] = [str(row) for row in range(10)]
    assert measured(frame).rows.scan.answers.tolist() == list(range(10))


def test_one_class_only_is_an_error() -> None:
    with pytest.raises(DataError, match="holds one label only"):
        labelled(frame_of(10, classes=1))


# Memory

STREAM = """
import json, sys
from pathlib import Path
from seqkit.data.stores.feed import Feed
from seqkit.data.series.spec import LabelledSeries
from seqkit.data.sources.base import open_source
from seqkit.shared.quiet import load_tensorflow
from seqkit.tasks.classify_series import ClassifySeries

load_tensorflow()
rows, path = int(sys.argv[1]), Path(sys.argv[1] + ".jsonl")
with path.open("w") as file:
    for row in range(rows):
        values = [row / 8] + [(row * 31 + step) % 1000 / 8 for step in range(99)]
        line = {"a": values, "b": values, "label": row % 2}
        file.write(json.dumps(line) + chr(10))
spec = LabelledSeries(source=f"jsonl:{path}")
data = ClassifySeries().open(spec, None, open_source(spec))
store = data._store("train", data.preprocessing(), path.with_suffix(".train"))
batches = sum(1 for _ in Feed(store, 64, seed=0).arrays())
# Not ru_maxrss: a new process takes that over from the one that starts it.
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
peak = int(status["VmHWM"].split()[0]) / 1e3
print(json.dumps([peak, batches, len(store), path.stat().st_size / 1e6]))
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="Linux tells the peak memory there"
)
def test_four_times_the_series_take_the_same_memory(
    python: Callable[..., str],
) -> None:
    def run(rows: int) -> tuple[float, float]:
        code = f"import sys; sys.argv[1:] = ['{rows}']\n{STREAM}"
        peak, batches, kept, megabytes = json.loads(python(code).splitlines()[-1])
        assert kept == round(0.81 * rows) and batches == -(-kept // 64)
        return peak, megabytes

    # The smaller one already fills two chunks: one is read while one is held.
    (few, little), (many, much) = run(9_000), run(36_000)
    # In memory the others would be 27,000 x 100 x 2 numbers: 22 MB, and more.
    assert much - little > 30
    assert many - few < 15


@pytest.mark.parametrize("layout", ["nested", "long"])
def test_a_part_as_a_frame_is_read_back_as_it_was(layout: str, tmp_path: Path) -> None:
    frame, keys = frame_of(60), {}
    if layout == "long":
        frame = frame.assign(id=range(60)).explode(["a", "b"], ignore_index=True)
        frame = frame.astype({"a": float, "b": float})
        keys = {"layout": "long", "id": "id"}
    for data, make in (
        (labelled(frame, test=0.3, **keys), labelled),
        (measured(frame, test=0.3, **keys), measured),
    ):
        path = tmp_path / f"{data.task.name}.parquet"
        data.held_out_frame().to_parquet(path)
        again = make(pd.read_parquet(path), test=0.0, validation=0.0, **keys)
        assert np.array_equal(steps(again, "train"), steps(data, "test"))
        answers = truth_of(data, "test")
        assert np.array_equal(again.rows.training_answers(), answers)


def test_three_series_are_enough_for_every_part_to_have_one() -> None:
    for data in (measured(frame_of(3)), labelled(frame_of(6))):
        assert all(data.count(part) for part in PARTS)
        assert data.remarks() == []
    (text, other) = measured(pd.concat([frame_of(2)] * 20)).remarks()
    assert "all 40 rows hold 2 different series; equal series stay in one" in text
