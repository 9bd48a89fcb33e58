"""What plain baselines call a word."""

from __future__ import annotations

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
)
"""Letters of scripts without spaces between words."""
SYMBOLS = "!?\u2600-\u27bf\U0001f300-\U0001faff"
HASHES = 2**31 - 1
"""Words and pairs are told apart by hashes: so many that hardly any two are alike."""
TOKEN = rf"[{UNSPACED}{SYMBOLS}]|[^\W{UNSPACED}]+"
"""A word; or a single letter of a script without spaces, an emoji, ``!`` or ``?``."""
