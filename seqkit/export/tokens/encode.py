"""Turn raw text into token ids, exactly as the exported model was trained to read it.

Standard library only. It reads the files beside it:

- ``vocabulary.json``: all tokens by id; id 0 is padding, id 1 stands for the unknown.
- ``preprocessing.json``: level (word, character or subword), lowercase, max_timesteps,
  and truncating (pre, post or middle: where a long text loses tokens).
- ``characters.json``: the rules that clean a text, and which characters they speak of.

    encoder = Encoder(".")
    encoder.ids("A film to remember!")     # [12, 20, 6, 374, 9]
    encoder.batch(["good", "very good"])   # [[50, 0], [53, 50]], padded at the end
"""

from __future__ import annotations

import json
import re
from pathlib import Path


class Encoder:
    """The text encoder whose files lie in ``folder``."""

    def __init__(self, folder: str | Path = ".") -> None:
        vocabulary = _read(folder, "vocabulary.json")
        options = _read(folder, "preprocessing.json")
        tables = _read(folder, "characters.json")
        self.level = options["level"]
        self.known = {token: id for id, token in enumerate(vocabulary) if id > 1}
        if self.level == "subword":
            # Pieces of bytes, written <0xC3> where a byte alone is no character.
            self.known = {_raw(piece): id for piece, id in self.known.items()}
        self.longest = max(map(len, self.known), default=0)
        self.truncating = options["truncating"]
        self.max_timesteps = options["max_timesteps"]
        self.lower = {ord(upper): lower for upper, lower in tables["lower"].items()}
        inside = {name: _inside(spans) for name, spans in tables["classes"].items()}
        self.rules = [
            (re.compile(_expanded(pattern, inside), re.ASCII), by)
            for pattern, by in tables["rules"]
        ]

    def ids(self, text: str | bytes) -> list[int]:
        """Encode one text; without any token it is one unknown token."""
        tokens = self.tokens(text)
        return self._truncated([self.known.get(token, 1) for token in tokens] or [1])

    def batch(self, texts: list[str] | list[bytes]) -> list[list[int]]:
        """Encode texts to rows of the same length, padded with 0 at the end."""
        rows = [self.ids(text) for text in texts]
        longest = max(map(len, rows), default=0)
        return [row + [0] * (longest - len(row)) for row in rows]

    def tokens(self, text: str | bytes) -> list[str] | list[bytes]:
        """Cut one text into words, into characters, or into pieces (bytes)."""
        clean = self.clean(text)
        if self.level == "subword":
            return self._pieces(clean.encode("utf-8"))
        return clean.split() if self.level == "word" else list(clean)

    def _pieces(self, raw: bytes) -> list[bytes]:
        """Each piece is the longest that fits where the last one ended."""
        pieces, start = [], 0
        while start < len(raw):
            end = min(start + self.longest, len(raw))
            while raw[start:end] not in self.known:
                end -= 1
            pieces.append(raw[start:end])
            start = end
        return pieces

    def clean(self, text: str | bytes) -> str:
        """Normalise one text; bytes that are not UTF-8 become U+FFFD."""
        raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
        clean = raw.decode("utf-8", "replace").replace("\0", " ").translate(self.lower)
        for pattern, by in self.rules:
            clean = pattern.sub(by, clean)
        return clean

    def _truncated(self, ids: list[int]) -> list[int]:
        limit = self.max_timesteps
        if len(ids) <= limit or self.truncating == "post":
            return ids[:limit]
        head = 0 if self.truncating == "pre" else limit // 2
        return ids[:head] + ids[head - limit :]


def _raw(piece: str) -> bytes:
    byte = re.fullmatch("<0x([89A-F][0-9A-F])>", piece)
    return bytes([int(byte[1], 16)]) if byte else piece.encode("utf-8")


def _read(folder: str | Path, name: str):  # type: ignore[no-untyped-def]
    return json.loads(Path(folder, name).read_text(encoding="utf-8"))


def _inside(spans: list[list[int]]) -> str:
    r"""Ranges of code points as they stand between square brackets."""
    return "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in spans)


def _expanded(pattern: str, inside: dict[str, str]) -> str:
    r"""Put the characters themselves for ``\p{NAME}``, which Python does not know."""
    return re.sub(r"\\p{(\w+)}", lambda match: inside[match[1]], pattern)
