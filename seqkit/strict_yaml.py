"""YAML read strictly: every value keeps its file and line, and no trap bites.

PyYAML resolves plain scalars by YAML 1.1, where ``no`` is false, ``1e-3`` is text,
``12:30`` is 750, ``010`` is 8 and a key given twice passes silently. Here scalars are
resolved by the YAML 1.2 core schema without octals, a key given twice is a mistake, and
anchors, tags and merge keys are refused: a recipe is plain data.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seqkit.errors import Mistake, RecipeError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?")
_NUMBERLIKE_ZERO = re.compile(r"[-+]?0[0-9]+")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_SPECIAL = {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}


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

    def where_of(self, path: tuple[str | int, ...]) -> str:
        """Where ``path`` stands, or its nearest parent that exists."""
        node = self
        for part in path:
            try:
                node = node.value[part]
            except (KeyError, IndexError, TypeError):
                break
        return node.where


def node_of(value: Any, where: str) -> Node:
    """Wrap plain Python data, as given in overrides, into nodes at one place."""
    if isinstance(value, dict):
        return Node({str(k): node_of(v, where) for k, v in value.items()}, where)
    if isinstance(value, (list, tuple)):
        return Node([node_of(item, where) for item in value], where)
    return Node(value, where)


def merge(base: Node, over: Node) -> Node:
    """Lay ``over`` upon ``base``: mappings merge key by key, all else is replaced."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    merged = dict(base.value)
    for key, node in over.value.items():
        merged[key] = merge(merged[key], node) if key in merged else node
    return Node(merged, over.where)


def scalar(text: str) -> Any:
    """Resolve a plain scalar: ``1e-3`` is a number, ``no`` and ``12:30`` are text."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if text.lower() in _SPECIAL:
        return _SPECIAL[text.lower()]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and not _NUMBERLIKE_ZERO.fullmatch(text):
        return float(text)
    return text


def read_file(path: Path) -> Node:
    """Read the mapping in a YAML file; raise RecipeError with every mistake in it."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise _refused(str(path), f"cannot be read: {reason}.") from None
    if len(raw) > MAX_BYTES:
        raise _refused(str(path), f"is larger than {MAX_BYTES:,} bytes: no recipe is.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _refused(f"{path}:{line}", "is not UTF-8 text. Save it as UTF-8.") from None
    return read_text(text, str(path))


def read_text(text: str, name: str) -> Node:
    """Read YAML text that holds one mapping; ``name`` stands for it in messages."""
    root = _compose(text, name)
    if root is None:
        raise _refused(name, "is empty. A recipe starts with 'task:'.")
    mistakes: list[Mistake] = []
    node = _Reader(name, mistakes).node(root, "", 0)
    if not isinstance(node.value, dict):
        mistakes.append(
            Mistake(f"{name}:1", "", "must hold keys and values, e.g. 'task: NAME'.")
        )
    if mistakes:
        raise RecipeError(mistakes)
    return node


def read_value(text: str, name: str) -> Any:
    """Read one value as in ``key=value``: ``gru``, ``0.1``, ``[64, 64]``, ``{a: 1}``."""
    root = _compose(text, name)
    if root is None:
        return None
    mistakes: list[Mistake] = []
    node = _Reader(name, mistakes).node(root, "", 0)
    if mistakes:
        raise RecipeError(mistakes)
    return node.plain()


def _compose(text: str, name: str) -> yaml.Node | None:
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, (yaml.AnchorToken, yaml.AliasToken)):
                line = token.start_mark.line + 1
                raise _refused(
                    f"{name}:{line}",
                    "uses an anchor or alias (& or *). Write the value out, or quote "
                    "the text; to share keys between recipes use 'extends'.",
                )
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = error.problem or error.context or "cannot be parsed"
        raise _refused(f"{name}:{line}", f"is not valid YAML: {problem}.") from None
    except (yaml.YAMLError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise _refused(f"{name}:1", f"is not valid YAML: {reason}.") from None
    except RecursionError:
        raise _refused(f"{name}:1", "is nested too deeply for a recipe.") from None


def _refused(where: str, text: str) -> RecipeError:
    return RecipeError([Mistake(where, "", text)])


class _Reader:
    """Turns PyYAML's nodes into ours and collects every mistake on the way."""

    def __init__(self, name: str, mistakes: list[Mistake]) -> None:
        self.name = name
        self.mistakes = mistakes

    def node(self, raw: yaml.Node, key: str, depth: int) -> Node:
        where = f"{self.name}:{raw.start_mark.line + 1}"
        if depth > MAX_DEPTH:
            self._note(where, key, "is nested too deeply for a recipe.")
            return Node(None, where)
        if raw.tag and not raw.tag.startswith("tag:yaml.org,2002:"):
            self._note(where, key, f"has the tag {raw.tag}; a recipe is plain data.")
        elif raw.tag.startswith("tag:yaml.org,2002:python/"):
            self._note(where, key, "has a Python tag; a recipe is plain data.")
        if isinstance(raw, yaml.MappingNode):
            return Node(self._mapping(raw, key, depth), where)
        if isinstance(raw, yaml.SequenceNode):
            items = [
                self.node(item, f"{key}[{i}]", depth + 1)
                for i, item in enumerate(raw.value)
            ]
            return Node(items, where)
        return Node(scalar(raw.value) if raw.style is None else raw.value, where)

    def _mapping(self, raw: yaml.MappingNode, key: str, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for raw_key, raw_value in raw.value:
            where = f"{self.name}:{raw_key.start_mark.line + 1}"
            if not isinstance(raw_key, yaml.ScalarNode):
                self._note(where, key, "has a key that is not a word.")
                continue
            name = raw_key.value
            path = f"{key}.{name}" if key else name
            if name == "<<":
                self._note(where, path, "is a merge key; use 'extends' instead.")
            elif name in found:
                first = found[name].where.rsplit(":", 1)[-1]
                self._note(where, path, f"is given twice (first in line {first}).")
            else:
                value = self.node(raw_value, path, depth + 1)
                # A value may start a line below its key; people look for the key.
                found[name] = Node(value.value, where)
        return found

    def _note(self, where: str, key: str, text: str) -> None:
        self.mistakes.append(Mistake(where, key, text))
