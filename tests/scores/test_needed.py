"""What would decide an undecided difference: by hand, and by simulation."""

import math

import numpy as np
import pytest

from seqkit.scores.needed import MOST, needed
from seqkit.scores.seeds import Part, Spread, over_seeds

Z = 1.959964 + 0.841621


def spread(mean, seeds, rows, freedom=math.inf):
    """A difference whose variances are known all but exactly."""
    return Spread(mean, (Part(seeds, freedom),), Part(rows, math.inf))


def test_seeds_that_alone_vary_must_grow_as_the_variance_asks():
    found = needed(spread(1.0, 1.0, 0.0), 0.0, 0.95)
    # (t + 0.84)^2 / factor <= 1, with the infinitely many degrees of freedom here.
    assert found.seeds == pytest.approx(Z**2, rel=0.02)
    assert found.rows is None
    assert found.both == pytest.approx(Z**2, rel=0.02)


def test_rows_that_alone_vary_cannot_be_made_up_for_by_seeds():
    found = needed(spread(1.0, 0.0, 1.0), 0.0, 0.95)
    assert found.seeds is None
    assert found.rows == pytest.approx(Z**2, rel=0.02)


def test_where_each_part_is_too_large_alone_both_must_grow():
    found = needed(spread(1.0, 1.0, 1.0), 0.0, 0.95)
    assert found.seeds is None and found.rows is None
    assert found.both == pytest.approx(2 * Z**2, rel=0.02)


def test_the_nearer_of_the_two_decisions_counts():
    # Clear of zero at 0.2, within the margin at 1 - 0.2.
    found = needed(spread(0.2, 0.0, 1.0), 1.0, 0.95)
    assert found.rows == pytest.approx((Z / 0.8) ** 2, rel=0.02)
    other = needed(spread(0.9, 0.0, 1.0), 1.0, 0.95)
    assert other.rows == pytest.approx((Z / 0.9) ** 2, rel=0.02)


def test_few_seeds_gain_degrees_of_freedom_as_well():
    few = needed(spread(1.0, 1.0, 0.0, freedom=2), 0.0, 0.95)
    assert few.seeds is not None and Z**2 < few.seeds < 1.6 * Z**2


def test_of_what_is_out_of_reach_nothing_is_told():
    found = needed(spread(0.0, 1.0, 1.0), 0.0, 0.95)
    assert (found.seeds, found.rows, found.both) == (None, None, None)
    far = needed(spread(1.0, 0.0, 1.1 * MOST / Z**2), 0.0, 0.95)
    assert far.rows is None


def test_with_what_is_needed_four_in_five_are_decided():
    """Five seeds whose difference has a standard error of 1 and a true mean of 2."""
    draw, seeds = np.random.default_rng(0), 5
    factor = needed(Spread(2.0, (Part(1.0, 4),), Part(0.0, 1.0)), 0.0, 0.95).seeds
    count = math.ceil(factor * seeds)
    gaps = draw.normal(2.0, seeds**0.5, (600, count))
    still = np.repeat(gaps[:, :, np.newaxis], 3, axis=2)
    decided = np.mean([over_seeds(each)[1] > 0 for each in still])
    assert 0.72 < decided < 0.9
