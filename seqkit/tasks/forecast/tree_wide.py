"""The boosted trees of ``model.wide``, fitted on training windows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.windows import WindowStore
from seqkit.layers.forecast.trees import WindowTrees
from seqkit.layers.forecast.window_learner import STARTS
from seqkit.tasks.baselines.tree_arrays import (
    LEAST_WINDOWS,
    TreeArrays,
    boosted,
    with_step,
)
from seqkit.tasks.forecast.window_chunks import (
    FEW_PAIRS,
    FEW_WINDOWS,
    Chunk,
    Chunks,
    mean_error,
    nearest_start,
)

Floats = NDArray[np.float64]

HELD_OUT = 5
"""Every so manieth window says how values are read best."""


def fit_trees(layer: WindowTrees, store: WindowStore, seed: int) -> bool:
    """Set a layer's weights to those of trees; whether there was enough to learn from.

    Values are read over each window's own spread, or as they are, by what errs less on
    windows that are held out for it; the trees of these are kept.
    """
    if len(store) < LEAST_WINDOWS:
        return False
    chunks = Chunks.read_by(layer, store)
    fits = [_fit(layer, chunks, own, seed) for own in (0.0, 1.0)]
    best = min(fits, key=lambda fit: fit.error)
    if best.trees is None:
        return False
    _set(layer, best)
    return True


class _Fit(NamedTuple):
    error: float
    trees: TreeArrays | None
    start: int
    own: float


def _fit(layer: WindowTrees, chunks: Chunks, own: float, seed: int) -> _Fit:
    few = list(chunks.of(own, FEW_PAIRS, FEW_WINDOWS))
    start = nearest_start(few)
    rows, targets = [], []
    for one in few:
        learnt = np.arange(len(one.targets)) % HELD_OUT > 0
        read = with_step(one.features[learnt])
        rows.append(read.reshape(-1, read.shape[2]))
        targets.append(one.scaled(start)[learnt].ravel())
    trees = boosted(
        np.concatenate(rows),
        np.concatenate(targets),
        seed,
        trees=layer.trees,
        depth=layer.depth,
    )
    if trees is None:
        return _Fit(np.inf, None, start, own)
    judged = [_held_out(one) for one in few]
    answers = [trees.by_step(one.features) for one in judged]
    return _Fit(mean_error(judged, answers, start), trees, start, own)


def _held_out(one: Chunk) -> Chunk:
    """The windows that no tree learns from."""
    own = {name: getattr(one, name)[::HELD_OUT] for name in Chunk._fields}
    return Chunk(**{**own, "starts": one.starts[:, ::HELD_OUT]})


def _set(layer: WindowTrees, fit: _Fit) -> None:
    """Lay the nodes of each tree into a row of the layer's tables."""
    trees = fit.trees
    assert trees is not None
    shape = layer.trees, layer.nodes
    itself = np.tile(np.arange(layer.nodes, dtype=np.int32), (layer.trees, 1))
    tables = {
        "feature": np.zeros(shape, np.int32),
        "threshold": np.zeros(shape, np.float32),
        "left": itself,
        "right": itself.copy(),
        "value": np.zeros(shape, np.float32),
    }
    ends = [*trees.roots[1:], len(trees.value)]
    for row, (root, end) in enumerate(zip(trees.roots, ends, strict=True)):
        for name, table in tables.items():
            nodes = getattr(trees, name)[root:end]
            inside = nodes - root if name in ("left", "right") else nodes
            table[row, : end - root] = inside
    tables |= {"base": np.array(trees.start), "start": np.eye(len(STARTS))[fit.start]}
    for name, value in {**tables, "own": np.array(fit.own)}.items():
        getattr(layer, name).assign(value)
