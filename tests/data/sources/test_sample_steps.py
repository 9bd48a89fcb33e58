"""sample:activity and sample:tracking are the same everywhere."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest

from seqkit.data.sources.sample_steps import ACTIVITIES, activity, tracking


@pytest.fixture(scope="module")
def samples() -> dict[str, dict[str, pd.DataFrame]]:
    return {"activity": activity(), "tracking": tracking()}


def test_samples_have_their_parts_and_an_answer_for_each_step(
    samples: dict[str, dict[str, pd.DataFrame]],
) -> None:
    sizes = {
        name: [len(part) for part in parts.values()] for name, parts in samples.items()
    }
    assert sizes == {"activity": [60, 20], "tracking": [160, 40]}
    for parts in samples.values():
        for frame in parts.values():
            assert (frame.map(len).nunique(axis=1) == 1).all()


def test_every_activity_is_in_both_parts(
    samples: dict[str, dict[str, pd.DataFrame]],
) -> None:
    for frame in samples["activity"].values():
        assert set(frame["activity"].explode()) == set(ACTIVITIES)


def test_position_follows_from_velocity(
    samples: dict[str, dict[str, pd.DataFrame]],
) -> None:
    for row in samples["tracking"]["test"].itertuples():
        position, velocity = np.array(row.position), np.array(row.velocity)
        moved = np.diff(position)
        assert np.corrcoef(moved, (velocity[1:] + velocity[:-1]) / 2)[0, 1] > 0.99
        works = np.array(row.works) == 1
        assert not np.array(row.reading)[~works].any()
        assert np.abs(row.reading).max() <= 1


@pytest.mark.parametrize(
    ("name", "column", "digest"),
    [
        ("activity", "activity", "6233da8c21e87401"),
        ("tracking", "works", "698f55d7c14cd001"),
    ],
)
def test_rows_are_the_same_on_every_machine_and_version(
    samples: dict[str, dict[str, pd.DataFrame]], name: str, column: str, digest: str
) -> None:
    # Labels and whole numbers: what is drawn, without how a processor rounds.
    raw = repr(
        [
            [np.array(row).tolist() for row in part[column]]
            for part in samples[name].values()
        ]
    )
    assert hashlib.sha256(raw.encode()).hexdigest()[:16] == digest
