"""What sentences about a comparison call cells, metrics and their advice."""

from __future__ import annotations

SPOKEN = {"lstm": "LSTM", "gru": "GRU", "simple_rnn": "simple RNN", "tcn": "TCN"}
"""How people write the names of cells."""
MEND = "mend the training first (more epochs, another learning rate, more rows)"


def spoken(name: str) -> str:
    """``LSTM`` for ``lstm``; names of one's own as they are."""
    return SPOKEN.get(name, name)


def metric_name(title: str) -> str:
    """A metric's title within a sentence: ``accuracy``, ``MASE``."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
