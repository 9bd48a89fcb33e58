"""64 bits of what a row holds, the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def hash_bytes(raw: bytes) -> int:
    """64 bits of bytes."""
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "little")


def hash_text(text: str) -> int:
    """64 bits of a text."""
    return hash_bytes(text.encode("utf-8", "surrogatepass"))


def hash_texts(texts: Sequence[str]) -> int:
    """64 bits of a list of texts."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    # The length first, so that ["ab", "c"] is another row than ["a", "bc"].
    return hash_bytes(b"".join(len(raw).to_bytes(4, "little") + raw for raw in encoded))
