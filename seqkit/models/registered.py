"""Importing this registers every layer that a saved model may hold.

``keras.saving.load_model`` reads a ``.keras`` file of ours once it has been imported.
"""

import seqkit.layers
import seqkit.models.extractor
import seqkit.models.pairs.writer  # noqa: F401
