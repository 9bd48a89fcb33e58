"""``sample:tags``: sentences with names that only their context tells apart.

Every name may be a person's, a place's or a firm's (``Austin``, ``Ford``, ``May``),
so that the tag a word mostly has says little. What decides may stand beside the
name or many tokens away, before it or behind it:

    We flew to [Austin place].
    [Austin person], to be honest, plays the flute.
    [Austin place], as [Victoria person] said last week, lies on a river.
    [Austin firm], unlike [Florence firm], paid no dividend.
    On the map: [Austin place], [New Ford place] and [Sydney place].

Names may be of several tokens (``Austin Ford`` is one person, ``Austin & Ford`` one
firm), and one of them, ``May``, is mostly a month. Columns are ``tokens`` and ``tags``,
lists of text, tags in iob2. Whoever reads whole sentences can make no mistake: there is
no noise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

SEED = 0
TRAIN_ROWS, TEST_ROWS = 1600, 400
TYPES = ("person", "place", "firm")

TWO_CLAUSES = 0.3
"""Share of sentences of two clauses."""

NAMES = (
    "Austin Carson Chelsea Denver Douglas Florence Ford Houston Hudson Jordan Lincoln "
    "Madison May Morgan Orlando Paris Phoenix Sydney Victoria Wells"
).split()
FORMS = {
    "person": ("{n}", "{n}", "{n}", "{n} {m}"),
    "place": ("{n}", "{n}", "{n}", "{n}", "New {n}", "{n} Bay"),
    "firm": ("{n}", "{n}", "{n}", "{n}", "{n} & {m}", "{n} Bank", "Bank of {n}"),
}
"""How a name of each type is written; ``{n}`` and ``{m}`` are two of NAMES."""

NEAR = {
    # What decides stands beside the name.
    "person": (
        "{person} said that it was true",
        "I met {person} at noon",
        "a letter from {person} was read aloud",
        "my cousin {person} has called again",
    ),
    "place": (
        "we flew to {place} in May",
        "the road to {place} is closed",
        "they moved away from {place} last year",
        "the mayor of {place} has resigned",
    ),
    "firm": (
        "shares of {firm} fell at noon",
        "{firm} shares rose in May",
        "the board of {firm} has resigned",
        "I work at {firm} and so does she",
    ),
}
FAR = {
    # What decides stands behind an aside, or in the next sentence.
    "person": (
        "married a dentist",
        "snores at night",
        "plays the flute",
        "was born in May",
        "owns two dogs",
    ),
    "place": (
        "lies on a river",
        "has nine bridges",
        "was flooded twice",
        "is colder in May",
        "has one airport",
    ),
    "firm": (
        "paid no dividend",
        "hired forty engineers",
        "was merged twice",
        "makes cheap tyres",
        "issues bonds in May",
    ),
}
ASIDES = (
    "to be honest",
    "as everybody knows",
    "and this may surprise you",
    "as {person} said last week",
    "as we read on the road to {place}",
    "as the board of {firm} wrote",
    "unlike {same}",
    "much like {same} and {same}",
)
FRAMES = (
    "{same} , {aside} , {far}",
    "do you know {same} ? {aside} , {far}",
    "I read about {same} : {aside} , {far}",
)
LISTS = {
    "person": "on the guest list : {same} , {same} and {same}",
    "place": "on the map : {same} , {same} and {same}",
    "firm": "on the stock list : {same} , {same} and {same}",
}
PLAIN = (
    "it rained in May and in June",
    "nobody was at home",
    "the river is high and the bridges are closed",
    "no dividend was paid at all",
)
_SLOT = re.compile(r"\{(\w+)\}")

Tagged = list[tuple[str, str]]
"""Tokens with their tags."""


def tags() -> dict[str, pd.DataFrame]:
    """Parts ``train`` (1,600 rows) and ``test`` (400), columns ``tokens``, ``tags``."""
    import pandas as pd

    # Only random() is drawn from: its sequence is the same in every version of Python.
    random = Random(SEED)
    rows: dict[tuple[str, ...], list[str]] = {}
    while len(rows) < TRAIN_ROWS + TEST_ROWS:
        sentence = _sentence(random)
        rows.setdefault(tuple(token for token, _ in sentence), [t for _, t in sentence])
    tokens = pd.Series(list(map(list, rows)), dtype=object)
    frame = pd.DataFrame({"tokens": tokens, "tags": pd.Series(list(rows.values()))})
    return {
        "train": frame[:TRAIN_ROWS],
        "test": frame[TRAIN_ROWS:].reset_index(drop=True),
    }


def _sentence(random: Random) -> Tagged:
    sentence = _clause(random)
    if random.random() < TWO_CLAUSES:
        sentence += [("while", "O"), *_clause(random)]
    first, tag = sentence[0]
    return [(first[0].upper() + first[1:], tag), *sentence[1:], (".", "O")]


def _clause(random: Random) -> Tagged:
    type_ = _pick(random, TYPES)
    kind = random.random()
    if kind < 0.05:
        return _filled(random, _pick(random, PLAIN), type_)
    if kind < 0.25:
        return _filled(random, _pick(random, NEAR[type_]), type_)
    if kind < 0.4:
        return _filled(random, LISTS[type_], type_)
    frame = _pick(random, FRAMES).replace("{aside}", _pick(random, ASIDES))
    frame = frame.replace("{far}", _pick(random, FAR[type_]))
    return _filled(random, frame, type_)


def _filled(random: Random, template: str, type_: str) -> Tagged:
    """The tokens of a template, with a name in each slot; ``same`` is of ``type_``."""
    tagged: Tagged = []
    for word in template.split():
        if slot := _SLOT.fullmatch(word):
            tagged += _name(random, type_ if slot[1] == "same" else slot[1])
        else:
            tagged.append((word, "O"))
    return tagged


def _name(random: Random, type_: str) -> Iterator[tuple[str, str]]:
    first = int(random.random() * len(NAMES))
    step = 1 + int(random.random() * (len(NAMES) - 1))
    second = NAMES[(first + step) % len(NAMES)]
    words = _pick(random, FORMS[type_]).format(n=NAMES[first], m=second).split()
    return zip(words, [f"B-{type_}", *[f"I-{type_}"] * (len(words) - 1)], strict=True)


def _pick(random: Random, options: Sequence[str]) -> str:
    return options[int(random.random() * len(options))]
