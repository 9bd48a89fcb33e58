"""Every format ships every task about series, or says in a sentence that it cannot."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tensorflow as tf
from crossing import sections
from tiny_series import TINY_FORECAST, waves, with_covariates
from tiny_whole_series import tiny_series

from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataWarning, ExportError
from seqkit.export import Shipment, export
from seqkit.recipe.recipe import load_recipe
from seqkit.registry import CELLS, FORMATS, TASKS

SHIP = ("savedmodel", "keras")
TEXT_ALONE = ("onnx", "litert")
"""Formats whose preprocessing stands beside them, and is that of texts."""

STACK = {"model.units": [4, 3], "model.bidirectional": "concat"}


@dataclass(frozen=True)
class Shipped:
    """A recipe with what it is fitted on."""

    recipe: str
    overrides: dict[str, Any]
    rows: Callable[[], pd.DataFrame]


SHIPPED = {
    "forecast": Shipped(
        "airline_forecast",
        TINY_FORECAST
        | STACK
        | {
            "data.past": ["rain"],
            "data.future": ["sale"],
            "data.static": ["shop"],
            "data.calendar": ["day_of_week"],
            "data.decompose": "seasons",
            "data.difference": 1,
            "model.output": "quantile",
            "model.strategy": "encoder_decoder",
            "model.series_embedding": 2,
        },
        lambda: with_covariates(waves()),
    ),
    "classify_series": Shipped(
        "motion_classification",
        STACK
        | {
            "data.source": "frame",
            "data.values": ["warmth", "noise"],
            "model.pooling": "attention",
        },
        lambda: tiny_series(40),
    ),
    "regress_series": Shipped(
        "adding_problem",
        STACK
        | {
            "data.source": "frame",
            "data.values": ["warmth", "noise"],
            "data.target": "level",
            "data.scale": "series",
            "model.pooling": "mean",
        },
        lambda: tiny_series(40),
    ),
}


def shipment(name: str, cell: str) -> Shipment:
    """What a run of the task hands over, untrained."""
    shipped = SHIPPED[name]
    keys = sections(shipped.overrides | {"model.cell": cell})
    recipe = load_recipe(shipped.recipe, keys)
    task = TASKS.get(recipe.task)()
    data = task.open(recipe.data, recipe.model, FrameSource(shipped.rows()))
    fitted = data.preprocessing()
    # As a run has it: not compiled.
    model = task.network(recipe.model, fitted.signature, recipe.name)
    fitted = fitted.calibrated(model, data)
    kept = fitted.kept(next(data.examples("test")).inputs[:3])
    serving = fitted.serving(model)

    def predict(samples: Any) -> dict[str, list[Any]]:
        inputs = fitted.named(samples)
        outputs = fitted.answering(model)(inputs)
        answers: dict[str, list[Any]] = task.answers(outputs, inputs, fitted)
        return answers

    return Shipment(
        name=name,
        serving=serving,
        streaming=fitted.streaming(serving),
        core=model,
        files=fitted.files(),
        samples=fitted.samples(kept),
        predict=predict,
        card="",
        tied=task.tied_outputs,
    )


@pytest.fixture(autouse=True)
def no_warnings_of_small_data() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        yield


def test_every_task_and_format_is_tested_here() -> None:
    assert {"classify_text", *SHIPPED} == set(TASKS)
    assert {*SHIP, *TEXT_ALONE} == set(FORMATS)


@pytest.mark.slow
@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.parametrize("task", SHIPPED)
@pytest.mark.parametrize("format", SHIP)
def test_format_ships_every_task_and_cell(
    format: str, task: str, cell: str, tmp_path: Path
) -> None:
    folder = export(shipment(task, cell), tmp_path / "export", format)
    account = json.loads((folder / "export.json").read_text())
    assert 0 <= account["largest_difference"] <= 1e-5
    assert account["samples"] >= 6


@pytest.mark.parametrize("task", ["classify_series", "regress_series"])
def test_a_batch_of_no_series_gets_no_answers(task: str) -> None:
    serving = shipment(task, "gru").serving
    specs = [tf.TensorSpec((None, None, 2)), tf.TensorSpec((None,), tf.int32)]

    @tf.function(input_signature=specs)
    def serve(values: tf.Tensor, lengths: tf.Tensor) -> dict[str, tf.Tensor]:
        answers: dict[str, tf.Tensor] = serving({"values": values, "lengths": lengths})
        return answers

    some = serve(tf.ones((1, 3, 2)), tf.constant([3]))
    for steps in (0, 3):
        none = serve(tf.ones((0, steps, 2)), tf.zeros((0,), tf.int32))
        for name, values in some.items():
            assert none[name].shape == (0, *values.shape[1:])
            assert none[name].dtype == values.dtype


@pytest.mark.parametrize("task", SHIPPED)
def test_formats_of_texts_refuse_series_and_leave_nothing(
    task: str, tmp_path: Path
) -> None:
    cargo = shipment(task, "simple_rnn")
    for format in TEXT_ALONE:
        with pytest.raises(ExportError) as error:
            export(cargo, tmp_path / "export", format)
        told = str(error.value)
        assert told.startswith(f"Only classifiers of texts can be written as {format} ")
        assert told.endswith("Use the format 'savedmodel' instead.")
        assert list(tmp_path.iterdir()) == []
