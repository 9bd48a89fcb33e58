"""What the graph does with each character, asked of TensorFlow itself.

Python's tables of Unicode are of another version than TensorFlow's, and differ from one
Python to the next. An export therefore carries the graph's own, so that ``encode.py``
gives the ids of the graph on any Python.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import tensorflow as tf

from seqkit.layers.text import WORD_RULES, fold_case

SURROGATES = range(0xD800, 0xE000)


def character_tables(level: str, lowercase: bool) -> dict[str, Any]:
    r"""The rules of a text encoder with all that they need to know of characters.

    ``rules``: (pattern, replacement) in order; ``classes``: for each ``\p{NAME}`` in
    them, the ranges (first, last) of code points; ``lower``: the letters that have a
    lower case.
    """
    rules = WORD_RULES if level == "word" else ()
    names = sorted(set(re.findall(r"\\p{(\w+)}", " ".join(rule for rule, _ in rules))))
    return {
        "rules": [list(rule) for rule in rules],
        "classes": {name: _ranges(name) for name in names},
        "lower": _lower() if lowercase else {},
    }


@cache
def _all_characters() -> tuple[list[str], tf.Tensor]:
    # NUL never gets here: a space stands for it before any rule.
    characters = [chr(c) for c in range(1, 0x110000) if c not in SURROGATES]
    return characters, tf.constant([c.encode() for c in characters])


@cache
def _ranges(name: str) -> list[tuple[int, int]]:
    characters, encoded = _all_characters()
    inside = tf.strings.regex_full_match(encoded, rf"\p{{{name}}}").numpy()
    points = [ord(characters[position]) for position in np.flatnonzero(inside)]
    ends = [last for last, first in pairwise(points) if first != last + 1]
    starts = [first for last, first in pairwise(points) if first != last + 1]
    return list(zip([points[0], *starts], [*ends, points[-1]], strict=True))


@cache
def _lower() -> dict[str, str]:
    characters, encoded = _all_characters()
    lowered = fold_case(encoded).numpy()
    changed = np.flatnonzero(lowered != encoded.numpy())
    return {characters[position]: lowered[position].decode() for position in changed}
