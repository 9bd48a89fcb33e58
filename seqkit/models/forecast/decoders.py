"""From an encoder's output to the steps of a horizon, one function a strategy.

Each takes ``encoded`` (batch, width) and gives (batch, horizon, output width).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from seqkit.layers.segments import FoldSteps, Positions, Segments, UnfoldSteps
from seqkit.models.cores.seam import Shape, projected
from seqkit.models.cores.stack import core_layer, dropped, state_shapes
from seqkit.models.forecast.spec import ForecastModel


@dataclass(frozen=True)
class Given:
    """What a forecaster reads beside the window; None where there is nothing."""

    future: Any
    """Known covariates (batch, horizon, known)."""
    static: Any
    """(batch, numbers)."""
    series: Any
    """The vector learned for the series (batch, width)."""


def join(parts: list[Any], name: str) -> Any:
    """Concatenate the features of ``parts``; a single one stays as it is."""
    if len(parts) == 1:
        return parts[0]
    return keras.layers.Concatenate(name=name)(parts)


def _head(spec: ForecastModel, width: int) -> keras.layers.Layer:
    start = "zeros" if spec.naive_start else "glorot_uniform"
    return keras.layers.Dense(width, kernel_initializer=start, name="head")


def _direct(encoded: Any, spec: ForecastModel, given: Given, horizon: int) -> Any:
    """One linear layer gives all steps."""
    parts = [dropped(encoded, spec)]
    if given.future is not None:
        flat = keras.layers.Flatten(name="future_flat")(given.future)
        dense = keras.layers.Dense(
            spec.units[-1], activation="relu", name="future_embedding"
        )
        parts.append(dense(flat))
    if given.static is not None:
        parts.append(given.static)
    head = _head(spec, horizon * spec.output_width)
    outputs = head(join(parts, "head_inputs"))
    return keras.layers.Reshape((horizon, spec.output_width), name="steps_out")(outputs)


def _decode(encoded: Any, spec: ForecastModel, given: Given, horizon: int) -> Any:
    """A second recurrent layer runs over the steps of the horizon.

    It begins with states projected from the encoder's output (Cho et al. 2014) and
    reads a vector learned for each step, and the step's known covariates.
    """
    steps = _positions(encoded, horizon, spec.units[-1])
    if given.future is not None:
        steps = join([given.future, steps], "decoder_inputs")
    decoder = _decoder(spec, return_sequences=True)
    states = [
        projected(encoded, shape, name)
        for name, shape in _state_shapes(decoder, steps).items()
    ]
    decoded, *_ = decoder(steps, initial_state=states)
    decoded = dropped(decoded, spec)
    return _head(spec, spec.output_width)(decoded)


def _decode_segments(
    encoded: Any, spec: ForecastModel, given: Given, horizon: int
) -> Any:
    """One step of a second recurrent layer for each segment, all at once.

    Each goes on from the encoder's last state and reads a vector learned for its
    place in the horizon (Lin et al. 2023, "SegRNN", parallel multi-step forecasting).
    """
    segments = -(-horizon // spec.segment)
    steps = _segment_inputs(encoded, spec, given, segments)
    decoder = _decoder(spec, return_sequences=False)
    states = [
        _for_each(state, segments, name)
        for name, state in _last_states(encoded, _state_shapes(decoder, steps)).items()
    ]
    rows = FoldSteps(name="fold_inputs")(steps)
    rows = keras.layers.Reshape((1, rows.shape[-1]), name="one_step")(rows)
    decoded, *_ = decoder(rows, initial_state=states)
    decoded = dropped(UnfoldSteps(segments, name="unfold")(decoded), spec)
    outputs = _head(spec, spec.segment * spec.output_width)(decoded)
    steps_out = segments * spec.segment
    outputs = keras.layers.Reshape((steps_out, spec.output_width), name="steps_out")(
        outputs
    )
    cut = keras.layers.Cropping1D((0, steps_out - horizon), name="cut")
    return cut(outputs) if steps_out > horizon else outputs


def _for_each(state: Any, segments: int, name: str) -> Any:
    """A state (batch, ...) for each of so many segments (batch * segments, ...)."""
    shape = state.shape[1:]
    if len(shape) > 1:
        state = keras.layers.Flatten(name=f"{name}_flat")(state)
    repeated = keras.layers.RepeatVector(segments, name=f"{name}_segments")(state)
    folded = FoldSteps(name=f"fold_{name}")(repeated)
    if len(shape) > 1:
        folded = keras.layers.Reshape(shape, name=f"each_{name}")(folded)
    return folded


def _segment_inputs(
    encoded: Any, spec: ForecastModel, given: Given, segments: int
) -> Any:
    width = spec.units[-1]
    if given.series is None:
        parts = [_positions(encoded, segments, width)]
    else:
        half = max(width // 2, 1)
        series = keras.layers.Dense(half, use_bias=False, name="series_half")
        tiled = keras.layers.RepeatVector(segments, name="series_segments")
        place = _positions(encoded, segments, max(width - half, 1))
        parts = [place, tiled(series(given.series))]
    if given.future is not None:
        cut = Segments(spec.segment, padding="post", name="future_segments")
        parts.append(cut(given.future))
    return join(parts, "decoder_inputs")


DECODERS: dict[str, Callable[[Any, ForecastModel, Given, int], Any]] = {
    "direct": _direct,
    "recursive": _direct,
    "encoder_decoder": _decode,
    "segments": _decode_segments,
}


def _positions(encoded: Any, count: int, width: int) -> Any:
    """A vector learned for each of so many places: (batch, count, width)."""
    places = Positions(count, name="positions")(encoded)
    return keras.layers.Embedding(count, width, name="position_embedding")(places)


def _decoder(spec: ForecastModel, return_sequences: bool) -> keras.layers.Layer:
    return core_layer(
        spec,
        spec.units[-1],
        return_sequences=return_sequences,
        return_state=True,
        name="decoder",
    )


def _state_shapes(decoder: keras.layers.Layer, steps: Any) -> dict[str, Shape]:
    """The shapes of a decoder's states, called as the layers that make them."""
    shapes = state_shapes(decoder, steps.shape[2:]).values()
    return {f"state_{number + 1}": shape for number, shape in enumerate(shapes)}


def _last_states(encoded: Any, shapes: dict[str, Shape]) -> dict[str, Any]:
    """The encoder's output (batch, width) as states of these shapes.

    The output is the cell's first state; where the encoder reads both ways and merges
    them wider, and for the cell's other states, a linear layer makes one of it.
    """
    # Each layer draws a seed, so that one is made where it is not used as well: those
    # behind it would begin with other weights.
    states = {name: projected(encoded, shape, name) for name, shape in shapes.items()}
    first = next(iter(shapes))
    return states | ({first: encoded} if encoded.shape[1:] == shapes[first] else {})
