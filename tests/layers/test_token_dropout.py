"""Dropout of whole tokens."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from seqkit.layers import TokenDropout
from seqkit.training.build import seeded

IDS = np.random.default_rng(0).integers(2, 50, (200, 50)).astype(np.int32)
IDS[:, 40:] = 0


def test_inference_drops_nothing() -> None:
    assert np.array_equal(TokenDropout(0.9)(IDS), IDS)


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_training_takes_that_share_of_tokens_as_unknown(rate: float) -> None:
    with seeded(1):
        layer = TokenDropout(rate)
    dropped = np.asarray(layer(IDS, training=True))
    assert dropped.dtype == np.int32
    changed = dropped != IDS
    assert set(dropped[changed]) == {1}
    # Four standard deviations of 8,000 draws.
    margin = 4 * np.sqrt(rate * (1 - rate) / 8000)
    assert changed[:, :40].mean() == pytest.approx(rate, abs=margin)


def test_padding_stays_padding() -> None:
    assert not np.asarray(TokenDropout(0.9)(IDS, training=True))[:, 40:].any()


def test_every_call_draws_anew_and_the_seed_decides() -> None:
    def draws() -> list[np.ndarray]:
        with seeded(7):
            layer = TokenDropout(0.5)
        return [np.asarray(layer(IDS, training=True)) for _ in range(2)]

    one, again = draws(), draws()
    assert np.array_equal(one[0], again[0]) and np.array_equal(one[1], again[1])
    assert not np.array_equal(one[0], one[1])


def test_a_model_passes_on_whether_it_trains() -> None:
    ids = keras.Input((None,), dtype="int32")
    model = keras.Model(ids, TokenDropout(0.5)(ids))
    assert np.array_equal(model(IDS), IDS)
    assert not np.array_equal(model(IDS, training=True), IDS)
