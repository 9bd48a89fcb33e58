"""One pass over tagged rows: what parts them, and what all their tags tell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqkit.data.tokens.codes import TagCounts
from seqkit.data.tokens.rows import TaggedRows
from seqkit.data.tokens.scheme_look import SchemeLook
from seqkit.data.tokens.schemes import PLAIN, mended, span_types
from seqkit.errors import DataError


@dataclass(frozen=True)
class TagScan:
    """What one pass finds: no token is kept."""

    groups: NDArray[np.uint64]
    """(rows,) hash of what keeps rows together: the group, else the tokens."""
    lengths: NDArray[np.int32]
    """(rows,) tokens of each sentence."""
    tags: tuple[str, ...]
    """All tags: O first, then sorted; mended ones of ``scheme``."""
    scheme: str
    types: tuple[str, ...]
    """Of spans, sorted; none where tags are plain."""
    fingerprint: str
    """Changes when a token or a tag does, or their order."""
    remark: str
    """How many tags are illegal in the scheme, in sentences; "" if none is."""

    def ready(self, rows: TaggedRows) -> TaggedRows:
        """Rows whose tags are legal in the scheme: illegal ones begin a span."""
        if self.scheme == PLAIN or not self.remark:
            return rows
        tags = [mended(sentence, self.scheme) for sentence in rows.tags]
        return TaggedRows(rows.tokens, tags, rows.groups)


def scan(
    chunks: Iterable[TaggedRows],
    declared: Literal["auto", "plain", "iob1", "iob2", "iobes"],
    column: str,
    name: str,
) -> TagScan:
    """Read tagged rows once.

    Args:
        chunks: as ``read_tagged`` gives them.
        declared: the recipe's ``data.scheme``.
        column: the column of tags, for messages.
        name: the source's name, for messages.

    Raises:
        DataError: there are no rows, one tag alone, too many, or not those of the
            scheme that is declared.
    """
    look, counts = SchemeLook(name, column), TagCounts()
    groups: list[NDArray[np.uint64]] = []
    lengths: list[NDArray[np.int32]] = []
    digest = hashlib.sha256()
    for rows in chunks:
        look.add(rows.tags)
        counts.add(rows.tags)
        tokens, tags = (hashes(cells) for cells in (rows.tokens, rows.tags))
        digest.update(np.stack([tokens, tags], axis=1).tobytes())
        groups.append(_groups(rows, tokens))
        lengths.append(np.array([len(sentence) for sentence in rows.tokens], np.int32))
    if not groups:
        raise DataError(f"{name} holds no rows to train on.")
    scheme = look.checked(declared)
    remark = look.remark(scheme)
    if remark:
        # A tag that may not begin a span becomes one that does, which may be new.
        counts.add([_begun(tag, scheme) for tag in look.tags])
    tags_in_order = counts.tags(column, name)
    return TagScan(
        np.concatenate(groups),
        np.concatenate(lengths),
        tags_in_order,
        scheme,
        span_types(tags_in_order, scheme),
        digest.hexdigest()[:16],
        remark,
    )


def hashes(rows: Sequence[Sequence[str]]) -> NDArray[np.uint64]:
    """64 bits of each list of texts (rows,), the same on every machine."""
    found = []
    for row in rows:
        digest = hashlib.blake2b(digest_size=8)
        for text in row:
            raw = text.encode("utf-8", "surrogatepass")
            # The length first, so that ["ab", "c"] is another row than ["a", "bc"].
            digest.update(len(raw).to_bytes(4, "little") + raw)
        found.append(int.from_bytes(digest.digest(), "little"))
    return np.array(found, np.uint64)


def _groups(rows: TaggedRows, tokens: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hash of each row's group; of its tokens where it has none."""
    if not rows.groups:
        return tokens
    has_group = np.array([group != "" for group in rows.groups])
    return np.where(has_group, hashes([[group] for group in rows.groups]), tokens)


def _begun(tag: str, scheme: str) -> list[str]:
    """What a tag may become where it is mended: alone, first, inside and last."""
    return [
        one for tags in ([tag], [tag] * 2, [tag] * 3) for one in mended(tags, scheme)
    ]
