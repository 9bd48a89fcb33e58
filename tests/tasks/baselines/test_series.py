"""Baselines of whole series against scikit-learn and by hand; saved as plain arrays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from seqkit.tasks.base import Examples, load_baselines, save_baselines
from seqkit.tasks.baselines import nearest_series
from seqkit.tasks.baselines import series as series_module
from seqkit.tasks.baselines.nearest_series import resampled
from seqkit.tasks.baselines.series import (
    LinearSummary,
    NearestNeighbour,
    older_baselines,
    sampled,
    series_baselines,
    summary,
)


def made(rows: int = 60, classes: int = 3, seed: int = 0) -> tuple[Any, Any]:
    """Series of two columns whose mean and slope tell their class."""
    draw = np.random.default_rng(seed)
    truth = np.arange(rows) % classes
    series = []
    for label in truth:
        steps = int(draw.integers(4, 12))
        values = draw.normal(label, 0.7, (steps, 2))
        values[:, 1] += label * np.arange(steps) / 5
        series.append(values.astype(np.float32))
    return series, truth


def chunked(series: Any, truth: Any, rows: int = 7) -> Iterator[Examples]:
    for start in range(0, len(series), rows):
        yield Examples(series[start : start + rows], truth[start : start + rows])


def test_resampling_is_linear_between_first_and_last() -> None:
    series = np.array([[0, 5], [1, 3], [4, 1]], np.float32)
    found = resampled(series, 5)
    np.testing.assert_allclose(found, [[0, 5], [0.5, 4], [1, 3], [2.5, 2], [4, 1]])
    assert resampled(series[:1], 3).tolist() == [[0, 5]] * 3


def test_a_summary_is_what_a_hand_finds() -> None:
    series = np.array([[1.0], [3.0], [2.0], [6.0]], np.float32)
    # Slope: sum((t - 1.5) x) / sum((t - 1.5)^2) = (-1.5 - 1.5 + 1 + 9) / 5.
    wanted = [3, np.sqrt(3.5), 1, 6, 1, 6, 1.4, 7 / 3, 1.75, 2.5, 3.75, 4]
    np.testing.assert_allclose(summary(series), wanted, rtol=1e-12)


def test_a_summary_of_one_step_is_finite() -> None:
    found = summary(np.array([[2.0, 3.0]], np.float32))
    assert np.isfinite(found).all() and len(found) == 23


def test_neighbours_are_those_of_scikit_learn() -> None:
    (series, truth), (others, _) = made(), made(seed=1)
    baseline = NearestNeighbour.fit(series, truth, len(series), 3)
    steps = max(map(len, series))
    flat = np.concatenate([resampled(one, steps) for one in series])
    scaler = StandardScaler().fit(flat)

    def rows(given: Any) -> Any:
        scaled = [scaler.transform(resampled(one, steps)) for one in given]
        return np.reshape(scaled, (len(given), -1))

    model = KNeighborsClassifier(1).fit(rows(series), truth)
    found = baseline.outputs(others)
    assert found.argmax(axis=1).tolist() == model.predict(rows(others)).tolist()
    assert (np.sort(found, axis=1) == [0, 0, 1]).all()


def test_a_neighbour_sees_every_step_of_a_long_series() -> None:
    draw = np.random.default_rng(0)
    truth = np.arange(80) % 2
    series = []
    for label in truth:
        one = draw.normal(0, 0.01, (1001, 1))
        one[333 + label] = 5  # a single step tells, which no coarse look finds
        series.append(one.astype(np.float32))
    baseline = NearestNeighbour.fit(series[:40], truth[:40], 40, 2)
    assert baseline.fitted["known"].shape == (40, 1001, 1)
    assert (baseline.outputs(series[40:]).argmax(axis=1) == truth[40:]).all()


def test_series_are_scaled_each_by_itself_where_that_tells_more() -> None:
    draw = np.random.default_rng(0)
    truth = np.arange(60) % 2
    wave = np.sin(np.arange(30))[:, None]
    shapes = [wave, -wave]
    moved = [shapes[label] + draw.normal(0, 50) for label in truth]
    baseline = NearestNeighbour.fit(moved[:40], truth[:40], 40, 2)
    assert baseline.per_series
    assert (baseline.outputs(moved[40:]).argmax(axis=1) == truth[40:]).all()
    levels = [
        np.full((30, 1), float(label)) + draw.normal(0, 0.1, (30, 1)) for label in truth
    ]
    assert not NearestNeighbour.fit(levels, truth, 60, 2).per_series


def test_numbers_are_averaged_over_as_many_neighbours_as_serve() -> None:
    draw = np.random.default_rng(0)
    at = draw.uniform(0, 10, 300)
    series = [np.full((5, 1), level, np.float32) for level in at]
    clean = NearestNeighbour.fit(series, at, 300)
    assert (clean.neighbours, clean.title) == (1, "nearest neighbour")
    noisy = NearestNeighbour.fit(series, at + draw.normal(0, 3, 300), 300)
    assert (noisy.neighbours, noisy.title) == (10, "10 nearest neighbours")
    answers = noisy.outputs(series)
    near = [np.argsort(np.abs(at - level), kind="stable")[:10] for level in at]
    wanted = [noisy.fitted["answers"][places].mean() for places in near]
    np.testing.assert_allclose(answers, wanted, rtol=1e-5)
    few = NearestNeighbour.fit(series[:2], at[:2], 2)
    assert few.neighbours == 1 and few.outputs(series[:1]) == at[:1]


def test_what_a_neighbour_keeps_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_series, "MOST_NUMBERS", 600)
    series, truth = made()
    baseline = NearestNeighbour.fit(series, truth, len(series), 3)
    assert baseline.fitted["known"].shape == (60, 5, 2)
    assert baseline.outputs(series).shape == (60, 3)


def test_neighbours_of_older_runs_answer_as_they_did() -> None:
    series, truth = made()
    known = np.stack([resampled(one, 4) for one in series])
    old = {
        "known": known.astype(np.float32),
        "center": np.zeros(2),
        "unit": np.ones(2),
        "answers": truth,
        "rows": np.array([60, 60]),
    }
    assert (NearestNeighbour(old, 3).outputs(series).argmax(axis=1) == truth).all()


@pytest.mark.parametrize("classes", [2, 3])
def test_the_linear_classifier_is_that_of_scikit_learn(classes: int) -> None:
    (series, truth), (others, _) = made(classes=classes), made(seed=1)
    baseline = LinearSummary.fit(series, truth, len(series), classes)
    scaler = StandardScaler().fit([summary(one) for one in series])
    model = LogisticRegression(max_iter=2000)
    model.fit(scaler.transform([summary(one) for one in series]), truth)
    wanted = model.predict_proba(scaler.transform([summary(one) for one in others]))
    np.testing.assert_allclose(baseline.outputs(others), wanted, atol=1e-6)


def test_the_linear_regression_is_that_of_scikit_learn() -> None:
    (series, truth), (others, _) = made(), made(seed=1)
    numbers = truth * 3.0 - 1
    baseline = LinearSummary.fit(series, numbers, len(series))
    scaler = StandardScaler().fit([summary(one) for one in series])
    model = Ridge().fit(scaler.transform([summary(one) for one in series]), numbers)
    wanted = model.predict(scaler.transform([summary(one) for one in others]))
    np.testing.assert_allclose(baseline.outputs(others), wanted, rtol=1e-9)


def test_classes_that_the_sample_lacks_have_no_probability() -> None:
    series, truth = made(classes=2)
    found = LinearSummary.fit(series, truth * 2, len(series), 4).outputs(series)
    assert (found[:, [1, 3]] == 0).all()
    one = LinearSummary.fit(series[::2], truth[::2], len(series), 2).outputs(series)
    assert (one == [1, 0]).all()


def test_saved_baselines_of_classes_answer_alike(tmp_path: Path) -> None:
    series, truth = made()
    fitted = series_baselines(chunked(series, truth), truth, 0, 3)
    save_baselines(fitted, tmp_path)
    loaded = load_baselines(tmp_path, older_baselines)
    assert [one.title for one in loaded] == [
        "majority class",
        "nearest neighbour",
        "logistic regression on summaries",
        "MiniRocket with ridge",
    ]
    for one, other in zip(fitted, loaded, strict=True):
        np.testing.assert_array_equal(one.outputs(series), other.outputs(series))
        assert other.outputs(series).shape == (60, 3)


def test_saved_baselines_of_numbers_answer_alike(tmp_path: Path) -> None:
    series, truth = made()
    numbers = truth.astype(np.float64)
    fitted = series_baselines(chunked(series, numbers), numbers, 0)
    save_baselines(fitted, tmp_path)
    loaded = load_baselines(tmp_path, older_baselines)
    assert [one.title for one in loaded] == [
        "training mean",
        "3 nearest neighbours",
        "ridge regression on summaries",
        "MiniRocket with ridge",
    ]
    for one, other in zip(fitted, loaded, strict=True):
        np.testing.assert_array_equal(one.outputs(series), other.outputs(series))
        assert other.outputs(series).shape == (60,)
    assert (loaded[0].outputs(series) == numbers.mean()).all()


def test_more_rows_than_the_bound_are_sampled_evenly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(series_module, "MAX_BASELINE_ROWS", 20)
    series, truth = made(200)
    kept, answers = sampled(chunked(series, np.arange(200)), 200, seed=0)
    assert len(kept) == len(set(answers.tolist())) == 20
    assert all(np.array_equal(k, series[a]) for k, a in zip(kept, answers, strict=True))
    assert 60 < answers.mean() < 140
    baseline = NearestNeighbour.fit(kept, truth[answers], 200, 3)
    assert baseline.title == "nearest neighbour (on 20 of 200 series)"
