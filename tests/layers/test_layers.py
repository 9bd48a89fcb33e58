"""What every layer of seqkit must do: be found, save, load, train, mind its masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqkit import layers


@dataclass(frozen=True)
class Case:
    """How a layer is made, what goes in, and the shape that comes out."""

    make: Callable[[], keras.layers.Layer]
    inputs: Any
    shape: Any
    trains: bool = False
    """Whether gradients reach what stands below it."""


STEPS = np.random.default_rng(0).normal(size=(3, 5, 4)).astype(np.float32)
STAMPS = np.array(["2024-02-29T23:00", "1999-12-31T05:00"], object)
TEXTS = np.array(["good film", "", "bad \U0001f600 nothing"], object)

CASES = {
    "AttentionPooling": Case(layers.AttentionPooling, STEPS, (3, 4), trains=True),
    "MaskedMeanPooling": Case(layers.MaskedMeanPooling, STEPS, (3, 4), trains=True),
    "MaskedMaxPooling": Case(layers.MaskedMaxPooling, STEPS, (3, 4), trains=True),
    "LabelDecoder": Case(
        lambda: layers.LabelDecoder(["bad", "very good"]),
        np.array([[0.2, 0.8], [0.9, 0.1], [0.5, 0.5]], np.float32),
        {"label": (3,), "probability": (3,), "p_bad": (3,), "p_very good": (3,)},
    ),
    "TextEncoder": Case(
        lambda: layers.TextEncoder(["", "[UNK]", "good", "bad"], 9, truncating="pre"),
        TEXTS,
        (3, 3),
    ),
    "TextDecoder": Case(
        lambda: layers.TextDecoder(["", "[UNK]", "good", "bad"]),
        np.array([[2, 3, 0], [1, 0, 0], [0, 0, 0]], np.int32),
        (3,),
    ),
    "NgramScores": Case(
        lambda: layers.NgramScores(3, 64),
        np.array([[2, 3, 4, 2, 0], [1, 0, 0, 0, 0], [5, 5, 1, 5, 5]], np.int32),
        (3, 3),
    ),
    "ConstantAnswer": Case(lambda: layers.ConstantAnswer([0.2, 0.8]), STEPS, (3, 2)),
    "TfidfProbabilities": Case(lambda: layers.TfidfProbabilities(3, 5), TEXTS, (3, 3)),
    "RatioProbabilities": Case(lambda: layers.RatioProbabilities(1, 5), TEXTS, (3, 2)),
    "NaiveForecast": Case(lambda: layers.NaiveForecast(2, 3), STEPS, (3, 2, 1)),
    "ThetaForecast": Case(lambda: layers.ThetaForecast(2), STEPS, (3, 2, 1)),
    "PlainForecast": Case(
        lambda: layers.PlainForecast("drift", [[-1.0, 1.0]] * 2),
        STEPS[:, :, 0].astype(np.float64),
        (3, 2, 3),
    ),
    "KernelScores": Case(lambda: layers.KernelScores(3), STEPS, (3, 3)),
    "TokenDropout": Case(
        lambda: layers.TokenDropout(0.4), np.arange(15).reshape(3, 5), (3, 5)
    ),
    "Accumulated": Case(lambda: layers.Accumulated(1, 2), STEPS, (3, 5, 4)),
    "FoldSteps": Case(layers.FoldSteps, STEPS, (15, 4), trains=True),
    "ForecastQuantiles": Case(
        lambda: layers.ForecastQuantiles("quantile", (0.1, 0.4, 0.5, 0.9)),
        STEPS,
        (3, 5, 5),
        trains=True,
    ),
    "GaussianParameters": Case(
        layers.GaussianParameters, STEPS[0, :, :2], (5, 2), trains=True
    ),
    "LastValues": Case(lambda: layers.LastValues(2), STEPS, (3, 2), trains=True),
    "Positions": Case(lambda: layers.Positions(6), STEPS, (3, 6)),
    "Segments": Case(lambda: layers.Segments(2), STEPS, (3, 3, 8), trains=True),
    "SeriesEncoder": Case(
        lambda: layers.SeriesEncoder([0.0] * 4, [2.0] * 4), STEPS, (3, 5, 4)
    ),
    "StepOrdinal": Case(lambda: layers.StepOrdinal("h"), STAMPS, (2,)),
    "TemporalBlock": Case(
        lambda: layers.TemporalBlock(6, dilation=2), STEPS, (3, 6), trains=True
    ),
    "UnfoldSteps": Case(
        lambda: layers.UnfoldSteps(3), STEPS[:, 0], (1, 3, 4), trains=True
    ),
    "WindowCalendar": Case(
        lambda: layers.WindowCalendar("h", ["hour"], 3, 2), STAMPS, (2, 5, 2)
    ),
    "WindowNorm": Case(
        lambda: layers.WindowNorm("standard"),
        STEPS,
        {"steps": (3, 5, 4), "shift": (3, 1, 1), "scale": (3, 1, 1)},
    ),
}
ELSEWHERE = {
    "Blend": "test_ngrams.py",
    "CharacterEncoder": "test_characters.py",
    "Crf": "test_crf.py",
    "FilledWindow": "forecast/test_streaming.py",
    "ForcedTokens": "test_forced.py",
    "ForecastMixture": "forecast/test_mixture.py",
    "LegalPath": "test_crf.py",
    "MaskedConvolution": "test_convolution.py",
    "Mixture": "test_ngrams.py",
    "WindowRidge": "forecast/test_window_ridge.py",
    "WindowTrees": "../tasks/forecast/test_tree_wide.py",
    "PrepareWindow": "forecast/test_formulas.py",
    "PushStep": "forecast/test_streaming.py",
    "RestoreForecast": "forecast/test_formulas.py",
    "RollOut": "forecast/test_roll_out.py",
    "ScalingNoise": "test_augmentation.py",
    "SentenceSplitter": "test_sentences.py",
    "SentenceLines": "test_extracts.py",
    "SentencePicker": "test_extracts.py",
    "SentenceShares": "test_extracts.py",
    "SentenceTokens": "test_extracts.py",
    "SingletonDropout": "test_unknown_words.py",
    "StepSums": "test_forced.py",
    "TagDecoder": "test_decode.py",
    "TargetsOf": "test_forced.py",
    "TokenEncoder": "test_tokens.py",
    "TokenTexts": "test_forced.py",
    "WhereFull": "forecast/test_streaming.py",
    "WindowWarp": "test_augmentation.py",
    "WindowUndo": "forecast/test_window_norm.py",
    "WithoutTokens": "test_forced.py",
}
"""Layers of more than one input, or that draw, and where they are tested."""

EACH = pytest.mark.parametrize("name", CASES)


def tensor(inputs: Any) -> tf.Tensor:
    return tf.constant(inputs.tolist() if inputs.dtype == object else inputs)


def plain(outputs: Any) -> Any:
    if isinstance(outputs, dict):
        return {name: value.numpy().tolist() for name, value in outputs.items()}
    return outputs.numpy().tolist()


def model_of(case: Case) -> keras.Model:
    dtype = "string" if case.inputs.dtype == object else case.inputs.dtype.name
    shape = (None, *case.inputs.shape[2:]) if case.inputs.ndim > 1 else ()
    if case.inputs.dtype == np.float32 and case.inputs.ndim == 2:
        shape = case.inputs.shape[1:]
    inputs = keras.Input(shape, dtype=dtype, name="inputs")
    return keras.Model(inputs, case.make()(inputs))


def test_every_layer_is_tested_here() -> None:
    assert {*CASES, *ELSEWHERE} == set(layers.__all__)
    for name, file in ELSEWHERE.items():
        assert name in (Path(__file__).parent / file).read_text(encoding="utf-8")


@EACH
def test_shape_is_as_declared(name: str) -> None:
    case = CASES[name]
    outputs = case.make()(tensor(case.inputs))
    declared = model_of(case).output
    for outs, spec, shape in (
        [(outputs[key], declared[key], case.shape[key]) for key in case.shape]
        if isinstance(outputs, dict)
        else [(outputs, declared, case.shape)]
    ):
        assert tuple(outs.shape) == shape
        assert spec.dtype == outs.dtype.name
        assert len(spec.shape) == len(shape)
        for told, true in zip(spec.shape, shape, strict=True):
            assert told in (None, true)


@EACH
def test_config_makes_the_same_layer(name: str) -> None:
    case = CASES[name]
    layer = case.make()
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    outputs = layer(tensor(case.inputs))
    again(tensor(case.inputs))
    again.set_weights(layer.get_weights())
    assert plain(again(tensor(case.inputs))) == plain(outputs)


@EACH
def test_a_keras_file_gives_the_same_answers(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    model = model_of(case)
    model.save(tmp_path / "model.keras")
    # Without custom_objects, and in safe mode: the layer is registered.
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    inputs = tensor(case.inputs)
    assert plain(loaded(inputs)) == plain(model(inputs))
    assert loaded.layers[-1].get_config() == model.layers[-1].get_config()


@EACH
def test_a_graph_gives_the_same_answers(name: str) -> None:
    case = CASES[name]
    layer = case.make()
    eager = plain(layer(tensor(case.inputs)))
    graph = plain(tf.function(layer)(tensor(case.inputs)))
    if isinstance(eager, dict) or case.inputs.dtype == np.int32:
        assert graph == eager
    else:
        np.testing.assert_allclose(graph, eager, rtol=1e-6)


@EACH
def test_gradients_flow(name: str) -> None:
    case = CASES[name]
    layer = case.make()
    if not case.trains:
        layer(tensor(case.inputs))
        assert not layer.trainable_variables
        return
    inputs = tensor(case.inputs)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        loss = tf.reduce_sum(layer(inputs) ** 2)
    gradients = tape.gradient(loss, [inputs, *layer.trainable_variables])
    for gradient in gradients:
        assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0


@pytest.mark.parametrize(
    "name", ["AttentionPooling", "MaskedMeanPooling", "MaskedMaxPooling"]
)
def test_a_mask_ends_at_a_pooling(name: str) -> None:
    layer = CASES[name].make()
    mask = tf.constant([[True, False]])
    assert layer.supports_masking
    assert layer.compute_mask(tf.zeros((1, 2, 4)), mask) is None
