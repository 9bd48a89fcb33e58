"""YAML read strictly: every value keeps its file and line, and no trap bites.

PyYAML resolves plain scalars by YAML 1.1, where ``no`` is false, ``1e-3`` is text,
``12:30`` is 750, ``010`` is 8 and a key given twice passes silently. Here scalars are
resolved by the YAML 1.2 core schema without octals and hexadecimals, a key given twice
is a mistake, and anchors, tags and merge keys are refused: a recipe is plain data.

Only PyYAML's parser is used, which gives events and makes no objects.
"""

from __future__ import annotations

import math
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from seqkit.errors import Mistake, RecipeError
from seqkit.recipe.nodes import Node, is_unicode, shown
from seqkit.shortened import cut

MAX_BYTES = 100_000
MAX_DEPTH = 20

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}


def scalar(text: str) -> Any:
    """Resolve a plain scalar: ``1e-3`` is a number, ``no`` and ``12:30`` are text.

    Raises:
        ValueError: a number is too large for 64 bits.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        if len(text) > 20 or abs(int(text)) >= 2**63:
            raise ValueError("is a number too large for 64 bits.")
        return int(text)
    if _FLOAT.fullmatch(text):
        if math.isinf(float(text)):
            raise ValueError("is a number too large for 64 bits.")
        return float(text)
    return text


def read_file(path: Path, mistakes: list[Mistake]) -> Node:
    """Read the mapping in a YAML file; note its mistakes, go on where that is possible.

    Raises:
        RecipeError: the file cannot be read or holds no mapping; lists the mistakes
            noted before as well.
    """
    raw = _bytes(path, mistakes)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        text = "is not UTF-8 text. Save it as UTF-8."
        raise _refused(mistakes, f"{path}:{line}", text) from None
    return read_text(text, str(path), mistakes)


def read_text(text: str, name: str, mistakes: list[Mistake]) -> Node:
    """Read YAML text that holds one mapping; ``name`` stands for it in messages.

    Notes mistakes and raises as ``read_file`` does.
    """
    node = _Reader(text, name, mistakes).document()
    if node is None:
        text = "is empty. A recipe starts with 'task: NAME'."
        raise _refused(mistakes, name, text)
    if not isinstance(node.value, dict):
        text = f"must hold keys and values ('task: NAME'), got {shown(node.plain())}."
        raise _refused(mistakes, node.where, text)
    return node


def read_value(text: str, name: str) -> Any:
    """Read one value as in ``key=value``: ``gru``, ``0.1``, ``[64, 64]``, ``{a: 1}``.

    Raises:
        RecipeError: the text is not one YAML value.
    """
    mistakes: list[Mistake] = []
    node = _Reader(text, name, mistakes, lines=False).document()
    if mistakes:
        raise RecipeError(mistakes)
    return node.plain() if node else None


def dump(plain: Any) -> str:
    """Write plain data as YAML that ``read_text`` reads back to the same data."""
    text: str = yaml.dump(
        plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=88
    )
    return text


class _Dumper(yaml.SafeDumper):
    """Quotes each text that reading would take for something else; lists in a line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write_text(dumper: _Dumper, text: str) -> yaml.Node:
    try:
        quote = None if isinstance(scalar(text), str) else "'"
    except ValueError:
        quote = "'"
    if any(character in text for character in "\r\x85\u2028\u2029"):
        quote = '"'  # other styles fold these line breaks, this one escapes them
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=quote)


def _write_list(dumper: _Dumper, items: list[Any]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)


_Dumper.add_representer(str, _write_text)
_Dumper.add_representer(list, _write_list)


def _bytes(path: Path, mistakes: list[Mistake]) -> bytes:
    try:
        with open(path, "rb", opener=_regular) as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        # A path with a null character is a ValueError.
        reason = getattr(error, "strerror", None) or str(error)
        raise _refused(mistakes, str(path), f"cannot be read: {reason}.") from None
    if len(raw) > MAX_BYTES:
        text = f"is larger than {MAX_BYTES:,} bytes; no recipe is."
        raise _refused(mistakes, str(path), text)
    return raw


def _regular(path: str, flags: int) -> int:
    """Open a file, but no pipe or device: those may have no end, or wait for ever."""
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return handle
    os.close(handle)
    raise OSError(0, "Is a directory" if stat.S_ISDIR(mode) else "Is not a file")


def _refused(mistakes: list[Mistake], where: str, text: str) -> RecipeError:
    return RecipeError([*mistakes, Mistake(where, "", text)])


class _Reader:
    """Turns the parser's events into nodes and notes every mistake on the way."""

    def __init__(
        self, text: str, name: str, mistakes: list[Mistake], lines: bool = True
    ) -> None:
        self.text = text
        self.name = name
        self.mistakes = mistakes
        self.lines = lines
        self.events: Iterator[yaml.Event] = iter(())

    def document(self) -> Node | None:
        """The one document of the text; None if there is none."""
        try:
            self.events = yaml.parse(self.text, Loader=yaml.SafeLoader)
            next(self.events)  # the start of the stream
            if isinstance(next(self.events), yaml.StreamEndEvent):
                return None
            node = self._node(next(self.events), "", 0)
            next(self.events)  # the end of the document
            after = next(self.events)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._invalid(mark.line if mark else 0, _problem(error)) from None
        except yaml.reader.ReaderError as error:
            line = self.text[: error.position].count("\n")
            problem = (
                f"the character U+{ord(self.text[error.position]):04X} is not allowed"
            )
            raise self._invalid(line, problem) from None
        except (ValueError, OverflowError):
            # PyYAML hands "\\UFFFFFFFF" to chr() as it is.
            raise self._invalid(0, "a \\U escape names no character") from None
        if not isinstance(after, yaml.StreamEndEvent):
            text = "starts a second document. Keep one recipe in a file."
            raise _refused(self.mistakes, self._where(after), text)
        return node

    def _node(self, event: yaml.Event, key: str, depth: int) -> Node:
        where = self._where(event)
        if depth > MAX_DEPTH:
            text = "is nested too deeply for a recipe."
            raise _refused(self.mistakes, where, f"{cut(key, 60)} {text}")
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None:
            text = (
                "uses an anchor or alias (& or *). Write the value out, or quote text"
            )
            self._note(where, key, f"{text}; recipes share keys by 'extends'.")
        if tag is not None:
            self._note(where, key, f"has the tag {tag}; a recipe is plain data.")
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self._mapping(key, depth), where)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(self._list(key, depth), where)
        return Node(self._scalar(event, where, key), where)

    def _list(self, key: str, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event, f"{key}[{len(items)}]", depth + 1))
        return items

    def _mapping(self, key: str, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            where, plain = self._where(event), isinstance(event, yaml.ScalarEvent)
            name = getattr(event, "value", "") or "''"
            path = f"{key}.{name}" if key else name
            self._node(event, path if plain else key, depth + 1)
            value = self._node(next(self.events), path, depth + 1)
            if isinstance(event, yaml.AliasEvent):
                continue  # noted as an alias
            if not plain:
                self._note(where, key, "has a key that is not a word.")
            elif name == "<<":
                self._note(where, path, "is a merge key; use 'extends' instead.")
            elif name in found:
                first = found[name].where.rsplit(":", 1)[-1]
                self._note(where, path, f"is given twice (first in line {first}).")
            else:
                # A value may start a line below its key; people look for the key.
                found[name] = Node(value.value, where)
        return found

    def _scalar(self, event: Any, where: str, key: str) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return None
        if not is_unicode(event.value):
            self._note(where, key, "holds half a character (U+D800 to U+DFFF).")
            return None
        if not event.implicit[0] and event.tag is None:
            return event.value  # quoted, or a block of text
        try:
            return scalar(event.value)
        except ValueError as error:
            self._note(where, key, str(error))
            return None

    def _where(self, event: yaml.Event) -> str:
        mark = event.start_mark
        return f"{self.name}:{mark.line + 1}" if self.lines and mark else self.name

    def _note(self, where: str, key: str, text: str) -> None:
        self.mistakes.append(Mistake(where, key, text))

    def _invalid(self, line: int, problem: str) -> RecipeError:
        where = f"{self.name}:{line + 1}" if self.lines else self.name
        mend = "" if self.lines else " Put it in quotes."
        return _refused(self.mistakes, where, f"is not valid YAML: {problem}.{mend}")


def _problem(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "it cannot be parsed"
    if "'\\t'" in problem:
        problem += ". Indent with spaces, not tabs"
    return " ".join(problem.split())
