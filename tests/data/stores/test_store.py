"""Ragged sequences on disk."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data.stores.store import (
    CLASS,
    TOKENS,
    Column,
    Ragged,
    RaggedStore,
    StoreWriter,
)
from seqkit.errors import DataError

SEQUENCES = st.lists(
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=9),
    min_size=1,
    max_size=12,
)


def stored(path: Path, sequences: list[list[int]], chunk: int = 3) -> RaggedStore:
    """A store of ``sequences``, written in chunks; row i has target i."""
    writer = StoreWriter(path, {"ids": TOKENS}, CLASS)
    for start in range(0, len(sequences), chunk):
        rows = [np.array(row) for row in sequences[start : start + chunk]]
        writer.append({"ids": Ragged.of(rows)}, np.arange(start, start + len(rows)))
    return writer.finish()


@given(st.data(), SEQUENCES)
def test_rows_come_back_in_any_order_with_zeros_behind(
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    sequences: list[list[int]],
) -> None:
    store = stored(tmp_path_factory.mktemp("store") / "rows", sequences)
    rows = data.draw(
        st.lists(st.integers(0, len(sequences) - 1), min_size=1, max_size=20)
    )
    longest = max(len(sequences[row]) for row in rows)
    expected = [sequences[row] + [0] * (longest - len(sequences[row])) for row in rows]
    batch, _, _ = store.arrays(np.array(rows))
    assert batch.dtype == np.int32
    assert batch.tolist() == expected


def test_targets_lengths_and_weights_lie_beside_the_ids(tmp_path: Path) -> None:
    store = stored(tmp_path / "rows", [[5], [6, 7, 8], [9, 9], [4]])
    assert len(store) == 4
    assert store.lengths.tolist() == [1, 3, 2, 1]
    assert store.targets.tolist() == [0, 1, 2, 3]
    assert store.weights.tolist() == [1, 1, 1, 1]
    assert {a.dtype for a in (store.lengths, store.targets)} == {np.dtype(np.int32)}
    assert store.weights.dtype == np.float32


def test_a_store_without_rows_is_empty(tmp_path: Path) -> None:
    store = StoreWriter(tmp_path / "none", {"ids": TOKENS}, CLASS).finish()
    assert len(store) == 0
    assert len(store.weights) == 0


def test_ids_do_not_count_as_memory(tmp_path: Path) -> None:
    store = stored(tmp_path / "rows", [list(range(1, 1000))] * 20)
    assert (tmp_path / "rows.ids").stat().st_size == 20 * 999 * 4
    (ids,) = store._inputs.values()
    held = [
        ids.lengths,
        ids._offsets,
        store.whole_lengths,
        store.targets,
        store.weights,
    ]
    assert store.lengths is ids.lengths
    assert sum(array.nbytes for array in held) < 20 * 25


def test_a_closed_or_forgotten_store_lets_go_of_its_file(tmp_path: Path) -> None:
    def opened() -> int:
        links = (f"/proc/self/fd/{n}" for n in os.listdir("/proc/self/fd"))
        return sum(os.path.realpath(link).startswith(str(tmp_path)) for link in links)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("open files are listed in /proc on Linux only")
    closed = stored(tmp_path / "closed", [[1]])
    forgotten = stored(tmp_path / "forgotten", [[1]])
    assert opened() == 2
    closed.close()
    closed.close()
    assert opened() == 1
    del forgotten
    gc.collect()
    assert opened() == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full disk")
@pytest.mark.parametrize("ids", [1, 10**6], ids=["at the end", "in between"])
def test_a_full_disk_is_one_sentence(ids: int, tmp_path: Path) -> None:
    (tmp_path / "rows.ids").symlink_to("/dev/full")
    writer = StoreWriter(tmp_path / "rows", {"ids": TOKENS}, CLASS)
    with pytest.raises(DataError, match="no space left on device. Free some space"):
        writer.append({"ids": Ragged(np.ones(ids), np.array([ids]))}, np.zeros(1))
        writer.finish()


# Several columns, and an answer a step


def tagged(path: Path) -> RaggedStore:
    """Two rows of words with their letters; each word has a tag."""
    writer = StoreWriter(
        path,
        {"words": TOKENS, "letters": Column(np.int32, (2,))},
        Column(np.int32, padding=-1),
    )
    words = Ragged(np.array([5, 6, 7]), np.array([2, 1]))
    letters = Ragged(np.arange(6).reshape(3, 2), np.array([2, 1]))
    tags = Ragged(np.array([1, 0, 2]), np.array([2, 1]))
    writer.append({"words": words, "letters": letters}, tags)
    return writer.finish()


def test_columns_come_by_name_each_padded_as_it_says(tmp_path: Path) -> None:
    inputs, targets, weights = tagged(tmp_path / "rows").arrays(np.array([1, 0]))
    assert inputs["words"].tolist() == [[7, 0], [5, 6]]
    assert inputs["letters"].tolist() == [[[4, 5], [0, 0]], [[0, 1], [2, 3]]]
    assert targets.tolist() == [[2, -1], [1, 0]]


def test_padding_of_an_answer_a_step_weighs_nothing(tmp_path: Path) -> None:
    _, _, weights = tagged(tmp_path / "rows").arrays(np.array([1, 0]))
    assert weights.tolist() == [[1, 0], [1, 1]]


def test_columns_of_equal_lengths_count_once_for_bucketing(tmp_path: Path) -> None:
    assert tagged(tmp_path / "rows").lengths.tolist() == [2, 1]
    writer = StoreWriter(
        tmp_path / "pairs", {"source": TOKENS, "target": TOKENS}, CLASS
    )
    source = Ragged(np.arange(3), np.array([2, 1]))
    target = Ragged(np.arange(5), np.array([1, 4]))
    writer.append({"source": source, "target": target}, np.zeros(2))
    assert writer.finish().lengths.tolist() == [3, 5]


def test_specs_are_those_of_the_arrays(tmp_path: Path) -> None:
    store = tagged(tmp_path / "rows")
    inputs, targets, weights = store.element_spec()
    arrays = store.arrays(np.array([0, 1]))
    for name, spec in inputs.items():
        assert spec.is_compatible_with(tf.constant(arrays[0][name]))
    assert (
        targets.is_compatible_with(tf.constant(arrays[1])) and targets.shape.rank == 2
    )
    assert weights.is_compatible_with(tf.constant(arrays[2]))
