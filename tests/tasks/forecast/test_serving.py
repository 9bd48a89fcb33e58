"""A shipped forecaster answers raw series as its run does, where only TensorFlow is.

Each cell is shipped with covariates of every kind, the calendar, ids, and seasons and
trends that are taken off; as a whole window and a step at a time. Slow are all cells
under all strategies, with all options of a stack at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle, product
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from cases.case import STACK_OPTIONS
from cases.keys import sections
from tiny_series import TINY_FORECAST, waves, with_covariates

from seqkit.data.forecast.series import History
from seqkit.data.sources.frame import FrameSource
from seqkit.export import Shipment
from seqkit.export.savedmodel import SavedModelFormat
from seqkit.layers.forecast.quantiles import Corrections
from seqkit.models.forecast.spec import ForecastModel
from seqkit.recipe.recipe import load_recipe
from seqkit.registry import CELLS
from seqkit.tasks.forecast.fitted import ForecastPreprocessing
from seqkit.tasks.forecast.task import Forecast
from seqkit.training.build import build

STRATEGIES = get_args(ForecastModel.model_fields["strategy"].annotation)

PREPARATIONS: dict[str, dict[str, Any]] = {
    "direct": {
        "data.transform": "log",
        "data.decompose": "seasons_and_trend",
        "data.scale": "mean",
        "model.window_norm": "last",
        "model.output": "point",
    },
    "recursive": {
        "data.past": [],
        "data.transform": "box_cox",
        "data.difference": 1,
        "model.window_norm": "standard",
        "model.output": "quantile",
    },
    "encoder_decoder": {
        "data.transform": "log",
        "data.decompose": "seasons",
        "data.seasonal_difference": 2,
        "data.difference": 1,
        "data.scale": "minmax",
        "model.output": "gaussian",
    },
    "segments": {
        "data.transform": "box_cox",
        "data.decompose": "seasons_and_trend",
        "data.difference": 2,
        "model.output": "quantile",
        "model.window_norm": "mean",
    },
}
"""For each strategy what is hard to undo; every output is among them."""

EVERYTHING: dict[str, Any] = {
    "data.past": ["rain"],
    "data.future": ["sale", "price"],
    "data.static": ["shop", "size"],
    "data.calendar": ["day_of_week", "month"],
    "data.lookback": 10,
    "model.embedding": 4,
    "model.segment": 2,
    "model.highway": 3,
    "model.series_embedding": 2,
}
STACK = {"model.bidirectional": "concat", "model.units": [4, 3]} | {
    f"model.{key}": value for key, value in STACK_OPTIONS.items()
}

CORRECTIONS = Corrections(
    ((-1.0, 0.1, 1.2), (-1.3, 0.0, 1.1), (-1.5, -0.1, 2.0)),
    (0.1, 0.0, -0.1),
    power=0.5,
    typical=0.8,
)

ROUNDS = 4
"""Steps of the stream from the first full window on."""

ANSWER = """
import json, sys
for name in ("keras", "seqkit"): sys.modules[name] = None
import tensorflow as tf
def tensors(columns, signature):
    specs = signature.structured_input_signature[1]
    assert set(columns) <= set(specs), (set(columns), set(specs))
    return {name: tf.constant(rows, specs[name].dtype)
            for name, rows in columns.items()}
def plain(answers, names):
    return {name: answers[name].numpy().tolist() for name in names}
def takes_none(signature, columns):
    some = signature(**columns)
    none = signature(**{name: rows[:0] for name, rows in columns.items()})
    for name, rows in some.items():
        assert none[name].shape == (0, *rows.shape[1:]), (folder, name)
        assert none[name].dtype == rows.dtype, (folder, name)
results = {}
for folder, told in json.load(open("told.json")).items():
    signatures = tf.saved_model.load(folder).signatures
    serve, step = signatures["serving_default"], signatures["step"]
    served = serve(**tensors(told["windows"], serve))
    takes_none(serve, tensors(told["windows"], serve))
    specs = step.structured_input_signature[1]
    rows, followed = len(told["stream"][0]["value"]), []
    state = {name: tf.cast(tf.fill([rows, *spec.shape[1:]], float("nan")), spec.dtype)
             for name, spec in specs.items() if name.startswith("state_")}
    takes_none(step, tensors(told["stream"][0], step) | state)
    for columns in told["stream"]:
        answers = step(**tensors(columns, step), **state)
        state = {name: answers[name] for name in state}
        followed.append(plain(answers, told["names"]))
    results[folder] = {"served": plain(served, told["names"]), "followed": followed}
print(json.dumps(results))
"""


def rows() -> pd.DataFrame:
    """Three series, with covariates of every kind and some steps ahead."""
    frame = with_covariates(waves(series=3))
    number = frame.groupby("id", sort=False).ngroup()
    frame["size"] = 3.0 + number
    frame["price"] = 10 + (np.arange(len(frame)) * 7 % 11) + number
    return frame


def fitted(
    cell: str, strategy: str, stack: dict[str, Any]
) -> tuple[ForecastPreprocessing, Any, Any]:
    """The preparation, an untrained model and the series of a crossing."""
    options = EVERYTHING | PREPARATIONS[strategy] | stack
    options |= {"model.cell": cell, "model.strategy": strategy}
    recipe = load_recipe("airline_forecast", sections(TINY_FORECAST | options))
    data = Forecast().open(recipe.data, recipe.model, FrameSource(rows()))
    preparation = replace(data.preprocessing(), corrections=CORRECTIONS)
    model = build(recipe, signature=preparation.signature)
    # What begins at nothing would tell nothing.
    draw = np.random.default_rng(0)
    for variable in model.trainable_variables:
        noise = draw.normal(size=variable.shape, scale=0.05)
        variable.assign(variable.value + noise.astype(np.float32))
    return preparation, model, data


def plain(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: np.asarray(values).tolist() for name, values in columns.items()}


def stream(preparation: ForecastPreprocessing, data: Any) -> list[dict[str, Any]]:
    """What comes of all series at once, step by step from their beginning."""
    spec, known = preparation.data, []
    for at in range(spec.lookback - 1 + ROUNDS):
        whole = preparation.columns(
            [
                # Of what a window holds, only what does not come step by step.
                {
                    name: value
                    for name, value in preparation.row(
                        History(one, spec.lookback, spec.lookback)
                    ).items()
                    if name not in ("values", "past", "future", "timestamp")
                }
                | {
                    "value": one.values[at],
                    "future": one.future[at : at + 1 + spec.horizon],
                    "timestamp": str(
                        preparation.frequency.stamps(one.start, at + 1)[-1]
                    ),
                }
                | ({"past": one.past[at]} if spec.past else {})
                for one in data.series
            ]
        )
        known.append(plain(whole))
    return known


@pytest.mark.parametrize(
    ("crossings", "stack"),
    [
        pytest.param([("gru", "encoder_decoder")], {}, id="one"),
        pytest.param(
            list(zip(CELLS, cycle(STRATEGIES[1:]), strict=False)),
            {},
            id="each-cell",
            marks=pytest.mark.slow,
        ),
        pytest.param([("gru", "direct")], {}, id="direct", marks=pytest.mark.slow),
        pytest.param(
            list(product(CELLS, STRATEGIES)), STACK, id="all", marks=pytest.mark.slow
        ),
    ],
)
def test_answers_raw_windows_and_streams_where_only_tensorflow_is(
    crossings: list[tuple[str, str]],
    stack: dict[str, Any],
    tmp_path: Path,
    python: Callable[[str], str],
) -> None:
    told: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for cell, strategy in crossings:
        preparation, model, data = fitted(cell, strategy, stack)
        serving = preparation.serving(model)
        histories = next(data.histories("test"))
        windows = preparation.columns([preparation.row(one) for one in histories])
        shipment = Shipment(
            name=cell,
            serving=serving,
            streaming=preparation.streaming(serving),
            core=model,
            files={},
            samples={name: values.tolist() for name, values in windows.items()},
            predict=lambda samples: {},
            card="",
        )
        folder = f"{cell}-{strategy}"
        SavedModelFormat().write(shipment, tmp_path / folder)
        answer = preparation.answering(model)
        lookback = preparation.data.lookback
        told[folder] = {
            "names": preparation.output_names,
            "windows": plain(windows),
            "stream": stream(preparation, data),
        }
        expected[folder] = (
            answer(histories),
            [
                answer([History(one, origin, origin) for one in data.series])
                for origin in range(lookback, lookback + ROUNDS)
            ],
        )
    (tmp_path / "told.json").write_text(json.dumps(told))
    got = json.loads(python(ANSWER))
    for folder, (windows, rounds) in expected.items():
        names = told[folder]["names"]
        assert names == ["forecast", "q10", "q50", "q90"]

        def stacked(answers: dict[str, Any], names: list[str] = names) -> Any:
            return np.stack([answers[name] for name in names], axis=-1)

        assert np.isfinite(windows).all()
        served = stacked(got[folder]["served"])
        np.testing.assert_allclose(served, windows, rtol=1e-5)
        *early, _ = followed = got[folder]["followed"]
        for answers in early[: -ROUNDS + 1]:
            assert np.isnan(stacked(answers)).all()
        for answers, wanted in zip(followed[-ROUNDS:], rounds, strict=True):
            np.testing.assert_allclose(stacked(answers), wanted, rtol=1e-5)


def test_every_strategy_and_output_is_shipped() -> None:
    assert set(PREPARATIONS) == set(STRATEGIES)
    outputs = {keys["model.output"] for keys in PREPARATIONS.values()}
    assert outputs == set(get_args(ForecastModel.model_fields["output"].annotation))
