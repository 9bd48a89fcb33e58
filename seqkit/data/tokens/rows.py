"""Rows of tokens and their tags, read from the frames of any source and checked.

A cell is a list (jsonl, parquet, conll, TFDS, DataFrames), a JSON list as text (csv),
or plain text: that is cut at its spaces, or into letters where ``level`` is character.
Tokens stay as they are otherwise: nothing is stripped, folded or left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from seqkit.data.rows.hashes import hash_texts
from seqkit.data.rows.labels import label_text
from seqkit.data.rows.missing import is_missing, tell_dropped
from seqkit.data.rows.reading import AnsweredRows, Reading
from seqkit.data.sources.base import Source
from seqkit.data.tokens.places import cut_texts
from seqkit.data.tokens.spec import TaggedText
from seqkit.errors import DataError
from seqkit.recipe.nodes import is_unicode
from seqkit.shortened import cut, shortened


class TokensReading(Reading[list[str]]):
    """Reads rows of tokens as a recipe's ``data`` section says."""

    spec: TaggedText
    thing, things = "sentence", "sentences"
    inputs_key = "tokens"
    hash = staticmethod(hash_texts)

    def rows(
        self, source: Source, part: str, answers: bool = True, tell: bool = False
    ) -> Iterator[AnsweredRows[list[str]]]:
        """A part of ``source``; groups come with answers, where ``spec`` names them.

        Raises:
            DataError: tokens and tags of a row are not equally many, are no lists, or
                are missing under ``missing: error``.
        """
        spec = self.spec
        groups = [spec.groups] if answers and spec.groups else []
        columns = [spec.tokens, *([spec.tags] if answers else []), *groups]
        names = tag_names(source, spec) if answers else ()
        start = dropped = 0
        for frame in source.chunks(part, columns):
            read: AnsweredRows[list[str]] = AnsweredRows([], [])
            cells = [frame[column].tolist() for column in columns]
            for number, row in enumerate(zip(*cells, strict=True), start + 1):
                where = f"Row {number:,} of {source.name}"
                sentence = _sentence(row[: 1 + answers], where, spec, names)
                if sentence is None:
                    dropped += 1
                    continue
                read.inputs.append(sentence[0])
                read.answers.extend([sentence[1]] if answers else [])
                read.groups.extend([_group(row[-1])] if groups else [])
                read.numbers.append(number)
            if read.inputs:
                yield read
            start += len(frame)
        if tell:
            tell_dropped(dropped, start, "rows", source.name, "token or tag")


def tag_names(source: Source, spec: TaggedText) -> tuple[str, ...]:
    """Names of tags that are numbers: the recipe's, else those of a TFDS data set."""
    if spec.tag_names:
        return spec.tag_names
    features: Any = getattr(source, "_features", {})
    feature = features[spec.tags] if spec.tags in features else None
    label = getattr(feature, "feature", feature)  # of each item of a sequence
    return tuple(getattr(label, "names", None) or ())


def checked_tokens(values: Sequence[Any], spec: TaggedText) -> list[list[str]]:
    """Sentences that are given from Python: lists of tokens, or text.

    Text is cut into words, numbers and single marks (``places.cut_texts``), or into its
    letters where these are the tokens.

    Raises:
        DataError: one is no list or text, or has no token or a blank one.
    """
    strict = spec.model_copy(update={"missing": "error"})
    if spec.level == "word":
        cuts = iter(cut_texts([one for one in values if isinstance(one, str)]))
        values = [next(cuts) if isinstance(one, str) else one for one in values]
    sentences = []
    for row, value in enumerate(values, 1):
        sentence = _sentence((value,), f"Sentence {row:,}", strict, ())
        assert sentence
        sentences.append(sentence[0])
    return sentences


def _sentence(
    cells: Sequence[Any], where: str, spec: TaggedText, names: tuple[str, ...]
) -> tuple[list[str], list[str]] | None:
    """Tokens and tags of one row, whose cells may hold tokens alone.

    None where it is left out.
    """
    is_tagged = len(cells) == 2
    tokens = _cell(cells[0], spec.tokens, where, spec)
    labels = _cell(cells[1], spec.tags, where, spec) if is_tagged else []
    wrong = _lacks(tokens, spec.tokens, "token") or (
        _lacks(labels, spec.tags, "tag") if is_tagged else ""
    )
    if wrong and spec.missing == "drop":
        return None
    if wrong:
        raise DataError(f"{where} {wrong}. Mend it, or set data.missing to drop.")
    assert tokens is not None and labels is not None
    if is_tagged and len(tokens) != len(labels):
        raise DataError(
            f"{where} has {len(tokens):,} tokens in column {spec.tokens!r}, but "
            f"{len(labels):,} tags in {spec.tags!r}. Give each token one tag."
        )
    texts = [_text(token, spec.tokens, where) for token in tokens]
    if spec.level == "character":
        _check_letters(texts, spec.tokens, where)
    return texts, [_tag(label, spec.tags, where, names) for label in labels]


def _cell(cell: Any, column: str, where: str, spec: TaggedText) -> list[Any] | None:
    """One cell as a list; None where it is missing."""
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8", "replace")
    if isinstance(cell, str):
        return _from_text(cell, column, where, spec)
    if isinstance(cell, np.ndarray) and cell.ndim == 1:
        return cell.tolist()
    if isinstance(cell, (list, tuple)):
        return list(cell)
    if is_missing(cell):
        return None
    raise DataError(
        f"{where} holds {shortened(cell)} in column {column!r}, where a list of tokens "
        "or tags belongs. Put a whole sentence in each row, or name another column."
    )


def _from_text(text: str, column: str, where: str, spec: TaggedText) -> list[Any]:
    if spec.level == "character":
        return list(text)
    if not text.startswith("["):
        return text.split()
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if isinstance(values, list) and (
        column == spec.tags or all(isinstance(value, str) for value in values)
    ):
        return values
    # A sentence may begin with a bracket, but what looks like a list is meant as one.
    if text.startswith(("['", '["')):
        raise DataError(
            f"{where}, column {column!r}, holds {shortened(text)}, which is no JSON "
            'list of texts. Write it as in ["B-person", "O"].'
        )
    return text.split()


def _lacks(values: list[Any] | None, column: str, unit: str) -> str:
    """What is missing in a cell, for a message; "" if nothing is."""
    if values is None:
        return f"has nothing in column {column!r}"
    if not values:
        return f"has no {unit} in column {column!r}: its list is empty"
    for place, value in enumerate(values, 1):
        is_text = isinstance(value, (str, bytes))
        # A token may be a space, where letters are tokens; a tag may not.
        is_blank = is_text and not (value.strip() if unit == "tag" else value)
        if is_blank or is_missing(value):
            return f"has a blank {unit} in column {column!r}, {unit} {place:,}"
    return ""


def _text(value: Any, column: str, where: str) -> str:
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError:
            raise DataError(
                f"{where}, column {column!r}, holds {shortened(value)}, which is not "
                "UTF-8 text. Mend it."
            ) from None
    if isinstance(value, (list, tuple, dict, set, np.ndarray)):
        raise DataError(
            f"{where}, column {column!r}, holds the list {shortened(value)} among its "
            "items. Give each token and each tag as text."
        )
    text = label_text(value)
    if not is_unicode(text):
        raise DataError(
            f"{where}, column {column!r}, holds half a character (U+D800 to U+DFFF) in "
            f"{shortened(text)}. Write it anew."
        )
    return text


def _check_letters(tokens: list[str], column: str, where: str) -> None:
    wrong = next((token for token in tokens if len(token) > 1), None)
    if wrong is not None:
        raise DataError(
            f"{where}, column {column!r}, holds the token {shortened(wrong)} where "
            "level: character takes one letter each. Give text, or set data.level to "
            "word."
        )


def _tag(value: Any, column: str, where: str, names: tuple[str, ...]) -> str:
    """A tag as text; a whole number becomes the name that stands at its place."""
    if not names or isinstance(value, (str, bytes, bool)):
        return _text(value, column, where)
    text = label_text(value)
    number = int(text) if text.isdecimal() else -1
    if not 0 <= number < len(names):
        raise DataError(
            f"{where}, column {column!r}, holds the tag {shortened(value)}, but there "
            f"are {len(names)} names, for 0 to {len(names) - 1}: "
            f"{', '.join(cut(name, 60) for name in names[:20])}. Mend it, or name all "
            "tags in data.tag_names."
        )
    return names[number]


def _group(value: Any) -> str:
    return "" if is_missing(value) else label_text(value)
