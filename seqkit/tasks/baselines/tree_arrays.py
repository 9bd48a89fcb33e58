"""Boosted trees as plain arrays: no pickle, and the same answers everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_ROWS = 30_000
"""Pairs of window and step that trees learn from."""
LEAST_WINDOWS, LEAST_ROWS = 100, 500
"""From fewer, trees learn nothing that holds."""


class TreeArrays(NamedTuple):
    """The nodes of all trees, one tree after another; a leaf's children are itself."""

    start: float
    """What all answers begin with."""
    roots: NDArray[np.int64]
    """(trees,)"""
    feature: NDArray[np.int64]
    threshold: Floats
    left: NDArray[np.int64]
    """Where values up to the threshold go."""
    right: NDArray[np.int64]
    missing_left: NDArray[np.bool_]
    value: Floats
    depth: int
    """Steps from a root to the farthest leaf."""

    @classmethod
    def of(cls, fitted: Any) -> TreeArrays:
        """Those of a fitted HistGradientBoostingRegressor without categories."""
        nodes = [trees[0].nodes for trees in fitted._predictors]
        sizes = np.array([len(one) for one in nodes])
        roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        every = np.concatenate(nodes)
        shift = np.repeat(roots, sizes)
        own, leaf = np.arange(len(every)), every["is_leaf"].astype(bool)
        return cls(
            float(np.ravel(fitted._baseline_prediction)[0]),
            roots,
            np.where(leaf, 0, every["feature_idx"]).astype(np.int64),
            np.where(leaf, 0.0, every["num_threshold"]).astype(np.float64),
            np.where(leaf, own, every["left"] + shift).astype(np.int64),
            np.where(leaf, own, every["right"] + shift).astype(np.int64),
            every["missing_go_to_left"].astype(bool),
            every["value"].astype(np.float64),
            int(every["depth"].max()),
        )

    def __call__(self, features: Floats) -> Floats:
        """Answers (rows,) to (rows, features); NaN is a missing value."""
        rows = np.arange(len(features))
        answers = np.full(len(features), self.start)
        for root in self.roots:
            node = np.full(len(features), root)
            for _ in range(self.depth):
                values = features[rows, self.feature[node]]
                missing = np.isnan(values) & self.missing_left[node]
                goes_left = (values <= self.threshold[node]) | missing
                node = np.where(goes_left, self.left[node], self.right[node])
            answers += self.value[node]
        return answers

    def by_step(self, rows: Floats) -> Floats:
        """Answers (rows, horizon) to (rows, horizon, features), the step one more."""
        rows = with_step(rows)
        return self(rows.reshape(-1, rows.shape[2])).reshape(rows.shape[:2])

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """By name, as ``numpy.savez`` takes them."""
        return {name: np.asarray(value) for name, value in self._asdict().items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> TreeArrays:
        """What ``to_arrays`` gave."""
        found: dict[str, Any] = {name: arrays[name] for name in cls._fields}
        start, depth = float(found.pop("start")), int(found.pop("depth"))
        return cls(start=start, depth=depth, **found)


def boosted(
    rows: Floats, targets: Floats, seed: int, trees: int = 80, depth: int | None = None
) -> TreeArrays | None:
    """Gradient-boosted trees of scikit-learn that err least in absolute value.

    Of many rows they learn from a sample; of too few they learn nothing.

    Args:
        rows: features (rows, features); NaN is a missing value.
        targets: (rows,), NaN where nobody knows.
        seed: of what is drawn.
        trees: how many.
        depth: of a tree, at most; None: any.
    """
    present = np.flatnonzero(np.isfinite(targets))
    if len(present) < LEAST_ROWS:
        return None
    if len(present) > MOST_ROWS:
        draw = np.random.default_rng(seed)
        present = np.sort(draw.choice(present, MOST_ROWS, replace=False))
    rows, targets = rows[present], targets[present]
    # A lag that no history reaches back to: scikit-learn bins no column of NaN.
    rows = np.where(np.isnan(rows).all(axis=0), 0.0, rows)
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    model = HistGradientBoostingRegressor(
        loss="absolute_error",
        learning_rate=0.1,
        max_iter=trees,
        max_leaf_nodes=15,
        max_depth=depth,
        min_samples_leaf=20,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )
    # A few rows: more threads wait for each other longer than they work.
    with threadpool_limits(1, user_api="openmp"):
        model.fit(rows, targets)
    return TreeArrays.of(model)


def with_step(rows: Floats) -> Floats:
    """Rows (rows, horizon, features) with the step of the horizon as one more."""
    steps = np.arange(rows.shape[1], dtype=np.float64)[:, None]
    steps = np.broadcast_to(steps, (*rows.shape[:2], 1))
    return np.concatenate([rows, steps], axis=2)
