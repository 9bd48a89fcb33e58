"""How tags spell spans: plain tags, IOB1, IOB2 (BIO) and IOBES (BIOES).

    token    Ana   Berg  met   Ito   Luca
    iob1     I-p   I-p   O     I-p   B-p      B only where two of one type touch
    iob2     B-p   I-p   O     B-p   B-p      every span begins with B
    iobes    B-p   E-p   O     S-p   S-p      B, I, E (last), S (alone)

Plain tags (parts of speech, say) stand for themselves: they spell no spans, and every
move from one to the next is legal.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from seqkit.errors import DataError, UsageError
from seqkit.shortened import shortened

PLAIN, IOB1, IOB2, IOBES = SCHEMES = ("plain", "iob1", "iob2", "iobes")
OUTSIDE = "O"

PREFIXES = {IOB1: "OIB", IOB2: "OIB", IOBES: "OIBES"}
"""How tags of each scheme begin."""

WHOLE = {IOB1: ("IB", "IB"), IOB2: ("B", "BI"), IOBES: ("BS", "ES")}
"""How the first and the last tag of a whole span begin."""

Edge = str | None
"""A tag, or None for what is before the first and behind the last."""


class Span(NamedTuple):
    """The tokens from ``start`` up to, but not including, ``end``."""

    start: int
    end: int
    type: str


def parsed(tag: str, scheme: str) -> tuple[str, str] | None:
    """A tag's prefix and type; None where it is no tag of ``scheme``.

    >>> parsed("B-creative-work", "iob2")
    ('B', 'creative-work')
    >>> parsed("I", "iob2"), parsed("O", "iob2"), parsed("NOUN", "iob2")
    (('I', ''), ('O', ''), None)
    """
    prefix, dash, type_ = tag.partition("-")
    if len(prefix) != 1 or prefix not in PREFIXES[scheme]:
        return None
    if bool(dash) != bool(type_) or (prefix == OUTSIDE and dash):
        return None
    return prefix, type_


def span_types(tags: Sequence[str], scheme: str) -> tuple[str, ...]:
    """The types of spans that ``tags`` can spell, sorted, each once."""
    if scheme == PLAIN:
        return ()
    pairs = (_checked(tag, scheme) for tag in tags)
    return tuple(sorted({type_ for prefix, type_ in pairs if prefix != OUTSIDE}))


def is_legal(before: Edge, after: Edge, scheme: str) -> bool:
    """Whether one tag may follow another; None is an end of the sentence.

    >>> is_legal("B-per", "I-per", "iob2"), is_legal(None, "I-per", "iob2")
    (True, False)
    """
    if scheme == PLAIN:
        return True
    first, type_before = _checked(before or OUTSIDE, scheme)
    second, type_after = _checked(after or OUTSIDE, scheme)
    is_same = first != OUTSIDE and type_before == type_after
    if scheme != IOBES:
        return is_same or second != ("B" if scheme == IOB1 else "I")
    # In IOBES, B and I are always followed by I or E of the same type.
    is_open, goes_on = first in "BI", second in "IE"
    return is_open == goes_on and (is_same or not goes_on)


def illegal_moves(tags: Sequence[str], scheme: str) -> list[int]:
    """Positions of tags that may not follow the one before.

    ``len(tags)`` is among them where the last one may not be last.

    >>> illegal_moves(["I-x", "I-x", "O", "I-x"], "iob2")
    [0, 3]
    """
    moves = enumerate(pairwise((None, *tags, None)))
    return [place for place, move in moves if not is_legal(*move, scheme)]


def spans(tags: Sequence[str], scheme: str) -> list[Span]:
    """The spans of one sentence, strictly read, as seqeval does in its strict mode.

    In iob2 a span begins with B and takes the I of its type that follow. In iobes it is
    S, or goes from B over I to E of one type. In iob1 it begins with B, or with I where
    the tag before is of another type. What makes no whole span is none.

    >>> spans(["B-per", "I-per", "O", "I-loc"], "iob2")
    [Span(start=0, end=2, type='per')]
    """
    if scheme == PLAIN:
        return []
    firsts, lasts = WHOLE[scheme]
    return [
        span
        for span in _runs(tags, scheme)
        if tags[span.start][0] in firsts and tags[span.end - 1][0] in lasts
    ]


def tag_runs(tags: Sequence[str]) -> list[Span]:
    """Runs of one plain tag, without those of ``O``.

    >>> [tuple(run) for run in tag_runs(["h", "h", "O", "e"])]
    [(0, 2, 'h'), (3, 4, 'e')]
    """
    return _runs([tag if tag == OUTSIDE else f"I-{tag}" for tag in tags], IOB1)


def convert(tags: Sequence[str], scheme: str, to: str) -> list[str]:
    """The same spans in the scheme ``to``: iob2 or iobes.

    Raises:
        DataError: a tag is none of ``scheme``, or may not follow the one before.
        UsageError: tags are to become, or are, plain while the other scheme is not.
    """
    if scheme == to == PLAIN:
        return list(tags)
    if to not in (IOB2, IOBES) or scheme == PLAIN:
        raise UsageError(
            f"Tags are converted from iob1, iob2 or iobes to iob2 or iobes, got "
            f"{scheme!r} to {to!r}."
        )
    wrong = illegal_moves(tags, scheme)
    if wrong:
        raise DataError(f"{illegal_move(tags, wrong[0], scheme)} Mend the tags.")
    return written(spans(tags, scheme), len(tags), to)


def written(spans: Sequence[Span], tokens: int, scheme: str) -> list[str]:
    """The tags of a sentence of ``tokens`` tokens with these spans.

    >>> written([Span(1, 2, "loc")], 3, "iobes")
    ['O', 'S-loc', 'O']
    """
    tags = [OUTSIDE] * tokens
    before = Span(-1, -1, "")
    for span in spans:
        start, end, type_ = span
        prefixes = ["B", *"I" * (end - start - 1)]
        if scheme == IOBES:
            prefixes[-1] = "S" if len(prefixes) == 1 else "E"
        elif scheme == IOB1 and before[1:] != (start, type_):
            prefixes[0] = "I"
        ending = f"-{type_}" if type_ else ""
        tags[start:end] = [prefix + ending for prefix in prefixes]
        before = span
    return tags


def mended(tags: Sequence[str], scheme: str) -> list[str]:
    """Tags with every illegal move made legal, as CoNLL's own script reads them.

    A tag that continues nothing begins a span, and one that has no end ends where its
    type does. Legal tags stay as they are.

    >>> mended(["I-x", "O", "I-y", "I-y"], "iob2")
    ['B-x', 'O', 'B-y', 'I-y']
    """
    if scheme == PLAIN:
        return list(tags)
    return written(_runs(tags, scheme), len(tags), scheme)


def illegal_move(tags: Sequence[str], place: int, scheme: str) -> str:
    """What is wrong at one of ``illegal_moves``, in a sentence."""
    before = shortened(tags[place - 1]) if place else "the start"
    after = shortened(tags[place]) if place < len(tags) else "the end"
    return f"In {scheme}, {after} may not follow {before} (token {place + 1})."


def _runs(tags: Sequence[str], scheme: str) -> list[Span]:
    """The spans of one sentence as CoNLL's own script reads them, whole or not."""
    runs: list[Span] = []
    before = (OUTSIDE, "")
    for place, tag in enumerate(tags):
        prefix, type_ = _checked(tag, scheme)
        if prefix != OUTSIDE:
            is_new = prefix in "BS" or before[0] in "OES" or before[1] != type_
            start = place if is_new else runs.pop().start
            runs.append(Span(start, place + 1, type_))
        before = prefix, type_
    return runs


def _checked(tag: str, scheme: str) -> tuple[str, str]:
    pair = parsed(tag, scheme)
    if pair is None:
        raise DataError(
            f"Tags of the scheme {scheme} are O, or one of "
            f"{', '.join(PREFIXES[scheme][1:])} with a type, as in B-person, got "
            f"{shortened(tag)}. Mend it, or set data.scheme to plain."
        )
    return pair
