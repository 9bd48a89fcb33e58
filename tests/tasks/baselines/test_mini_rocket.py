"""MiniRocket's features by explicit loops, its ridge by refits and by scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import Ridge, RidgeClassifierCV
from sklearn.preprocessing import StandardScaler

from seqkit.tasks.baselines import mini_rocket
from seqkit.tasks.baselines.kernels import HEAVY, Kernels, dilations_of
from seqkit.tasks.baselines.mini_rocket import (
    ALPHAS,
    MiniRocket,
    ridge_by_left_out,
    sureness,
)
from seqkit.tasks.baselines.nearest_series import NearestNeighbour


def walks(rows: int, columns: int = 1, seed: int = 0) -> list[NDArray[np.float64]]:
    """Random walks of 1 to 40 steps."""
    draw = np.random.default_rng(seed)
    lengths = [40, 1, 7, *draw.integers(8, 41, rows - 3)]
    return [draw.normal(5, 3, (steps, columns)).cumsum(axis=0) for steps in lengths]


def waves(rows: int, seed: int) -> tuple[list[NDArray[np.float64]], NDArray[np.int64]]:
    """A short wave somewhere in noise: its class is how fast it swings."""
    draw = np.random.default_rng(seed)
    truth = np.arange(rows) % 2
    series = []
    for label in truth:
        one = draw.normal(0, 0.3, (120, 1))
        at, phase = draw.integers(0, 108), draw.uniform(0, 6)
        one[at : at + 12, 0] += np.sin(np.arange(12) * (0.8 + 0.8 * label) + phase)
        series.append(one)
    return series, truth


def fitted(rows: int = 24, columns: int = 3) -> tuple[Kernels, Any]:
    series = walks(rows, columns)
    return Kernels.fit(series, seed=1), series


# Features


@pytest.mark.parametrize(
    ("steps", "dilations", "counts"),
    [
        (1, [1], [119]),
        (9, [1], [119]),
        (24, [1, 2], [79, 40]),
        (60, [1, 2, 3, 4, 5, 6, 7], [41, 27, 15, 11, 11, 11, 3]),
    ],
)
def test_dilations_are_those_of_aeon(
    steps: int, dilations: list[int], counts: list[int]
) -> None:
    found = dilations_of(steps)
    assert [each.tolist() for each in found] == [dilations, counts]


def test_a_feature_is_the_share_of_steps_above_its_threshold() -> None:
    kernels, series = fitted()
    features = kernels(series)
    assert features.shape == (24, 84 * 119)
    order = [
        (number, kernel)
        for number, count in enumerate(kernels.counts)
        for kernel in range(84)
        for _ in range(count)
    ]
    draw = np.random.default_rng(0)
    for feature in draw.choice(len(order), 200, replace=False):
        number, kernel = order[feature]
        weights = np.full(9, -1.0)
        weights[list(HEAVY[kernel])] = 2.0
        dilation = int(kernels.dilations[number])
        for row, one in enumerate(series[:8]):
            scaled = ((one - kernels.center) / kernels.unit).astype(np.float32)
            mixed = scaled[:, kernels.columns[number, kernel]].sum(axis=1)
            steps, reach = len(mixed), 4 * dilation
            own = range(steps)
            if (number + kernel) % 2 and steps > 2 * reach:
                own = range(reach, steps - reach)
            places = [step + dilation * np.arange(-4, 5) for step in own]
            inside = [(each >= 0) & (each < steps) for each in places]
            responses = np.array(
                [
                    weights[is_in] @ mixed[each[is_in]]
                    for each, is_in in zip(places, inside, strict=True)
                ]
            )
            # What is its own threshold may be rounded to either side.
            above = responses - kernels.thresholds[feature]
            count = features[row, feature] * len(own)
            assert (above > 1e-5).sum() - 0.01 < count < (above > -1e-5).sum() + 0.01
    assert 0.4 < features.mean() < 0.6


def test_features_do_not_depend_on_batch_mates() -> None:
    kernels, series = fitted()
    alone = np.concatenate([kernels([one]) for one in series[:8]])
    np.testing.assert_array_equal(kernels(series)[:8], alone)


def test_units_and_levels_of_columns_do_not_tell() -> None:
    kernels, series = fitted()
    moved = [one * [1, 1e3, 1e-3] + [0, -1e5, 7] for one in series]
    other = Kernels.fit(moved, seed=1)
    near = np.abs(other(moved) - kernels(series)) < 1e-6
    assert near.mean() > 0.999


def test_a_seed_draws_the_same_kernels_again() -> None:
    kernels, series = fitted()
    again, other = Kernels.fit(series, 1), Kernels.fit(series, 2)
    assert all(map(np.array_equal, kernels, again))
    assert not np.array_equal(kernels.thresholds, other.thresholds)
    assert not np.array_equal(kernels.columns, other.columns)
    assert kernels.columns.any(axis=-1).all() and not kernels.columns.all()


# Ridge


def test_left_out_answers_are_those_of_a_model_of_the_others() -> None:
    draw = np.random.default_rng(0)
    features = draw.normal(3, 2, (20, 30)).astype(np.float32)
    numbers = features[:, :2] + draw.normal(0, 2, (20, 2))
    weights, bias, left_out = ridge_by_left_out(features, numbers)
    scaled = StandardScaler().fit_transform(features.astype(np.float64))

    def answers(alpha: float) -> NDArray[np.float64]:
        every = np.arange(20)
        models = [
            Ridge(alpha).fit(scaled[every != row], numbers[every != row])
            for row in range(20)
        ]
        return np.stack(
            [one.predict(scaled[[row]])[0] for row, one in enumerate(models)]
        )

    errors = [((answers(alpha) - numbers) ** 2).mean() for alpha in ALPHAS]
    best = ALPHAS[int(np.argmin(errors))]
    np.testing.assert_allclose(left_out, answers(best), rtol=1e-6)
    wanted = Ridge(best).fit(scaled, numbers).predict(scaled)
    np.testing.assert_allclose(features @ weights.T + bias, wanted, rtol=1e-5)


@pytest.mark.parametrize("classes", [2, 3])
def test_classes_are_those_of_scikit_learn(classes: int) -> None:
    series, truth = walks(30, 2), np.arange(30) % classes
    series = [one + 8.0 * label for one, label in zip(series, truth, strict=True)]
    baseline = MiniRocket.fit(series, truth, 30, classes)
    features = StandardScaler().fit(baseline.kernels(series))
    model = RidgeClassifierCV(ALPHAS)
    model.fit(features.transform(baseline.kernels(series)), truth)
    others = walks(40, 2, seed=5)
    wanted = model.predict(features.transform(baseline.kernels(others)))
    found = baseline.outputs(others)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    assert found.argmax(axis=1).tolist() == wanted.tolist()


def test_a_shape_is_found_wherever_it_stands() -> None:
    series, truth = waves(60, seed=0)
    others, wanted = waves(100, seed=1)
    rocket = MiniRocket.fit(series, truth, 60, 2).outputs(others)
    nearest = NearestNeighbour.fit(series, truth, 60, 2).outputs(others)
    assert (rocket.argmax(axis=1) == wanted).mean() > 0.9
    assert (nearest.argmax(axis=1) == wanted).mean() < 0.8


def test_numbers_are_answered_in_their_own_unit() -> None:
    draw = np.random.default_rng(0)
    speeds = draw.uniform(0.2, 1.0, 150)
    steps = np.arange(50)
    series = [np.sin(steps * speed)[:, np.newaxis] for speed in speeds]
    numbers = 1000 + 100 * speeds
    found = MiniRocket.fit(series[:100], numbers[:100], 100).outputs(series[100:])
    assert np.sqrt(((found - numbers[100:]) ** 2).mean()) < 0.2 * numbers.std()


# How sure it is


def test_scores_that_tell_nothing_leave_classes_equally_likely() -> None:
    draw = np.random.default_rng(0)
    codes = draw.integers(0, 3, 3000)
    noise = draw.normal(0, 1, (3000, 3))
    assert sureness(noise, codes) < 0.05
    odds = 2.5 * noise
    likely = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    drawn = (likely.cumsum(axis=1) < draw.random((3000, 1))).sum(axis=1)
    assert sureness(noise, drawn) == pytest.approx(2.5, rel=0.1)


def test_right_answers_to_few_rows_do_not_make_it_certain() -> None:
    codes = np.arange(20) % 2
    scores = np.where(codes[:, None] == [0, 1], 1.0, -1.0)
    # Each row's own class is likely by (20 + 1) / (20 + 2): log odds of ln(21).
    assert sureness(scores, codes) == pytest.approx(np.log(21) / 2, rel=1e-3)


# Bounds


def test_what_it_is_fitted_on_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    series, truth = waves(60, seed=0)
    monkeypatch.setattr(mini_rocket, "MOST_SERIES", 30)
    baseline = MiniRocket.fit(series, truth, 900, 2)
    assert baseline.title == "MiniRocket with ridge (on 30 of 900 series)"
    monkeypatch.setattr(mini_rocket, "MOST_STEPS", 120 * 20)
    assert MiniRocket.fit(series, truth, 60, 2).rows.tolist() == [20, 60]
    whole = baseline.outputs(series[:9])
    monkeypatch.setattr(mini_rocket, "PIECE", 4)
    np.testing.assert_allclose(baseline.outputs(series[:9]), whole, atol=1e-6)


def test_a_single_series_and_a_single_class_are_answered() -> None:
    series, truth = waves(6, seed=0)
    one = MiniRocket.fit(series[:1], np.array([4.5]), 1)
    np.testing.assert_allclose(one.outputs(series), 4.5, rtol=1e-6)
    same = MiniRocket.fit(series, np.full(6, 2), 6, 4)
    assert (same.outputs(series) == [0, 0, 1, 0]).all()
