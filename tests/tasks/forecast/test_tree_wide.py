"""Boosted trees beside a forecaster: as arrays in the graph, and fitted on windows."""

from __future__ import annotations

import numpy as np
import pytest

from seqkit.data.forecast.windows import PreparedSeries, WindowStore
from seqkit.layers.forecast.trees import WindowTrees
from seqkit.tasks.baselines.tree_arrays import boosted, with_step
from seqkit.tasks.forecast.tree_wide import fit_trees

HORIZON, LOOKBACK = 3, 12


def store(windows: int = 300) -> WindowStore:
    """Windows of a tent map, whose next step is no line of its last one."""
    random = np.random.default_rng(1)
    values = [0.1]
    for _ in range(windows + LOOKBACK + HORIZON):
        values.append(0.9 - 1.8 * abs(values[-1]) + random.normal(0, 0.01))
    steps = np.array(values, np.float32)[:, None]
    nothing = np.zeros((len(steps), 0), np.float32)
    series = PreparedSeries(steps, nothing, np.zeros(0, np.float32), 1)
    places = np.arange(LOOKBACK, LOOKBACK + windows)
    return WindowStore([series], [places], LOOKBACK, HORIZON, (0, 0), False)


def layer() -> WindowTrees:
    trees = WindowTrees(HORIZON)
    trees.build({"steps": (None, LOOKBACK, 1)})
    return trees


@pytest.fixture(scope="module")
def fitted() -> WindowTrees:
    trees = layer()
    assert fit_trees(trees, store(), seed=1)
    return trees


def test_they_find_what_no_line_can(fitted: WindowTrees) -> None:
    inputs, targets, _ = store().arrays(np.arange(300))
    points = np.asarray(fitted(inputs))[:, :, 0]
    error = np.abs(points - targets)[:, 0].mean()
    x, y = np.asarray(inputs["steps"])[:, -1, 0], np.asarray(targets)[:, 0]
    line = np.abs(np.polyval(np.polyfit(x, y, 1), x) - y).mean()
    assert error < 0.5 * line


def test_the_graph_answers_as_the_trees_do(fitted: WindowTrees) -> None:
    random = np.random.default_rng(2)
    features = random.normal(size=(200, HORIZON, 4)).astype(np.float32)
    rows = with_step(features.astype(np.float64)).reshape(-1, 5)
    targets = np.sign(rows[:, 0]) + rows[:, 4] * (rows[:, 1] > 0.5)
    trees = boosted(rows, targets, seed=3, trees=80, depth=6)
    assert trees is not None
    from seqkit.tasks.forecast import tree_wide

    other = layer()
    tree_wide._set(other, tree_wide._Fit(0.0, trees, 0, 0.0))
    answers = np.asarray(other.answers(features)).ravel()
    np.testing.assert_allclose(answers, trees(rows), atol=1e-5)


def test_few_windows_teach_them_nothing() -> None:
    trees = layer()
    assert not fit_trees(trees, store(60), seed=1)
    inputs, _, _ = store(60).arrays(np.arange(4))
    points = np.asarray(trees(inputs))[:, :, 0]
    last = np.repeat(np.asarray(inputs["steps"])[:, -1:, 0], HORIZON, axis=1)
    np.testing.assert_allclose(points, last)
