"""Boosted trees as plain arrays: no pickle, and the same answers everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


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

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """By name, as ``numpy.savez`` takes them."""
        return {name: np.asarray(value) for name, value in self._asdict().items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> TreeArrays:
        """What ``to_arrays`` gave."""
        found: dict[str, Any] = {name: arrays[name] for name in cls._fields}
        start, depth = float(found.pop("start")), int(found.pop("depth"))
        return cls(start=start, depth=depth, **found)
