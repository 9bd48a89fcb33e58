"""The linear forecast of a window: what it reads, and where its answers start."""

import keras
import numpy as np
import pytest

from seqkit.layers.forecast.ridge import WindowRidge

STEPS, HORIZON, KNOWN = 10, 5, 2
DRAW = np.random.default_rng(0)


def inputs(rows: int = 3) -> dict[str, np.ndarray]:
    """Windows with a past covariate, two known ones and a static number."""
    shapes = {"steps": (STEPS, 2 + KNOWN), "future": (HORIZON, KNOWN), "static": (1,)}
    return {
        name: DRAW.normal(size=(rows, *shape)).astype(np.float32)
        for name, shape in shapes.items()
    }


def built(given: dict[str, np.ndarray], seasons: tuple[int, ...] = (4,)) -> WindowRidge:
    layer = WindowRidge(HORIZON, seasons)
    layer.build({name: value.shape for name, value in given.items()})
    return layer


def test_before_it_is_fitted_it_is_the_last_value() -> None:
    given = inputs()
    found = built(given)(given)
    last = np.repeat(given["steps"][:, -1:, :1], HORIZON, axis=1)
    np.testing.assert_allclose(found, last, rtol=1e-6)


@pytest.mark.parametrize("own", [0.0, 1.0])
def test_it_reads_lags_cycles_and_covariates(own: float) -> None:
    given = inputs()
    layer = built(given)
    window = layer.window(given, own)
    values = given["steps"][:, :, 0]
    last = values[:, -1]
    unit = values.std(axis=1) if own else np.ones(3)
    for row in range(3):
        for step in range(HORIZON):
            recent = [values[row].mean(), *values[row, :-1]]
            # The same quarter of the last year, and of the one before.
            cycles = [values[row, STEPS - 4 * back + step % 4] for back in (1, 2)]
            wanted = [
                *(np.array(recent) - last[row]) / unit[row],
                *given["steps"][row, -1, 1:],
                given["steps"][row, :, 1].mean(),
                *given["static"][row],
                *(np.array(cycles) - last[row]) / unit[row],
                *given["future"][row, step],
            ]
            np.testing.assert_allclose(
                window["features"][row, step], wanted, rtol=1e-4, atol=1e-5
            )
    assert layer.kernel.shape == (HORIZON, len(wanted))
    np.testing.assert_allclose(window["scale"][:, 0], unit, rtol=1e-5)


def test_a_season_longer_than_the_window_is_left_out() -> None:
    given = {"steps": inputs()["steps"][:, :, :1]}
    assert built(given, (4, 7, 11)).kernel.shape == (HORIZON, STEPS + 2 + 1)
    assert built(given, ()).kernel.shape == (HORIZON, STEPS)


def test_weights_add_up_from_where_answers_start() -> None:
    given = inputs()
    layer = built(given)
    width = layer.kernel.shape[1]
    kernel = DRAW.normal(size=(HORIZON, width)).astype(np.float32)
    mean, spread = DRAW.normal(size=width), DRAW.uniform(0.1, 2, width)
    weights = {"kernel": kernel, "mean": mean, "spread": spread, "own": 1.0}
    weights |= {"bias": np.arange(5.0), "start": [0, 0, 1]}
    for name, value in weights.items():
        getattr(layer, name).assign(value)
    window = {k: v for k, v in layer.window(given, 1.0).items() if k != "starts"}
    features = np.clip((np.asarray(window["features"]) - mean) / spread, -8, 8)
    answers = np.einsum("nhf,hf->nh", features, kernel) + np.arange(5.0)
    start = given["steps"][:, STEPS - 4 + np.arange(5) % 4, 0]
    wanted = start + np.asarray(window["scale"]) * answers
    np.testing.assert_allclose(layer(given)[:, :, 0], wanted, rtol=1e-4, atol=1e-4)


def test_with_its_own_spread_a_forecast_follows_the_window() -> None:
    given = {"steps": inputs()["steps"][:, :, :1]}
    layer = built(given)
    layer.own.assign(1.0)
    layer.kernel.assign(DRAW.normal(size=layer.kernel.shape))
    layer.bias.assign(DRAW.normal(size=HORIZON))
    found = layer({"steps": 100 + 20 * given["steps"]})
    wanted = 100 + 20 * layer(given)
    np.testing.assert_allclose(found, wanted, rtol=1e-4)


def test_it_is_saved_and_loaded(tmp_path) -> None:  # type: ignore[no-untyped-def]
    given = inputs()
    tensors = {k: keras.Input(v.shape[1:], name=k) for k, v in given.items()}
    layer = WindowRidge(HORIZON, (4,), name="ridge")
    model = keras.Model(tensors, layer(tensors))
    layer.kernel.assign(DRAW.normal(size=layer.kernel.shape))
    model.save(tmp_path / "ridge.keras")
    again = keras.saving.load_model(tmp_path / "ridge.keras")
    np.testing.assert_array_equal(again(given), model(given))
