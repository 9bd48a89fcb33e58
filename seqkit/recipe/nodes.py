"""Plain data in which every value knows the place where it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seqkit.shortened import cut

_BARE = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Node:
    """A YAML value and the place where it stands.

    ``value`` is a scalar, a list of nodes, or a dict of nodes; ``where`` is FILE:LINE.
    """

    value: Any
    where: str

    def plain(self) -> Any:
        """The value with all nested nodes replaced by their plain values."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def texts(self) -> Iterator[str]:
        """Every text in it, the keys too."""
        if isinstance(self.value, dict):
            yield from self.value
        if isinstance(self.value, str):
            yield self.value
        if isinstance(self.value, (dict, list)):
            below = self.value.values() if isinstance(self.value, dict) else self.value
            for node in below:
                yield from node.texts()

    def at(self, part: str | int) -> Node | None:
        """The entry of a mapping or list; None where there is none."""
        if isinstance(self.value, dict):
            return self.value.get(part)
        if isinstance(self.value, list) and isinstance(part, int):
            return self.value[part] if part < len(self.value) else None
        return None


def node_of(value: Any, where: str) -> Node:
    """Wrap plain Python data, as given in overrides, into nodes at one place."""
    if isinstance(value, dict):
        return Node({str(k): node_of(v, where) for k, v in value.items()}, where)
    if isinstance(value, (list, tuple)):
        return Node([node_of(item, where) for item in value], where)
    return Node(value, where)


def merge(base: Node, over: Node, depth: int) -> Node:
    """Lay ``over`` upon ``base``: mappings merge down to ``depth``, all else replaces.

    >>> base = node_of({"a": {"b": 1, "c": 2}}, "one.yaml")
    >>> over = node_of({"a": {"b": 3}}, "two.yaml")
    >>> merge(base, over, depth=2).plain()
    {'a': {'b': 3, 'c': 2}}
    >>> merge(base, over, depth=1).plain()
    {'a': {'b': 3}}
    """
    both = isinstance(base.value, dict) and isinstance(over.value, dict)
    if not both or depth == 0:
        return over
    merged = dict(base.value)
    for key, node in over.value.items():
        merged[key] = merge(merged[key], node, depth - 1) if key in merged else node
    return Node(merged, over.where)


def replaced(tree: Node, path: list[str], over: Node) -> Node:
    """Return ``tree`` with what stands at ``path`` replaced whole by ``over``."""
    if not path:
        return over
    if not isinstance(tree.value, dict):
        tree = Node({}, over.where)
    below = tree.value.get(path[0], Node({}, over.where))
    entry = {path[0]: replaced(below, path[1:], over)}
    return Node(tree.value | entry, tree.where)


def is_unicode(text: str) -> bool:
    """Whether text is free of halves of characters (U+D800 to U+DFFF)."""
    return text.isascii() or not re.search("[\ud800-\udfff]", text)


def shown(value: Any, limit: int = 60) -> str:
    """A value as YAML writes it on one line, shortened, for messages.

    >>> shown({"units": [64, 32], "clip_norm": None})
    '{units: [64, 32], clip_norm: null}'
    """
    if value is None or isinstance(value, bool):
        text = {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, (list, tuple)):
        text = f"[{', '.join(shown(item) for item in value[:limit])}]"
    elif isinstance(value, dict):
        entries = [(str(key), shown(item)) for key, item in list(value.items())[:limit]]
        text = ", ".join(
            f"{k if _BARE.fullmatch(k) else repr(k)}: {v}" for k, v in entries
        )
        text = f"{{{text}}}"
    elif isinstance(value, str):
        text = repr(value[: 2 * limit])
    elif isinstance(value, int) and abs(value) >= 2**63:
        text = "a number too large for 64 bits"  # Python may refuse to print it
    else:
        text = " ".join(repr(value).split())
    return cut(text, limit)
