"""Which row trains, which decides when to stop, and which is only looked at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TRAIN, VALIDATION, TEST = 0, 1, 2
FEWEST_GROUPS = 3
"""A stratum of so many groups is in every part that is asked for."""


def split_rows(
    groups: NDArray[np.uint64],
    strata: NDArray[np.int64],
    validation: float,
    test: float,
    seed: int,
) -> NDArray[np.uint8]:
    """Part rows into TRAIN, VALIDATION and TEST; gives one code a row.

    Rows of one group (the same text, say) stay on one side. Every stratum (label) gives
    the same shares, as nearly as its groups allow, and keeps at least one group for
    training. One of three groups or more is in every part that is asked for, though its
    share be less than a row. The parts depend on the seed and on the groups and labels
    there are, not on the order of the rows.

    Args:
        groups: (rows,) what belongs together, as hashes.
        strata: (rows,) the label of each row; a group counts in its smallest.
        validation: share of the rows that are not test.
        test: share of all rows.
        seed: another seed gives another split.
    """
    unique, member = np.unique(groups, return_inverse=True)
    sizes = np.bincount(member, minlength=len(unique))
    stratum_of_group = _smallest_stratum(member, strata, len(unique))
    parts = np.full(len(unique), TRAIN, np.uint8)
    random = np.random.default_rng([seed, 2])
    # What rounding leaves over goes to the next stratum: many small ones add up.
    over = {TEST: 0.0, VALIDATION: 0.0}
    for stratum in np.unique(stratum_of_group):
        members = np.flatnonzero(stratum_of_group == stratum)
        free = random.permutation(members)[:-1]
        rows = int(sizes[members].sum())
        for part, share in ((TEST, test), (VALIDATION, validation)):
            exact = share * rows + over[part]
            wanted = round(exact)
            over[part] = exact - wanted
            chosen = _groups_for(wanted, free, sizes)
            if share and len(members) >= FEWEST_GROUPS:
                if part == TEST and validation and len(chosen) == len(free):
                    chosen = chosen[:-1]
                if not len(chosen):
                    chosen = free[[sizes[free].argmin()]]
                    # Later strata make up for a row of it, not for many classes.
                    over[part] = max(exact - int(sizes[chosen].sum()), -1.0)
            parts[chosen] = part
            rows -= int(sizes[chosen].sum())
            free = free[parts[free] == TRAIN]
    return parts[member]


def _groups_for(
    rows: int, free: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The first groups of ``free`` that fit into ``rows``, larger ones left out."""
    chosen = []
    for group, size in zip(free.tolist(), sizes[free].tolist(), strict=True):
        if not rows:
            break
        if size <= rows:
            chosen.append(group)
            rows -= size
    return np.array(chosen, np.int64)


def _smallest_stratum(
    member: NDArray[np.int64], strata: NDArray[np.int64], groups: int
) -> NDArray[np.int64]:
    """One stratum a group, whatever the order of its rows: the smallest."""
    smallest = np.full(groups, np.iinfo(np.int64).max)
    np.minimum.at(smallest, member, strata)
    return smallest
