"""The recurrent cells by name; each gives one Keras layer.

Every factory takes the width and the options that all Keras recurrent layers share
(``return_sequences``, ``dropout``, ``recurrent_dropout``), and gives a layer from
(batch, timesteps, features) to (batch, units), or (batch, timesteps, units).
"""

from __future__ import annotations

from typing import Any

import keras


def simple_rnn(units: int, **options: Any) -> keras.layers.Layer:
    """h_t = tanh(W x_t + U h_{t-1} + b) (Elman 1990)."""
    return keras.layers.SimpleRNN(units, **options)


def lstm(units: int, **options: Any) -> keras.layers.Layer:
    """Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates)."""
    return keras.layers.LSTM(units, **options)


def gru(units: int, **options: Any) -> keras.layers.Layer:
    """Gated recurrent unit, the variant that resets after the product (Cho 2014)."""
    return keras.layers.GRU(units, **options)
