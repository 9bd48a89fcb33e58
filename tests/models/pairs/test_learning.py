"""A small model learns to turn sequences round."""

from __future__ import annotations

import itertools

import keras
import numpy as np
from tiny_pairs import spec_of

from seqkit.models.pairs.build import build_encoder_decoder, build_writer
from seqkit.models.pairs.losses import pair_loss
from seqkit.models.pairs.spec import PairDecode
from seqkit.signature import Signature


def test_learns_to_reverse_four_symbols_it_has_not_seen() -> None:
    keras.utils.set_random_seed(0)
    rows = np.array(list(itertools.product(range(4, 9), repeat=4)), np.int32)
    np.random.default_rng(0).shuffle(rows)
    learnt, unseen = rows[:-60], rows[-60:]
    spec = spec_of(units=(24,), embedding=12)
    details = {"details": (("output_vocabulary", 9),)}
    network = build_encoder_decoder(spec, Signature.of({"vocabulary": 9}, details))
    network.compile(keras.optimizers.Adam(0.02), pair_loss(spec), jit_compile=False)
    targets = np.pad(learnt[:, ::-1], [[0, 0], [0, 1]], constant_values=3)
    previous = np.pad(learnt[:, ::-1], [[0, 0], [1, 0]], constant_values=2)
    inputs = {"tokens": learnt, "previous": previous}
    network.fit(inputs, targets, batch_size=32, epochs=10, verbose=0)
    writer = build_writer(network, PairDecode(method="greedy"), 6)
    written = writer({"tokens": unseen})["tokens"].numpy()[:, 0]
    np.testing.assert_array_equal(written[:, :4], unseen[:, ::-1])
    assert (written[:, 4:] == 0).all()
