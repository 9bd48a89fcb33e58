"""Plain forecasts beside the network: fitted apart, mixed by validation, reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.linear_model import RidgeCV
from tiny_series import TINY_FORECAST, waves, with_covariates

import seqkit
from seqkit.data.sources.given import given_source
from seqkit.errors import DataWarning, SeqkitError
from seqkit.layers.forecast.window_learner import STARTS
from seqkit.models.forecast.spec import ForecastModel
from seqkit.models.forecast.wide import apart, shares_of
from seqkit.runs.run import Run
from seqkit.tasks.forecast.ridge_problem import ALPHAS, RidgeProblem
from seqkit.tasks.forecast.wide import (
    SHARED,
    Judged,
    chosen_shares,
    cost_of,
    judged,
    worth_of,
)
from seqkit.training.build import build

WIDE = ["theta", "ridge", "seasonal_naive"]
DATA = waves(4, 80)
COST = cost_of(ForecastModel(cell="gru", units=(4,)))


def trained(folder: Path, wide: list[str], **changes: Any) -> Run:
    keys = TINY_FORECAST | {"model.wide": wide, "data.lookback": 18} | changes
    options: dict[str, Any] = {"data": DATA, "progress": False, "out": folder}
    return seqkit.fit("airline_forecast", keys, **options)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained(tmp_path_factory.mktemp("wide") / "run", WIDE)


def stores_of(run: Run, data: Any = DATA) -> Any:
    recipe = run.recipe
    rows = run.task.open(recipe.data, recipe.model, given_source(data, recipe.data))
    return rows.stores(run.preprocessing, Path())


def test_the_network_is_bit_for_bit_the_one_without(run: Run, tmp_path: Path) -> None:
    plain = trained(tmp_path / "plain", [])
    deep = [weight for weight in run.model.weights if weight.trainable]
    for one, other in zip(deep, plain.model.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert run.history["val_loss"].equals(plain.history["val_loss"])


def test_shares_are_those_of_the_validation_windows(run: Run) -> None:
    windows = judged(run.model, stores_of(run)["validation"], 6)
    shares = shares_of(run.model)
    np.testing.assert_allclose(shares, chosen_shares(windows, COST), atol=1e-5)
    assert shares.sum(axis=1) == pytest.approx(1)
    assert np.ptp(shares) > 0.1
    # Each window's own error, over the naive one of its series.
    inputs, targets, _ = stores_of(run)["validation"].arrays(np.arange(16))
    alone = keras.Model(run.model.input, apart(run.model))(inputs)
    later = np.linspace(0, 1, 3)[:, None]
    mixed = (1 - later) * shares[0] + later * shares[1]
    wanted = sum(np.asarray(one)[:, :, 0] * mixed[:, i] for i, one in enumerate(alone))
    np.testing.assert_allclose(run.model(inputs)[:, :, 0], wanted, atol=1e-5)
    np.testing.assert_allclose(windows.targets, targets, rtol=1e-6)
    lag = np.abs(inputs["steps"][:, 6:, 0] - inputs["steps"][:, :-6, 0]).mean(axis=1)
    of_series = lag.reshape(4, 4).mean(axis=1).repeat(4)
    np.testing.assert_allclose(windows.unit, of_series, rtol=1e-5)


def test_refit_keeps_the_shares_that_validation_windows_chose(
    run: Run, tmp_path: Path
) -> None:
    again = trained(tmp_path / "run", WIDE, **{"train.refit": True})
    np.testing.assert_array_equal(shares_of(again.model), shares_of(run.model))
    kernels = [one.model.get_layer("ridge").kernel.numpy() for one in (run, again)]
    assert not np.array_equal(*kernels)


def test_the_ridge_is_that_of_scikit_learn(run: Run) -> None:
    layer, store = run.model.get_layer("ridge"), stores_of(run)["train"]
    inputs, targets, _ = store.arrays(np.arange(len(store)))
    window = layer.window(inputs, layer.own)
    starts = [np.asarray(one) for one in window["starts"]]
    sizes = [np.abs((targets - one) / window["scale"]).sum() for one in starts]
    start = int(np.argmin(sizes))
    assert np.asarray(layer.start).tolist() == np.eye(len(STARTS))[start].tolist()
    goals = (targets - starts[start]) / np.asarray(window["scale"])
    rows = np.asarray(layer.standardised(window["features"]), np.float64)
    flat = np.asarray(window["features"]).reshape(-1, rows.shape[2])
    np.testing.assert_allclose(layer.mean, flat.mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(layer.spread, flat.std(axis=0), rtol=1e-3)
    # One penalty for all steps: that of the least error over all of them.
    errors = []
    for alpha in ALPHAS:
        problems = [
            RidgeProblem.of(np.insert(rows[:, h], 0, 1.0, axis=1), goals[:, h])
            for h in range(3)
        ]
        errors.append(sum(one.error(alpha) for one in problems))
    alpha = ALPHAS[int(np.argmin(errors))] * len(rows)
    for step in range(3):
        model = RidgeCV([alpha]).fit(rows[:, step], goals[:, step])
        np.testing.assert_allclose(layer.kernel[step], model.coef_, atol=2e-3)
        assert float(layer.bias[step]) == pytest.approx(model.intercept_, abs=2e-3)


def test_sums_of_products_make_the_same_ridge_as_rows() -> None:
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(50, 4))
    targets = rows @ [1.0, 0, -2, 3] + draw.normal(size=50)
    design = np.insert(rows, 0, 1.0, axis=1)
    whole = np.concatenate([design, targets[:, None]], axis=1)
    one, other = RidgeProblem.of(design, targets), RidgeProblem.of_sums(whole.T @ whole)
    for alpha in ALPHAS:
        assert one.error(alpha) == pytest.approx(other.error(alpha))
        np.testing.assert_allclose(one.weights(alpha), other.weights(alpha))


def judged_of(errors: list[float], windows: int, worth: float = 1.0) -> Judged:
    """Methods that err by normal noise of such sizes, of a truth of noise."""
    draw = np.random.default_rng(1)
    truth = draw.normal(size=(windows, 4))
    sizes = np.array(errors)[:, None, None]
    forecasts = truth + sizes * draw.normal(size=(len(errors), windows, 4))
    return Judged(forecasts, truth, np.ones(windows), np.full(windows, worth))


def cost_at(windows: Judged, ends: Any, pull: float) -> float:
    """What shares cost, step by step."""
    total = 0.0
    for step in range(4):
        shares = ends[0] + (ends[1] - ends[0]) * step / 3
        point = np.tensordot(shares, windows.forecasts[:, :, step], 1)
        total += np.abs(point - windows.targets[:, step]) @ windows.worth / 4
    return float(total + pull * ((ends - 1 / len(ends[0])) ** 2).sum())


def test_shares_cost_least() -> None:
    windows = judged_of([0.5, 1.0, 3.0], 30)
    ends = chosen_shares(windows, COST, pull=2.0)
    best = cost_at(windows, ends, 2.0)
    draw = np.random.default_rng(0)
    others = draw.dirichlet(np.ones(3), size=(500, 2))
    near = 0.9 * ends + 0.1 * others
    for other in (*others, *near):
        assert cost_at(windows, other, 2.0) > best - 0.02
    assert ends[0, 0] > ends[0, 1] > ends[0, 2] >= 0


def test_few_windows_move_shares_little_and_many_far() -> None:
    far = [
        np.abs(chosen_shares(judged_of([0.2, 0.6], many), COST) - 0.5).max()
        for many in (1, 10, 300)
    ]
    assert far[0] < 0.05 < far[1] < far[2]
    # Windows that are worth less move them less.
    alone = chosen_shares(judged_of([0.2, 0.6], 300, worth=1 / 300), COST)
    assert np.abs(alone - 0.5).max() < 0.05


def test_windows_that_overlap_or_share_their_time_are_worth_less() -> None:
    def worth(series: int, origins: list[int]) -> Any:
        owners = np.arange(series).repeat(len(origins))
        # Series that begin at other times, and end at one.
        begins = 7 * owners
        return worth_of(owners, np.tile(origins, series) + begins, 4)

    np.testing.assert_allclose(worth(1, [4, 8, 12]), 1)
    # Three more steps apart by one: of each step 1 + 3 / h windows.
    overlap = np.mean([1 + 3 / h for h in (1, 2, 3, 4)]) / 4
    np.testing.assert_allclose(worth(1, [4, 5, 6, 7]), overlap)
    np.testing.assert_allclose(worth(51, [4, 8]), 0.5)
    assert worth(10_000, [4]).sum() == pytest.approx(1 / SHARED, rel=0.01)


def test_windows_without_truth_have_no_say() -> None:
    windows = judged_of([0.5, 1.0], 20)
    targets = np.concatenate([windows.targets, np.full((5, 4), np.nan)])
    more = Judged(
        np.concatenate([windows.forecasts, 100 + np.zeros((2, 5, 4))], axis=1),
        targets,
        np.ones(25),
        np.ones(25),
    )
    np.testing.assert_allclose(
        chosen_shares(windows, COST), chosen_shares(more, COST), atol=1e-6
    )


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [({"loss": "mse"}, [4.0, 1.0]), ({"level": 0.2}, [3.2, 0.4]), ({}, [2.0, 1.0])],
)
def test_a_share_is_chosen_by_what_the_model_learns_by(
    keys: dict[str, Any], wanted: list[float]
) -> None:
    costs, slopes = cost_of(ForecastModel(cell="gru", units=(4,), **keys))(
        np.array([-2.0, 1.0])
    )
    assert costs == pytest.approx(wanted, rel=1e-2)
    assert slopes[0] < 0 < slopes[1]


def test_without_validation_windows_shares_are_equal(tmp_path: Path) -> None:
    with pytest.warns(DataWarning, match="no whole window"):
        run = trained(tmp_path / "run", ["last"], **{"data.validation": 0})
    assert shares_of(run.model).tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_the_report_gives_each_part_alone(run: Run) -> None:
    report = run.evaluate()
    titles = ["network alone", "theta alone", "ridge alone", "seasonal naive alone"]
    assert list(report.parts) == titles
    # The season in units of which parts are scored is that of the baseline.
    naive = report.baselines["seasonal naive (season 6)"]["mae"]
    assert report.parts["seasonal naive alone"]["mae"] == pytest.approx(naive, rel=1e-5)
    best = min(scores["mase"][0] for scores in report.parts.values())
    assert report.metrics["mase"][0] < 1.2 * best


@pytest.mark.slow
def test_covariates_gaps_and_members_go_with_it(tmp_path: Path) -> None:
    frame = with_covariates(DATA)
    frame.loc[[30, 31, 120], "value"] = np.nan
    keys = {
        "data.past": ["rain"],
        "data.future": ["sale"],
        "data.static": ["shop"],
        "data.gaps": "interpolate",
        "train.members": 2,
    }
    with pytest.warns(DataWarning, match="Gaps were filled"):
        run = seqkit.fit(
            "airline_forecast",
            TINY_FORECAST | {"model.wide": ["theta", "ridge"]} | keys,
            data=frame,
            out=tmp_path / "run",
            progress=False,
        )
        report, answers = run.evaluate(), run.predict()
    parts = ["network alone", "theta alone", "ridge alone"]
    assert list(report.parts) == ["member 1", "member 2", *parts]
    assert np.isfinite(answers["forecast"]).all()
    run.export(tmp_path / "model", format="savedmodel")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"data.difference": 1}, "which differencing takes away"),
        ({"model.strategy": "recursive"}, "learns a single step"),
        ({"model.output": "gaussian"}, "Set output to point"),
        ({"model.wide": ["last", "last"]}, "Name each once"),
        ({"data.lookback": 3}, "Lengthen data.lookback"),
        ({"model.wide": ["arima"]}, "wide"),
    ],
)
def test_what_cannot_be_mixed_is_refused(keys: dict[str, Any], message: str) -> None:
    wide = {"model.wide": ["theta"], "model.highway": 0}
    with pytest.raises(SeqkitError, match=message):
        build("airline_forecast", TINY_FORECAST | wide | keys)


@pytest.mark.slow
@pytest.mark.parametrize("format", ["savedmodel", "keras"])
def test_an_export_answers_as_the_run(run: Run, tmp_path: Path, format: str) -> None:
    # It is asked in a fresh process, which raises where answers differ.
    run.export(tmp_path / format, format=format)


@pytest.mark.slow
def test_a_run_that_broke_ends_in_the_same_weights(run: Run, tmp_path: Path) -> None:
    from tiny_training import StopAt

    options = {"data": DATA, "progress": False}
    keys = TINY_FORECAST | {"model.wide": WIDE, "data.lookback": 18}
    with pytest.raises(ZeroDivisionError):
        seqkit.fit(
            "airline_forecast",
            keys,
            out=tmp_path / "run",
            callbacks=[StopAt(1, ZeroDivisionError)],
            **options,
        )
    resumed = seqkit.fit(resume=tmp_path / "run", **options)
    pairs = zip(run.model.weights, resumed.model.weights, strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)
