"""Batches: every row once an epoch, in an order that seed and epoch alone determine."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqkit.data.stores.feed import (
    Feed,
    answered_by_length,
    bucketed,
    steps_per_epoch,
    training_batches,
)
from seqkit.data.stores.store import CLASS, TOKENS, Ragged, RaggedStore, StoreWriter
from seqkit.training.loop import Batches

LENGTHS = st.lists(st.integers(1, 60), min_size=1, max_size=300).map(
    lambda lengths: np.array(lengths, np.int32)
)


def padding(batches: list[NDArray[np.int64]], lengths: NDArray[np.int32]) -> float:
    """Share of what is computed that is padding."""
    computed = sum(len(rows) * int(lengths[rows].max()) for rows in batches)
    return 1 - float(lengths.sum()) / computed


def as_lists(batches: list[NDArray[np.int64]]) -> list[list[int]]:
    return [rows.tolist() for rows in batches]


@pytest.fixture
def store(tmp_path: Path) -> RaggedStore:
    """40 rows; row i holds the id i + 1, its length times."""
    lengths = np.random.default_rng(0).integers(1, 7, 40)
    writer = StoreWriter(tmp_path / "rows", {"ids": TOKENS}, CLASS)
    ids = Ragged(np.repeat(np.arange(1, 41), lengths), lengths)
    writer.append({"ids": ids}, np.arange(40))
    return writer.finish()


@settings(max_examples=50)
@given(LENGTHS, st.integers(1, 70), st.integers(0, 9), st.integers(0, 9))
def test_every_row_comes_once_an_epoch(
    lengths: NDArray[np.int32], batch_size: int, seed: int, epoch: int
) -> None:
    batches = training_batches(lengths, batch_size, seed, epoch)
    assert sorted(np.concatenate(batches)) == list(range(len(lengths)))
    assert len(batches) == steps_per_epoch(len(lengths), batch_size)
    sizes = sorted((len(rows) for rows in batches), reverse=True)
    assert set(sizes[:-1]) <= {batch_size} and 1 <= sizes[-1] <= batch_size


def test_same_seed_and_epoch_give_the_same_batches() -> None:
    lengths = np.random.default_rng(0).integers(1, 50, 1000).astype(np.int32)
    one, again = (as_lists(training_batches(lengths, 8, 3, 5)) for _ in range(2))
    assert one == again


@pytest.mark.parametrize(("seed", "epoch"), [(3, 6), (4, 5), (5, 3)])
def test_another_seed_or_epoch_mixes_the_rows_anew(seed: int, epoch: int) -> None:
    lengths = np.random.default_rng(0).integers(1, 50, 1000).astype(np.int32)
    one = as_lists(training_batches(lengths, 8, 3, 5))
    other = as_lists(training_batches(lengths, 8, seed, epoch))
    # Which rows meet in a batch changes too, not the order of batches alone.
    same = {tuple(sorted(rows)) for rows in one} & {tuple(sorted(r)) for r in other}
    assert len(same) < 0.1 * len(one)


def test_batches_do_not_come_by_length() -> None:
    lengths = np.random.default_rng(0).integers(1, 500, 8000).astype(np.int32)
    batches = training_batches(lengths, 16, 0, 0)
    means = np.array([lengths[rows].mean() for rows in batches])
    neighbours = np.corrcoef(means[:-1], means[1:])[0, 1]
    assert abs(neighbours) < 4 / np.sqrt(len(means))


@pytest.mark.parametrize("batch_size", [16, 32, 64])
@pytest.mark.parametrize("limit", [400, 2500])
def test_padding_of_review_like_lengths_stays_under_a_tenth(
    batch_size: int, limit: int
) -> None:
    # Median and spread of IMDB's reviews, in words.
    drawn = np.random.default_rng(0).lognormal(np.log(174), 0.6, 25_000)
    lengths = np.clip(drawn, 4, limit).astype(np.int32)
    assert padding(training_batches(lengths, batch_size, 0, 0), lengths) < 0.1
    shuffled = np.random.default_rng(1).permutation(len(lengths))
    cut = np.array_split(shuffled, len(lengths) // batch_size)
    # Without buckets the same rows are mostly padding, so the test can fail.
    assert padding(cut, lengths) > 0.3


@pytest.mark.data
@pytest.mark.parametrize(("batch_size", "limit"), [(32, 2500), (256, 400)])
def test_padding_of_real_reviews_stays_under_a_tenth(
    imdb_lengths: NDArray[np.int32], batch_size: int, limit: int
) -> None:
    lengths = np.minimum(imdb_lengths, limit)
    for epoch in range(2):
        assert padding(training_batches(lengths, batch_size, 0, epoch), lengths) < 0.1
    fixed = bucketed(np.arange(len(lengths)), lengths, batch_size)
    assert padding(fixed, lengths) < 0.1


@pytest.fixture(scope="session")
def imdb_lengths(data_folder: Path) -> NDArray[np.int32]:
    import pandas as pd

    texts = pd.read_csv(data_folder / "imdb" / "imdb_train.csv.gz")["text"]
    return texts.str.split().str.len().to_numpy(np.int32)


def test_a_feed_gives_ids_targets_and_weights_of_the_same_rows(
    store: RaggedStore,
) -> None:
    store.weights[:] = np.arange(40) / 10
    seen = []
    for ids, rows, weights in Feed(store, 16, seed=1).arrays():
        assert (ids.dtype, rows.dtype, weights.dtype) == (
            "int32",
            "int32",
            "float32",
        )
        assert ids.shape == (len(rows), store.lengths[rows].max())
        for row, sequence in zip(rows, ids, strict=True):
            length = store.lengths[row]
            assert sequence.tolist() == [row + 1] * length + [0] * (
                len(sequence) - length
            )
        assert np.array_equal(weights, store.weights[rows])
        seen += rows.tolist()
    assert sorted(seen) == list(range(40))


def test_a_feed_knows_how_many_steps_it_has(store: RaggedStore) -> None:
    for batch_size, steps in ((16, 3), (40, 1), (64, 1), (1, 40)):
        assert Batches(Feed(store, batch_size, 0)).num_batches == steps
        assert len(list(Feed(store, batch_size, 0).arrays())) == steps


def test_a_feed_without_a_seed_gives_the_same_order_in_every_epoch(
    store: RaggedStore,
) -> None:
    feed = Feed(store, 8)
    first = as_lists(feed.batches())
    feed.epoch = 7
    assert as_lists(feed.batches()) == first


@pytest.mark.parametrize("initial_epoch", [0, 2])
def test_keras_sees_the_batches_of_the_epoch_it_is_in(
    store: RaggedStore, initial_epoch: int
) -> None:
    feed = Feed(store, 8, seed=5)
    seen: list[list[int]] = []

    class Watcher(keras.Model):
        def train_step(self, data: tuple) -> dict:  # type: ignore[type-arg]
            seen.append(np.asarray(data[1]).tolist())
            return {"loss": 0.0}

    class SetEpoch(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            feed.epoch = epoch

    model = Watcher()
    model.compile(loss="mse", run_eagerly=True)
    model.fit(
        Batches(feed),
        epochs=4,
        initial_epoch=initial_epoch,
        shuffle=False,
        callbacks=[SetEpoch()],
        verbose=0,
    )
    expected = [
        batch
        for epoch in range(initial_epoch, 4)
        for batch in as_lists(training_batches(store.lengths, 8, 5, epoch))
    ]
    assert seen == expected


def test_answers_a_step_come_by_row_without_their_padding() -> None:
    lengths = np.array([3, 1, 2], np.int32)

    def answer(rows: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        longest = int(lengths[rows].max())
        return {"row": np.repeat(rows[:, None], longest, axis=1)}

    outputs = answered_by_length(answer, lengths, 2, lengths)
    assert [row.tolist() for row in outputs["row"]] == [[0, 0, 0], [1], [2, 2]]
