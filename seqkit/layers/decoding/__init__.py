"""From a step to whole answers: greedily, by beam search, or drawn by chance.

All three loops stand in the graph, in core operations of TensorFlow: an export holds
them, for batches of any size. What is written for a row depends on that row alone.
"""

from seqkit.layers.decoding.beams import beam
from seqkit.layers.decoding.decoder import Decoded, Decoder
from seqkit.layers.decoding.paths import greedy, sample

__all__ = ["Decoded", "Decoder", "beam", "greedy", "sample"]
