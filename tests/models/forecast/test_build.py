"""Forecasters of every strategy: shapes, what reaches the output, invariance."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from cases.pairs import Combination, pairwise
from pydantic import ValidationError

from seqkit.errors import UsageError
from seqkit.models.forecast.build import build_forecaster
from seqkit.models.forecast.losses import loss_for
from seqkit.models.forecast.spec import ForecastModel
from seqkit.registry import CELLS
from seqkit.signature import Signature

STRATEGIES = ["direct", "recursive", "encoder_decoder", "segments"]
OUTPUTS = ["point", "quantile", "gaussian"]
STRATEGY = pytest.mark.parametrize("strategy", STRATEGIES)
ROWS, PAST, HORIZON = 4, 7, 5
WIDTHS = {"point": 1, "quantile": 3, "gaussian": 2}

ALONE = Signature(timesteps=PAST, features=1, horizon=HORIZON)
RICH = Signature(
    timesteps=PAST,
    features=3,
    horizon=HORIZON,
    future_features=2,
    static_features=2,
    series=3,
)


def spec_of(strategy: str = "direct", **options: Any) -> ForecastModel:
    options = {"cell": "gru", "units": (4,)} | options
    if strategy == "segments":
        options.setdefault("segment", 2)
    return ForecastModel(strategy=strategy, **options)


@cache
def built(
    spec: ForecastModel, signature: Signature = ALONE, seed: int = 0
) -> keras.Model:
    """A forecaster whose weights are all drawn, none left at 0.

    Of each seed there is one, so who trains it takes a seed that no other test has.
    """
    model = build_forecaster(spec, signature, "forecaster")
    draw = np.random.default_rng(seed)
    model.set_weights([draw.normal(0, 0.5, w.shape) for w in model.get_weights()])
    return model


def inputs_of(model: keras.Model, seed: int = 0) -> dict[str, Any]:
    draw = np.random.default_rng(seed)
    return {
        tensor.name: np.arange(ROWS, dtype=np.int32)
        if tensor.name == "series"
        else draw.normal(size=(ROWS, *tensor.shape[1:])).astype(np.float32)
        for tensor in model.inputs
    }


def names(model: keras.Model) -> set[str]:
    return {layer.name for layer in model.layers}


def each_value(cases: list[Combination]) -> list[Any]:
    """Parameters of a test: a case is slow where those before it hold its values."""
    parameters, held = [], set()
    for case in cases:
        values = set(map(repr, case.items()))
        marks = [pytest.mark.slow] if values <= held else []
        held |= values
        parameters.append(pytest.param(*case.values(), marks=marks))
    return parameters


def steps_of(strategy: str) -> int:
    return 1 if strategy == "recursive" else HORIZON


@pytest.mark.parametrize(
    ("strategy", "output", "cell"),
    each_value(
        pairwise({"strategy": STRATEGIES, "output": OUTPUTS, "cell": list(CELLS)})
    ),
)
def test_every_kind_builds_trains_saves_and_loads(
    strategy: str, output: str, cell: str, tmp_path: Path
) -> None:
    spec = spec_of(
        strategy,
        output=output,
        cell=cell,
        series_embedding=3,
        embedding=3,
        highway=2,
        window_norm="standard",
        dropout=0.1,
    )
    model = built(spec, RICH, seed=1)
    inputs = inputs_of(model)
    assert set(inputs) == {"steps", "future", "static", "series"}
    assert model.output_shape == (None, steps_of(strategy), WIDTHS[output])
    assert spec.output_width == WIDTHS[output]

    first = [weight.numpy() for weight in model.trainable_weights]
    model.compile("sgd", loss_for(spec), run_eagerly=True)
    truth = np.random.default_rng(1).normal(size=(ROWS, steps_of(strategy)))
    loss = model.train_on_batch(inputs, truth.astype(np.float32), np.ones(ROWS))
    assert np.isfinite(loss)
    for weight, before in zip(model.trainable_weights, first, strict=True):
        assert not np.array_equal(weight, before), weight.path

    outputs = model(inputs).numpy()
    assert outputs.shape == (ROWS, *model.output_shape[1:])
    if output == "gaussian":
        assert (outputs[..., 1] > 0).all()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(loaded(inputs), outputs)


@STRATEGY
def test_a_compiled_step_runs_in_a_graph(strategy: str) -> None:
    spec = spec_of(strategy)
    model = built(spec, seed=1)
    model.compile("sgd", loss_for(spec), jit_compile=False)
    truth = np.full((ROWS, steps_of(strategy)), 5, np.float32)
    inputs = inputs_of(model)
    losses = [float(model.train_on_batch(inputs, truth)) for _ in range(3)]
    assert losses[2] < losses[0]


@STRATEGY
def test_every_input_reaches_the_output(strategy: str) -> None:
    model = built(spec_of(strategy, series_embedding=2), RICH)
    inputs = inputs_of(model)
    outputs = model(inputs).numpy()
    for name, array in inputs.items():
        changed = inputs | {name: (array + 1) % 4 if name == "series" else array + 1}
        assert np.abs(model(changed).numpy() - outputs).max() > 1e-4, name


@STRATEGY
def test_every_step_of_the_window_reaches_every_step_of_the_horizon(
    strategy: str,
) -> None:
    model = built(spec_of(strategy))
    inputs = inputs_of(model)
    outputs = model(inputs).numpy()
    for step in range(PAST):
        steps = inputs["steps"].copy()
        steps[:, step] += 3
        moved = np.abs(model({"steps": steps}).numpy() - outputs).max(axis=(0, 2))
        assert (moved > 1e-6).all(), step


@pytest.mark.parametrize("strategy", ["encoder_decoder", "segments"])
def test_a_covariate_acts_where_its_step_is(strategy: str) -> None:
    model = built(spec_of(strategy), RICH)
    inputs = inputs_of(model)
    outputs = model(inputs).numpy()
    future = inputs["future"].copy()
    future[:, 2] += 3
    moved = np.abs(model(inputs | {"future": future}).numpy() - outputs)
    moved = moved.max(axis=(0, 2)) > 1e-6
    # A decoder hands it on; of segments only the one of steps 2 and 3 has it.
    handed = [False, False, True, True, True]
    own = [False, False, True, True, False]
    assert moved.tolist() == (handed if strategy == "encoder_decoder" else own)


def test_a_last_segment_that_is_not_whole_is_cut() -> None:
    whole = built(spec_of("segments", segment=3), ALONE)
    assert whole.output_shape == (None, HORIZON, 1)
    raw = whole.get_layer("steps_out").output
    assert raw.shape == (None, 6, 1)
    uncut = keras.Model(whole.inputs, raw)
    inputs = inputs_of(whole)
    assert np.array_equal(whole(inputs), uncut(inputs)[:, :HORIZON])


@pytest.mark.parametrize("cell", ["simple_rnn", "gru", "lstm"])
def test_segments_go_on_from_the_last_state_side_by_side(cell: str) -> None:
    spec = spec_of("segments", cell=cell)
    model = built(spec)
    inputs = inputs_of(model)
    encoder = keras.Model(model.inputs, model.get_layer(f"{cell}_1").output)
    state = encoder(inputs).numpy()
    places = model.get_layer("position_embedding").get_weights()[0]
    states = [state]
    if cell == "lstm":
        states.append(model.get_layer("state_2")(state).numpy())
    decoder, head = model.get_layer("decoder"), model.get_layer("head")
    segments = [
        head(decoder(np.tile(place, (ROWS, 1, 1)), initial_state=states)[0])
        for place in places
    ]
    truth = np.concatenate(segments, axis=1)[:, :HORIZON]
    np.testing.assert_allclose(model(inputs)[..., 0], truth, rtol=1e-5, atol=1e-6)
    # The cell's first state is the encoder's own.
    assert "state_1" not in names(model)


def test_a_wider_state_is_projected() -> None:
    model = built(spec_of("segments", bidirectional="concat"))
    assert model.get_layer("state_1").kernel.shape == (8, 4)
    assert "state_1" not in names(built(spec_of("segments", bidirectional="sum")))


@pytest.mark.parametrize("cell", ["simple_rnn", "gru", "lstm"])
def test_a_decoder_starts_from_projected_states(cell: str) -> None:
    model = built(spec_of("encoder_decoder", cell=cell))
    inputs = inputs_of(model)
    encoder = keras.Model(model.inputs, model.get_layer(f"{cell}_1").output)
    count = 2 if cell == "lstm" else 1
    states = [
        model.get_layer(f"state_{number + 1}")(encoder(inputs))
        for number in range(count)
    ]
    places = model.get_layer("position_embedding").get_weights()[0]
    steps = np.tile(places, (ROWS, 1, 1))
    decoded, *_ = model.get_layer("decoder")(steps, initial_state=states)
    truth = model.get_layer("head")(decoded)
    np.testing.assert_allclose(model(inputs), truth, rtol=1e-5, atol=1e-6)


def test_the_encoder_reads_segments() -> None:
    model = built(spec_of(segment=3, embedding=6))
    # 7 steps make 3 segments of 3.
    assert model.get_layer("embedding").output.shape == (None, 3, 6)
    assert model.get_layer("embedding").kernel.shape == (3, 6)


def test_what_is_known_of_a_series_is_joined_to_each_step_of_the_encoder() -> None:
    model = built(spec_of(segment=3, series_embedding=5), RICH)
    # A segment of 3 steps of 3 features, 2 static numbers, 5 of the series.
    assert model.get_layer("encoder_inputs").output.shape == (None, 3, 9 + 2 + 5)
    assert model.get_layer("series_embedding").input_dim == 1 + RICH.series


def test_the_stack_is_the_one_that_texts_have() -> None:
    spec = spec_of(
        units=(3, 4),
        bidirectional="concat",
        dropout=0.2,
        layer_norm=True,
        residual=True,
    )
    expected = {"both_gru_1", "both_gru_2", "norm_1", "norm_2", "drop_1", "dropout"}
    assert expected | {"residual_gru_1"} <= names(built(spec))


# Normalisation of the window


def moved(inputs: dict[str, Any], factor: float, shift: float) -> dict[str, Any]:
    """The same inputs with channel 0 moved alone."""
    steps = inputs["steps"].copy()
    steps[..., 0] = factor * steps[..., 0] + shift
    return inputs | {"steps": steps}


MOVES = [("last", 1, 30), ("mean", 25, 0), ("standard", 1, 30), ("standard", 25, -40)]
"""A window norm, and a factor and a shift that it takes off."""


@pytest.mark.parametrize(
    ("strategy", "output", "move"),
    each_value(pairwise({"strategy": STRATEGIES, "output": OUTPUTS, "move": MOVES})),
)
def test_a_forecast_moves_as_its_window_does(
    strategy: str, output: str, move: tuple[str, float, float]
) -> None:
    kind, factor, shift = move
    spec = spec_of(strategy, output=output, window_norm=kind, highway=3)
    model = built(spec, RICH)
    inputs = inputs_of(model)
    outputs = model(inputs).numpy()
    truth = factor * outputs + shift
    if output == "gaussian":
        truth[..., 1] = factor * outputs[..., 1]
    np.testing.assert_allclose(
        model(moved(inputs, factor, shift)), truth, rtol=1e-3, atol=2e-3
    )


@STRATEGY
def test_without_it_a_forecast_does_not(strategy: str) -> None:
    model = built(spec_of(strategy))
    inputs = inputs_of(model)
    outputs = model(inputs).numpy()
    assert np.abs(model(moved(inputs, 1, 30)).numpy() - outputs - 30).max() > 1


DIFFERENCES = Signature(timesteps=PAST, features=1, horizon=HORIZON, differenced=True)


@pytest.mark.parametrize("kind", ["mean", "standard"])
def test_sums_of_differences_are_scaled_and_not_shifted(kind: str) -> None:
    model = built(spec_of(window_norm=kind), DIFFERENCES)
    inputs = inputs_of(model)
    outputs = model(inputs).numpy()
    scaled = model(moved(inputs, 25, 0)).numpy()
    np.testing.assert_allclose(scaled, 25 * outputs, rtol=1e-3, atol=1e-3)
    # What could not be given back was not taken off: the mean difference still tells.
    shifted = model(moved(inputs, 1, 3)).numpy()
    assert np.abs(shifted - outputs).max() > 1e-2
    assert np.abs(shifted - outputs - 3).max() > 1e-2


def test_one_difference_ahead_is_shifted_as_any_step() -> None:
    model = built(spec_of("recursive", window_norm="last"), DIFFERENCES)
    inputs = inputs_of(model)
    truth = model(inputs).numpy() + 3
    np.testing.assert_allclose(model(moved(inputs, 1, 3)), truth, rtol=1e-4, atol=1e-4)


def test_taking_off_the_last_difference_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="window_norm last takes off a value"):
        built(spec_of(window_norm="last"), DIFFERENCES)


# The linear way


@pytest.mark.parametrize(
    ("strategy", "output"),
    list(zip(STRATEGIES, ["point", "quantile", "quantile", "point"], strict=True)),
)
def test_the_highway_adds_a_linear_forecast(strategy: str, output: str) -> None:
    with_it = built(spec_of(strategy, output=output, highway=3))
    plain = build_forecaster(spec_of(strategy, output=output), ALONE, "plain")
    plain.set_weights(
        [
            weight.numpy()
            for weight in with_it.weights
            if weight.path.split("/")[0] != "highway"
        ]
    )
    inputs = inputs_of(with_it)
    (kernel,) = with_it.get_layer("highway").get_weights()
    outputs = plain(inputs).numpy()
    linear = (inputs["steps"][:, -3:, 0] @ kernel).reshape(outputs.shape)
    np.testing.assert_allclose(with_it(inputs), outputs + linear, rtol=1e-4, atol=1e-5)


def test_the_highway_begins_at_nothing() -> None:
    model = build_forecaster(spec_of(highway=2), ALONE, "forecaster")
    assert not model.get_layer("highway").get_weights()[0].any()


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("norm", ["none", "last"])
@pytest.mark.parametrize("strategy", ["direct", "segments"])
def test_the_highway_may_begin_with_a_season(
    strategy: str, norm: str, output: str
) -> None:
    keys = {"highway": 4, "highway_start": "season", "naive_start": True}
    spec = spec_of(strategy, output=output, window_norm=norm, **keys)
    signature = replace(ALONE, details=(("seasons", (2, 3, 6)),))
    inputs = {"steps": np.arange(float(ROWS * PAST)).reshape(ROWS, PAST, 1) ** 2}
    means = build_forecaster(spec, signature, "forecaster")(inputs)
    # The third, fourth and fifth step go on as the first and second of the cycle.
    cycle = inputs["steps"][:, [-3, -2, -1, -3, -2], 0]
    assert np.asarray(means)[:, :, 0] == pytest.approx(cycle, rel=1e-6)


def test_a_highway_without_room_for_a_season_begins_at_nothing() -> None:
    spec = spec_of(highway=2, highway_start="season")
    for signature in (
        ALONE,
        replace(ALONE, details=(("seasons", (3,)),)),
        replace(ALONE, details=(("seasons", (2,)),), differenced=True),
    ):
        model = build_forecaster(spec, signature, "forecaster")
        assert not model.get_layer("highway").get_weights()[0].any()


def test_a_highway_longer_than_the_window_is_a_mistake() -> None:
    built(spec_of(highway=PAST))
    with pytest.raises(UsageError, match=r"model.highway 8 is longer .* \(7 steps\)"):
        built(spec_of(highway=PAST + 1))


# What cannot be


def test_a_recursion_needs_to_know_its_covariates() -> None:
    past = Signature(timesteps=PAST, features=4, horizon=HORIZON, future_features=1)
    built(spec_of("direct"), past)
    with pytest.raises(UsageError, match="2 of them end with the past"):
        built(spec_of("recursive"), past)


def test_a_residual_that_could_not_act_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="Add a layer to units"):
        spec_of(residual=True)


def test_the_point_is_the_median_or_mu() -> None:
    levels = (0.05, 0.3, 0.5, 0.9)
    assert spec_of(output="quantile", quantiles=levels).point_channel == 2
    assert spec_of(output="gaussian").point_channel == 0
    assert spec_of(output="point", quantiles=levels).point_channel == 0
