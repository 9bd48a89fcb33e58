"""Losses of forecasts, against numbers worked by hand and other libraries."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from scipy import special, stats
from sklearn.metrics import mean_pinball_loss

from seqkit.models.forecast.losses import GaussianLoss, PinballLoss, PointLoss, loss_for
from seqkit.models.forecast.spec import ForecastModel

RANDOM = np.random.default_rng(4)
TRUTH = RANDOM.normal(size=(5, 3)).astype(np.float32)
POINTS = RANDOM.normal(scale=3, size=(5, 3, 1)).astype(np.float32)


def test_a_point_loss_is_the_mean_over_rows_and_steps() -> None:
    truth = np.array([[1.0, 2.0], [3.0, 4.0]])
    points = np.array([[[1.5], [4.0]], [[3.0], [3.0]]])
    # Errors 0.5, 2, 0, 1.
    assert float(PointLoss("mae")(truth, points)) == pytest.approx(3.5 / 4)
    assert float(PointLoss("mse")(truth, points)) == pytest.approx(5.25 / 4)
    # 0.125, 2 - 0.5, 0, 0.5.
    assert float(PointLoss("huber")(truth, points)) == pytest.approx(2.125 / 4)


def test_huber_is_scipys() -> None:
    truth = special.huber(1.0, TRUTH - POINTS[..., 0]).mean()
    assert float(PointLoss("huber")(TRUTH, POINTS)) == pytest.approx(truth, rel=1e-6)


def test_pinball_weighs_errors_above_by_q_and_below_by_the_rest() -> None:
    truth = np.array([[10.0]])
    forecast = np.array([[[8.0, 11.0]]])
    # 2 above the 0.1 quantile costs 0.2; 1 below the 0.9 quantile costs 0.1.
    assert float(PinballLoss([0.1, 0.9])(truth, forecast)) == pytest.approx(0.15)
    # The other way round: 0.9 * 2 and 0.9 * 1.
    assert float(PinballLoss([0.9, 0.1])(truth, forecast)) == pytest.approx(1.35)


def test_pinball_is_scikit_learns_for_each_quantile() -> None:
    quantiles = [0.05, 0.5, 0.8]
    forecasts = RANDOM.normal(size=(5, 3, 3)).astype(np.float32)
    truth = np.mean(
        [
            mean_pinball_loss(TRUTH.ravel(), forecasts[..., i].ravel(), alpha=q)
            for i, q in enumerate(quantiles)
        ]
    )
    ours = float(PinballLoss(quantiles)(TRUTH, forecasts))
    assert ours == pytest.approx(truth, rel=1e-6)


def test_pinball_is_least_at_the_quantile() -> None:
    truth = RANDOM.exponential(size=(1, 501)).astype(np.float32)
    candidates = np.linspace(0, 4, 81, dtype=np.float32)
    for q in (0.1, 0.5, 0.9):
        costs = [
            float(PinballLoss([q])(truth, np.full((1, 501, 1), c))) for c in candidates
        ]
        best = candidates[int(np.argmin(costs))]
        assert best == pytest.approx(np.quantile(truth, q), abs=0.06)


def test_likelihood_is_scipys() -> None:
    sigma = RANDOM.uniform(0.1, 3, size=(5, 3, 1)).astype(np.float32)
    outputs = np.concatenate([POINTS, sigma], axis=-1)
    truth = -stats.norm.logpdf(TRUTH, POINTS[..., 0], sigma[..., 0]).mean()
    assert float(GaussianLoss()(TRUTH, outputs)) == pytest.approx(truth, rel=1e-5)


def test_likelihood_of_a_hand_worked_case() -> None:
    # z = 2: ln 0.5 + 2^2 / 2 + ln(2 pi) / 2 = -0.693147 + 2 + 0.918939.
    outputs = np.array([[[0.0, 0.5]]])
    loss = float(GaussianLoss()(np.array([[1.0]]), outputs))
    assert loss == pytest.approx(2.225791, abs=1e-5)


LOSSES = {
    "mae": (ForecastModel(), 1),
    "mse": (ForecastModel(loss="mse"), 1),
    "huber": (ForecastModel(loss="huber"), 1),
    "pinball": (ForecastModel(output="quantile", quantiles=(0.5, 0.7)), 2),
    "negative_log_likelihood": (ForecastModel(output="gaussian"), 2),
}


def outputs_of(width: int) -> Any:
    return 0.5 + RANDOM.random(size=(5, 3, width)).astype(np.float32)


@pytest.mark.parametrize("name", LOSSES)
def test_a_weight_a_row_weighs_the_row(name: str) -> None:
    spec, width = LOSSES[name]
    loss, outputs = loss_for(spec), outputs_of(width)
    assert loss.name == name
    weights = np.array([2.0, 0.0, 1.0, 0.0, 0.5], np.float32)
    alone = [
        float(loss(TRUTH[i : i + 1], outputs[i : i + 1])) for i in range(len(TRUTH))
    ]
    weighted = float(loss(TRUTH, outputs, sample_weight=weights))
    assert weighted == pytest.approx(np.dot(weights, alone) / 5, rel=1e-5)
    assert float(loss(TRUTH, outputs)) == pytest.approx(np.mean(alone), rel=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_one_step_ahead_is_a_horizon_of_one(name: str) -> None:
    spec, width = LOSSES[name]
    outputs = outputs_of(width)
    steps = [
        float(loss_for(spec)(TRUTH[:, i : i + 1], outputs[:, i : i + 1]))
        for i in range(3)
    ]
    assert float(loss_for(spec)(TRUTH, outputs)) == pytest.approx(np.mean(steps), 1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_the_same_after_it_is_written_and_read(name: str) -> None:
    spec, width = LOSSES[name]
    outputs = outputs_of(width)
    plain = keras.saving.serialize_keras_object(loss_for(spec))
    again = keras.saving.deserialize_keras_object(plain)
    assert float(again(TRUTH, outputs)) == float(loss_for(spec)(TRUTH, outputs))
    assert again.get_config() == loss_for(spec).get_config()


@pytest.mark.parametrize(
    "loss",
    [*map(PointLoss, ("mae", "mse", "huber")), PinballLoss([0.1, 0.9]), GaussianLoss()],
    ids=lambda loss: loss.name,
)
def test_weights_of_steps_choose_the_steps_that_count(loss: Any) -> None:
    outputs = np.abs(RANDOM.normal(size=(5, 3, 2))).astype(np.float32) + 0.1
    if isinstance(loss, PointLoss):
        outputs = outputs[..., :1]
    weights = (RANDOM.random((5, 3)) < 0.6).astype(np.float32)
    alone = [
        float(loss(TRUTH[row : row + 1, [step]], outputs[row : row + 1, [step]]))
        for row, step in zip(*np.nonzero(weights), strict=True)
    ]
    share = weights.mean()
    found = float(loss(TRUTH, outputs, weights / share))
    assert found == pytest.approx(np.mean(alone), rel=1e-5)
    ones = np.ones((5, 3), np.float32)
    whole = float(loss(TRUTH, outputs, ones[:, 0]))
    assert float(loss(TRUTH, outputs, ones)) == pytest.approx(whole, rel=1e-6)
