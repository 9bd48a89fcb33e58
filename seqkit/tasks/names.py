"""Names as TensorFlow's graphs take them."""

from __future__ import annotations

import re


def graph_name(name: str) -> str:
    """A recipe's name as TensorFlow's name scopes take it: plain letters and digits.

    >>> graph_name("my récipe 1")
    'my_r_cipe_1'
    """
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    return plain or "model"


def static_name(column: str) -> str:
    """What the serving model of a forecaster calls the input of a static column."""
    return f"static_{graph_name(column)}"
