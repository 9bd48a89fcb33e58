"""Ragged sequences on disk."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data.stores.store import SequenceStore, StoreWriter
from seqkit.errors import DataError

SEQUENCES = st.lists(
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=9),
    min_size=1,
    max_size=12,
)


def stored(path: Path, sequences: list[list[int]], chunk: int = 3) -> SequenceStore:
    """A store of ``sequences``, written in chunks; row i has target i."""
    writer = StoreWriter(path)
    for start in range(0, len(sequences), chunk):
        rows = sequences[start : start + chunk]
        flat = [value for row in rows for value in row]
        writer.append(flat, [len(row) for row in rows], range(start, start + len(rows)))
    return writer.finish()


@given(st.data(), SEQUENCES)
def test_rows_come_back_in_any_order_with_zeros_behind(
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    sequences: list[list[int]],
) -> None:
    store = stored(tmp_path_factory.mktemp("store") / "rows.ids", sequences)
    rows = data.draw(
        st.lists(st.integers(0, len(sequences) - 1), min_size=1, max_size=20)
    )
    longest = max(len(sequences[row]) for row in rows)
    expected = [sequences[row] + [0] * (longest - len(sequences[row])) for row in rows]
    batch = store.batch(np.array(rows))
    assert batch.dtype == np.int32
    assert batch.tolist() == expected


def test_targets_lengths_and_weights_lie_beside_the_ids(tmp_path: Path) -> None:
    store = stored(tmp_path / "rows.ids", [[5], [6, 7, 8], [9, 9], [4]])
    assert len(store) == 4
    assert store.lengths.tolist() == [1, 3, 2, 1]
    assert store.targets.tolist() == [0, 1, 2, 3]
    assert store.weights.tolist() == [1, 1, 1, 1]
    assert {a.dtype for a in (store.lengths, store.targets)} == {np.dtype(np.int32)}
    assert store.weights.dtype == np.float32


def test_a_store_without_rows_is_empty(tmp_path: Path) -> None:
    store = StoreWriter(tmp_path / "none.ids").finish()
    assert len(store) == 0
    assert len(store.weights) == 0


def test_ids_do_not_count_as_memory(tmp_path: Path) -> None:
    store = stored(tmp_path / "rows.ids", [list(range(1, 1000))] * 20)
    assert (tmp_path / "rows.ids").stat().st_size == 20 * 999 * 4
    held = [value for value in vars(store).values() if isinstance(value, np.ndarray)]
    assert sum(array.nbytes for array in held) < 20 * 25


def test_a_closed_or_forgotten_store_lets_go_of_its_file(tmp_path: Path) -> None:
    def opened() -> int:
        links = (f"/proc/self/fd/{n}" for n in os.listdir("/proc/self/fd"))
        return sum(os.path.realpath(link).startswith(str(tmp_path)) for link in links)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("open files are listed in /proc on Linux only")
    closed = stored(tmp_path / "closed.ids", [[1]])
    forgotten = stored(tmp_path / "forgotten.ids", [[1]])
    assert opened() == 2
    closed.close()
    closed.close()
    assert opened() == 1
    del forgotten
    gc.collect()
    assert opened() == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full disk")
@pytest.mark.parametrize("ids", [1, 10**6], ids=["at the end", "in between"])
def test_a_full_disk_is_one_sentence(ids: int) -> None:
    writer = StoreWriter(Path("/dev/full"))
    with pytest.raises(DataError, match="no space left on device. Free some space"):
        writer.append(np.ones(ids), [ids], [0])
        writer.finish()
