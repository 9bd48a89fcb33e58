"""Plain competitors for models that write a text for each text.

Every one answers ``{"output": texts}``. What was fitted is plain arrays: ``arrays``
gives them, and ``from_arrays`` takes them back. ``pairs_lexicon.Lexicon`` and
``pairs_nearest.NearestSource`` are fitted on training rows; those here are not.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.pairs.rows import references
from seqkit.data.sources.sample_dates import FIRST_YEAR
from seqkit.tasks.base import Baseline, Examples

MOST_PAIRS, MOST_LETTERS = 50_000, 50_000_000
"""Rows, and letters in all, that a baseline is fitted on at most."""

_SENTENCE_END = re.compile(
    # Behind a mark that ends one, and behind what closes a quotation or a bracket.
    r"(?<=[.!?\u2026])\s+|(?<=[.!?\u2026][\"')\]\u201d\u2019\u00bb])\s+"
    r"|(?<=[\u3002\uff01\uff1f])"
)
_LOCALE = re.compile(r"[a-z]{2,3}(?:_[A-Z][a-z]{3})?(?:_[A-Z]{2})?: ")


class PairBaseline(Baseline):
    """Answers as a model of pairs does: a text for each text."""

    def outputs(self, inputs: list[str]) -> dict[str, list[str]]:
        return {"output": [self.output(text) for text in inputs]}

    @abstractmethod
    def output(self, text: str) -> str:
        """What is answered to one input."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        return cls()


class Copy(PairBaseline):
    """Answers the input itself."""

    kind = "copy"
    title = "copy of the input"

    def output(self, text: str) -> str:
        return text


class Title(PairBaseline):
    """Answers the first line, which is the title where ``data.title`` names one."""

    kind = "title"
    title = "title"

    def output(self, text: str) -> str:
        return text.partition("\n")[0]


class Lead(PairBaseline):
    """Answers the first sentence.

    Args:
        titled: whether the first line is a title and not part of the text.
    """

    kind = "lead"
    title = "first sentence"

    def __init__(self, titled: bool = False) -> None:
        self.titled = titled

    def output(self, text: str) -> str:
        body = text.partition("\n")[2] if self.titled else text
        return next(iter(sentences(body)), "")

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"titled": np.array(self.titled)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        return cls(bool(arrays["titled"]))


def of_summaries(titled: bool) -> list[Baseline]:
    """The first sentence, and the title where there is one."""
    return [Lead(titled), *([Title()] if titled else [])]


class Dateutil(PairBaseline):
    """Answers the date that ``dateutil`` reads, as YYYY-MM-DD; nothing if it fails.

    It knows English names alone. A locale before the date (``de: 1.2.1999``) is left
    out. Years of two digits are of the hundred years from FIRST_YEAR on.

    Args:
        day_first: whether 1/2/1999 is the first of February.
    """

    kind = "dateutil"

    def __init__(self, day_first: bool) -> None:
        self.day_first = day_first
        self.title = f"dateutil, {'day' if day_first else 'month'} first"

    @classmethod
    def applies(cls, chunks: Iterable[Examples]) -> bool:
        """Whether every output is a date as YYYY-MM-DD."""
        outputs = [references(one)[0] for chunk in chunks for one in chunk.truth]
        return bool(outputs) and all(map(is_iso_date, outputs))

    @cached_property
    def _parser(self) -> Any:
        # It does not say its types.
        from dateutil import parser as library

        class Info(library.parserinfo):
            """Years that do not depend on today."""

            def convertyear(self, year: int, century_specified: bool = False) -> int:
                if century_specified or year >= 100:
                    return year
                return FIRST_YEAR + (year - FIRST_YEAR) % 100

        return library.parser(Info(dayfirst=self.day_first))

    def output(self, text: str) -> str:
        text = _LOCALE.sub("", text, count=1)
        try:
            # What a text lacks is of this date and not of today.
            read = self._parser.parse(text, default=datetime(FIRST_YEAR, 1, 1))
        except (ValueError, OverflowError, TypeError, AttributeError):
            return ""
        return read.date().isoformat()

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"day_first": np.array(self.day_first)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        return cls(bool(arrays["day_first"]))


def is_iso_date(text: str) -> bool:
    """Whether a text is a date of the calendar as YYYY-MM-DD.

    >>> is_iso_date("2024-02-29"), is_iso_date("2023-02-29"), is_iso_date("2/7/99")
    (True, False, False)
    """
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def sentences(text: str) -> list[str]:
    """The sentences of a text: its lines; those of a single line end at marks.

    >>> sentences("It rains. Does it?"), sentences("Rain, i.e. water.\\nYes")
    (['It rains.', 'Does it?'], ['Rain, i.e. water.', 'Yes'])
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) != 1:
        return lines
    return [one.strip() for one in _SENTENCE_END.split(lines[0]) if one.strip()]


def training_pairs(chunks: Iterable[Examples]) -> tuple[list[str], list[str], int]:
    """Inputs and outputs, evenly thinned where they are many; and how many there were.

    Of several references the first is taken.
    """
    inputs: list[str] = []
    outputs: list[str] = []
    seen = letters = 0
    step = 1
    for chunk in chunks:
        for text, truth in zip(chunk.inputs, chunk.truth, strict=True):
            if seen % step == 0:
                inputs.append(text)
                outputs.append(references(truth)[0])
                letters += len(text) + len(outputs[-1])
            seen += 1
            if len(inputs) > MOST_PAIRS or letters > MOST_LETTERS and len(inputs) > 1:
                inputs, outputs, step = inputs[::2], outputs[::2], 2 * step
                letters = sum(map(len, inputs)) + sum(map(len, outputs))
    return inputs, outputs, seen


def fitted_on(rows: int, all_rows: int) -> str:
    """What a title says of a baseline that was fitted on a part of the rows."""
    return "" if rows == all_rows else f" (on {rows:,} of {all_rows:,} rows)"
