import numpy as np
import pytest

from seqkit.scores.clusters import cluster, estimate, resampled
from seqkit.scores.intervals import PoissonBootstrap


def test_from_twenty_series_on_a_cluster_is_a_series():
    series = np.repeat(np.arange(20), 5)
    labels = cluster(series, np.tile(np.arange(5), 20), horizon=3)
    assert labels.tolist() == series.tolist()


def test_fewer_series_share_blocks_of_twice_the_horizon_where_windows_overlap():
    series, origins = np.repeat([0, 1], 100), np.tile(np.arange(50, 150), 2)
    labels = cluster(series, origins, horizon=4)
    # 2 x 4 - 1 origins a block.
    assert labels.tolist() == ((origins - 50) // 7).tolist()


def test_windows_that_do_not_overlap_are_clusters_of_their_own():
    origins = 100 + 24 * np.arange(30)
    labels = cluster(np.zeros(30, int), origins, horizon=24)
    assert labels.tolist() == list(range(30))


def test_blocks_are_shortened_until_there_are_ten():
    labels = cluster(np.zeros(40, int), np.arange(40), horizon=96)
    assert labels.tolist() == np.repeat(np.arange(10), 4).tolist()


def test_series_with_one_window_each_are_clusters_of_their_own():
    labels = cluster(np.arange(7), np.full(7, 100), horizon=8)
    assert labels.tolist() == list(range(7))


def test_resampled_sums_are_those_of_clusters_drawn_as_a_whole():
    random = np.random.default_rng(0)
    labels, amounts = random.integers(0, 1500, 4000), random.normal(size=(4000, 3))
    labels[:1500] = np.arange(1500)
    weights = PoissonBootstrap(20, seed=5).weights(1500)
    expected = np.vstack([np.ones(4000), weights[:, labels]]) @ amounts
    assert resampled(labels, amounts, 20, seed=5) == pytest.approx(expected)


def test_an_estimate_holds_its_value():
    assert estimate(np.array([2.0, 1.0, 1.0])) == (2.0, 1.0, 2.0)
    assert estimate(np.array([0.0, 1.0, 1.0])) == (0.0, 0.0, 1.0)
