"""Rows parted again and again, so that each of them validates one model."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.stores.store import RaggedStore


def fold_stores(
    store: RaggedStore, number: int, seed: int
) -> list[Mapping[str, RaggedStore]]:
    """``train`` and ``validation`` of each fold; each row validates once."""
    folds = fold_numbers(_hashes(store), store.targets, number, seed)
    return [
        {
            "train": store.taken(np.flatnonzero(folds != fold)),
            "validation": store.taken(np.flatnonzero(folds == fold)),
        }
        for fold in range(number)
    ]


def fold_numbers(
    groups: NDArray[np.uint64], targets: NDArray[Any], number: int, seed: int
) -> NDArray[np.int64]:
    """The fold (rows,) that each row validates.

    Rows of one group, of equal inputs, are in one fold. Groups are dealt out in the
    order of their answers, so that each fold has its share of each class, and of low
    and high numbers.

    Args:
        groups: (rows,) of hashes.
        targets: (rows,) codes of classes, or numbers.
        number: of folds.
        seed: another seed gives other folds.
    """
    random = np.random.default_rng([seed, 3])
    _, first, member = np.unique(groups, return_index=True, return_inverse=True)
    order = random.permutation(len(first))
    order = order[np.argsort(targets[first[order]], kind="stable")]
    rounds = -(-len(order) // number)
    # In another order each round, else the first fold had the lowest of each round.
    dealt = np.concatenate([random.permutation(number) for _ in range(rounds)])
    folds = np.empty(len(first), np.int64)
    folds[order] = dealt[: len(order)]
    return folds[member]


def _hashes(store: RaggedStore) -> NDArray[np.uint64]:
    """64 bits of each row's inputs."""
    hashes = []
    for row in range(len(store)):
        inputs = store.arrays(np.array([row]))[0]
        digest = hashlib.blake2b(digest_size=8)
        for one in inputs.values() if isinstance(inputs, dict) else [inputs]:
            digest.update(repr(one.shape).encode() + one.tobytes())
        hashes.append(int.from_bytes(digest.digest(), "little"))
    return np.array(hashes, np.uint64)
