"""Plain forecasts beside a network, and their weighted mean, as one Keras model."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from seqkit.layers.forecast.mixture import ForecastMixture, NaiveForecast
from seqkit.layers.forecast.ridge import WindowRidge
from seqkit.layers.forecast.theta import ThetaForecast
from seqkit.layers.forecast.trees import WindowTrees
from seqkit.models.forecast.spec import ForecastModel
from seqkit.signature import Signature

MIXTURE = "mixture"
NETWORK = "network"
LEARNERS = ("ridge", "trees")
"""Methods that are fitted on training windows."""


def with_plain(
    network: keras.Model, spec: ForecastModel, signature: Signature
) -> keras.Model:
    """``network``, to points (batch, horizon, 1), with the methods of ``spec.wide``.

    It answers as ``network`` does until ``set_shares``.
    """
    inputs, horizon = network.input, network.output_shape[1]
    seasons = signature.detail("seasons") or ()
    season = (*seasons, 1)[0]
    layers: dict[str, Any] = {
        "theta": ThetaForecast(horizon, season, name="theta"),
        "ridge": WindowRidge(horizon, seasons, name="ridge"),
        "trees": WindowTrees(horizon, seasons, name="trees"),
        "last": NaiveForecast(horizon, name="last"),
        "seasonal_naive": NaiveForecast(horizon, season, name="seasonal_naive"),
    }
    forecasts = [
        layers[name](inputs if name in LEARNERS else inputs["steps"])
        for name in spec.wide
    ]
    mixed = ForecastMixture(season, name=MIXTURE)([network.output, *forecasts])
    return keras.Model(inputs, mixed, name=network.name)


def apart(model: keras.Model) -> list[keras.KerasTensor]:
    """What each method gives: the network, then those of ``wide`` in their order."""
    return list(model.get_layer(MIXTURE).input)


def parts(model: keras.Model, spec: ForecastModel) -> dict[str, keras.Model]:
    """Each method alone, by title."""
    names = (NETWORK, *spec.wide)
    return {
        f"{name.replace('_', ' ')} alone": keras.Model(model.input, forecast)
        for name, forecast in zip(names, apart(model), strict=True)
    }


def set_shares(model: keras.Model, ends: NDArray[np.floating]) -> None:
    """Set the shares of the first and of the last step (2, methods)."""
    model.get_layer(MIXTURE).ends.assign(ends)


def shares_of(model: keras.Model) -> NDArray[np.floating]:
    """How much each method counts at the first and the last step (2, methods)."""
    return np.asarray(model.get_layer(MIXTURE).ends)
