"""Exports take raw inputs and answer as their runs, a SavedModel where TensorFlow is.

All of them are written first, and then asked by one fresh process: one input at a time,
a thousand at once, as a stream where there is one, and none at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cases.case import name_of
from cases.exports import Answers, holding, written
from cases.table import CASES

import seqkit.export
from seqkit.export import Shipment
from seqkit.export.verify import TOLERANCE, difference
from seqkit.runs.run import Run

ASKED = ("savedmodel", "keras", "litert")
"""The formats that one process can ask; what ONNX needs alone, TensorFlow is not."""

ASK = f"""
import functools, json, runpy, sys
for name in ("keras", "seqkit"): sys.modules[name] = None
import tensorflow as tf
# The check and what follows it ask one model: loading takes longer than asking.
tf.saved_model.load = functools.lru_cache(1)(tf.saved_model.load)
def main(format):
    path = {seqkit.export.__path__[0]!r} + f"/check_{{format}}.py"
    return runpy.run_path(path)["main"]

def inputs(specs, rows, steps):
    for name, spec in specs.items():
        shape = [rows, *(size or steps for size in spec.shape[1:])]
        value = "2024-01-01" if spec.dtype == tf.string else 1
        yield name, tf.fill(shape, tf.constant(value, spec.dtype))

def takes_none(serve):
    _, specs = serve.structured_input_signature
    some = serve(**dict(inputs(specs, 1, 3)))
    for steps in (0, 3):
        none = serve(**dict(inputs(specs, 0, steps)))
        for name, values in some.items():
            assert none[name].shape[0] == 0, (folder, name)
            assert none[name].shape.rank == values.shape.rank, (folder, name)
            # Where an answer has steps, as many as the longest of its rows.
            sizes = serve.structured_outputs[name].shape[1:]
            for axis, size in enumerate(sizes, 1):
                same = none[name].shape[axis] == values.shape[axis]
                assert same or size is None, (folder, name)
            assert none[name].dtype == values.dtype, (folder, name)

folders = json.load(open("folders.json"))
for folder, data in folders["savedmodel"]:
    main("savedmodel")(folder, data)
    for serve in tf.saved_model.load(folder).signatures.values():
        takes_none(serve)
for folder, data in folders["litert"]:
    main("litert")(folder, data)
for name in ("keras", "seqkit"): del sys.modules[name]
for folder, data in folders["keras"]:
    main("keras")(folder, data)
"""


def exports(every: bool) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Tasks, formats and models by a name of their own.

    Quick are SavedModels of every task that is not combined of others, and of the other
    formats one each.
    """
    chosen: dict[str, tuple[str, str, dict[str, Any]]] = {}
    for task, case in CASES.items():
        models = case.whole(task)
        for format in case.formats:
            if format not in ASKED:
                continue
            is_first = format not in {other for _, other, _ in chosen.values()}
            quick = case.exported if format == "savedmodel" else (0,) * is_first
            for model in models if every else [models[place] for place in quick]:
                chosen[f"{format}-{task}-{name_of(model)}"] = (task, format, model)
    return chosen


@pytest.mark.parametrize(
    "every", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["some", "every"]
)
def test_exports_answer_as_their_runs(
    every: bool,
    run_of: Callable[[str], Run],
    python: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected: dict[str, tuple[Shipment, Answers]] = {}
    folders: Mapping[str, list[tuple[str, str]]] = {format: [] for format in ASKED}
    for name, (task, format, combination) in exports(every).items():
        run = holding(run_of(task), combination)
        expected[name] = written(run, tmp_path / name, format, monkeypatch)
        folders[format].append((name, f"{name}-data"))
        data = tmp_path / f"{name}-data"
        data.mkdir()
        (data / "samples.json").write_text(json.dumps(expected[name][0].samples))
    (tmp_path / "folders.json").write_text(json.dumps(folders))
    python(ASK)
    assert all(folders.values())
    for name, (shipment, wanted) in expected.items():
        answers = json.loads((tmp_path / f"{name}-data" / "answers.json").read_text())
        assert answers
        for got in answers:
            assert difference(name, shipment, wanted, got) <= TOLERANCE
