"""Forecasters: a recurrent encoder of the past, and what makes the horizon of it.

All read windows of prepared values and give (batch, horizon, width) in the same units;
width is 1 for points, one a quantile, or 2 for mu and sigma.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqkit.layers.forecast.gaussian import GaussianParameters
from seqkit.layers.forecast.window_norm import WindowNorm, WindowUndo
from seqkit.layers.segments import LastValues, Segments
from seqkit.models.cores.stack import stack
from seqkit.models.forecast.decoders import DECODERS, Given, join
from seqkit.models.forecast.spec import ForecastModel
from seqkit.signature import Signature


def build_forecaster(
    spec: ForecastModel, signature: Signature, name: str
) -> keras.Model:
    """A model from a dict of inputs to (batch, horizon, width), not compiled.

    Inputs: ``steps`` (batch, timesteps, features): the values, then past covariates,
    then known ones; where the signature has some, ``future`` (batch, horizon, known)
    and ``static`` (batch, numbers); with ``series_embedding``, ``series`` (batch,),
    int32: 0 for a series that training did not see, then from 1 on.

    Under ``strategy: recursive`` the model forecasts a single step: its horizon is 1,
    of ``future`` too, and ``seqkit.layers.forecast.roll_out.roll_out`` makes the rest.

    Raises:
        UsageError: the spec asks for what windows of this signature cannot give.
    """
    spec.check(signature)
    assert signature.horizon
    horizon = 1 if spec.strategy == "recursive" else signature.horizon
    inputs = _inputs(spec, signature, horizon)
    window = _normalised(inputs["steps"], spec, signature)
    series = inputs.get("series")
    if series is not None:
        series = keras.layers.Embedding(
            signature.series + 1, spec.series_embedding, name="series_embedding"
        )(series)
    context = Given(inputs.get("future"), inputs.get("static"), series)
    encoded = _encode(window["steps"], spec, context)
    outputs = DECODERS[spec.strategy](encoded, spec, context, horizon)
    if spec.highway:
        outputs = _highway(window["steps"], outputs, spec.highway)
    if spec.output == "gaussian":
        outputs = GaussianParameters(name="gaussian")(outputs)
    if "scale" in window:
        undo = WindowUndo(spec.output == "gaussian", name="window_undo")
        outputs = undo(outputs, window["shift"], window["scale"])
    model = keras.Model(inputs, outputs, name=name)
    if spec.highway_start == "season" and not signature.differenced:
        _begin_with_season(model, spec, signature)
    return model


def _inputs(spec: ForecastModel, signature: Signature, horizon: int) -> dict[str, Any]:
    shapes = {"steps": (signature.timesteps, signature.features)}
    if signature.future_features:
        shapes["future"] = (horizon, signature.future_features)
    inputs = {name: keras.Input(shape, name=name) for name, shape in shapes.items()}
    if signature.static_features:
        inputs["static"] = keras.Input((signature.static_features,), name="static")
    if spec.series_embedding:
        inputs["series"] = keras.Input((), dtype="int32", name="series")
    return inputs


def _normalised(
    steps: Any, spec: ForecastModel, signature: Signature
) -> dict[str, Any]:
    """The window's ``steps``, and its ``shift`` and ``scale`` if it is normalised."""
    if spec.window_norm == "none":
        return {"steps": steps}
    shifts = spec.shifts(signature)
    return WindowNorm(spec.window_norm, shifts, name="window_norm")(steps)


def _encode(steps: Any, spec: ForecastModel, context: Given) -> Any:
    """Encode windows (batch, timesteps, features) to (batch, width)."""
    if spec.segment > 1:
        steps = Segments(spec.segment, name="segments")(steps)
    # What never changes is joined to the segments, not to each step in them.
    steps = join([steps, *_tiled(context, steps.shape[1])], "encoder_inputs")
    if spec.embedding:
        dense = keras.layers.Dense(spec.embedding, activation="relu", name="embedding")
        steps = dense(steps)
    return stack(steps, spec, per_timestep=False)


def _tiled(context: Given, steps: int) -> list[Any]:
    """What is known of a whole series, for each of so many steps."""
    vectors = {"static": context.static, "series": context.series}
    return [
        keras.layers.RepeatVector(steps, name=f"{name}_steps")(vector)
        for name, vector in vectors.items()
        if vector is not None
    ]


def _begin_with_season(
    model: keras.Model, spec: ForecastModel, signature: Signature
) -> None:
    """Let the highway give the last cycle of the longest season that it holds."""
    seasons = signature.detail("seasons") or ()
    season = max((s for s in seasons if s <= spec.highway), default=0)
    if not season:
        return
    kernel = model.get_layer("highway").kernel
    start = np.zeros((spec.highway, model.output_shape[1], spec.output_width))
    steps = np.arange(model.output_shape[1])
    # Of a gaussian the mean alone.
    width = 1 if spec.output == "gaussian" else spec.output_width
    start[spec.highway - season + steps % season, steps, :width] = 1
    kernel.assign(start.reshape(kernel.shape))


def _highway(steps: Any, outputs: Any, count: int) -> Any:
    """Add a linear forecast from the last values (LSTNet, Lai et al. 2018)."""
    horizon, width = outputs.shape[1:]
    values = LastValues(count, name="last_values")(steps)
    # The outputs begin as the encoder's own: a drawn kernel would add noise as large
    # as the values to them, which training would first have to take away.
    linear = keras.layers.Dense(
        horizon * width, use_bias=False, kernel_initializer="zeros", name="highway"
    )
    shaped = keras.layers.Reshape((horizon, width), name="highway_steps")
    add = keras.layers.Add(name="with_highway")
    return add([outputs, shaped(linear(values))])
