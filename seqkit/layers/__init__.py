"""Layers that the field has and Keras lacks.

Importing this package registers all of them, so that ``keras.saving.load_model`` can
read a ``.keras`` file that holds them.
"""

from seqkit.layers.decode import LabelDecoder
from seqkit.layers.dropout import TokenDropout
from seqkit.layers.pooling import AttentionPooling, MaskedMaxPooling, MaskedMeanPooling
from seqkit.layers.text import TextEncoder

__all__ = [
    "AttentionPooling",
    "LabelDecoder",
    "MaskedMaxPooling",
    "MaskedMeanPooling",
    "TextEncoder",
    "TokenDropout",
]
