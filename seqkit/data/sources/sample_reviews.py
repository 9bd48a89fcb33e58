"""``sample:reviews``: film reviews from a small grammar, where word order decides.

Every review tells neutral things about a film and holds one verdict on it. Words alone
do not tell the verdict: it may be a denial ("not really gripping", "nobody would call
the plot dull"), and of two clauses one decides:

    The acting was fine, but the plot was dull.        negative: what follows "but"
    Although the plot was dull, the acting was fine.   positive: "although" stands back
    The acting was fine, even though the plot was dull.  positive: likewise

Nearly half of the reviews end by saying their verdict once more in plain words. 3% of
the labels are then turned round, so no classifier can be expected to score much above
0.97; TF-IDF of words and pairs with logistic regression scores about 0.8.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

SEED = 0
TRAIN_ROWS, TEST_ROWS = 1600, 400
LABELS = ("negative", "positive")
NOISE = 0.03
"""Share of labels that are turned round."""

CONTRASTS = 0.4
"""Share of verdicts that weigh one clause against another."""

SUMMED_UP = 0.45
"""Share of reviews that end by saying their verdict once more, in plain words."""

NEGATED = 0.15
"""Share of clauses that deny the opposite instead of saying the thing."""

FEWEST_WORDS, MOST_WORDS = 8, 60

JUDGEMENTS = (
    # negative, then positive: the index is the label
    "awkward bland boring clumsy dull lifeless messy pointless shallow tedious".split(),
    "charming clever fresh funny gripping honest moving sharp thrilling warm".split(),
)
ASPECTS = (
    "acting camera casting dialogue direction editing ending humour music pacing plot "
    "script story"
).split()
DEGREES = ("", "", "", "really ", "very ", "remarkably ", "particularly ")
SAID = ("was", "was", "seemed", "felt", "turned out to be")
DENIED = (
    "the {aspect} was not {degree}{word}",
    "the {aspect} was hardly {degree}{word}",
    "the {aspect} never felt {degree}{word}",
    "the {aspect} was by no means {degree}{word}",
    "nobody would call the {aspect} {degree}{word}",
    "the {aspect} did not seem {degree}{word} to me",
)
CONTRASTED = (
    # {aside} is said, {verdict} decides
    "{aside}, but {verdict}",
    "{aside}, yet {verdict}",
    "{aside}; still, {verdict}",
    "although {aside}, {verdict}",
    "even though {aside}, {verdict}",
    "{verdict}, although {aside}",
    "{verdict}, even though {aside}",
)
SUMMARIES = (
    "all in all: {word}",
    "in short: {word}",
    "in a word: {word}",
)
NEUTRAL = (
    "I saw {film} on {day} {time}",
    "we watched {film} with {people}",
    "{film} was shot in {place}",
    "{actor} plays a {role} in {film}",
    "{actor} is a {role} from {place}",
    "it runs for {number} minutes",
    "the story begins in {place}",
    "{actor} wrote the script and directed",
    "this is the {order} film that I have seen with {actor}",
    "the cinema was {crowd} {time}",
    "{people} had asked me to come along",
    "after {number} minutes the {role} leaves for {place}",
    "my ticket cost {number} crowns",
    "they showed it in {place} as well",
)
SLOTS: dict[str, Sequence[str]] = {
    "day": ("Monday", "Tuesday", "Friday", "Saturday", "Sunday"),
    "time": ("in the evening", "at noon", "after work", "late at night", "last week"),
    "people": ("my sister", "two friends", "the neighbours", "my class", "my parents"),
    "place": ("Lisbon", "Oslo", "Kyoto", "a small town", "the mountains", "Lima"),
    "role": ("nurse", "sailor", "teacher", "thief", "baker", "detective", "pilot"),
    "order": ("first", "second", "third", "fifth"),
    "crowd": ("half empty", "full", "almost empty", "sold out"),
}
TITLES = (
    "Silent Crimson Last Hidden Northern Paper Second Wandering Golden Winter".split(),
    "Harbour Garden Letter River Witness Orchard Station Mirror Bridge Summer".split(),
)
NAMES = (
    "Ana Bruno Clara Dmitri Elif Farid Greta Hugo Ines Jonas Keiko Luca".split(),
    "Almeida Berg Castillo Dubois Eriksen Fontana Garc\u00eda Haas Ito Jensen".split(),
)
EMOJI = ("\U0001f3ac", "\U0001f37f", "\U0001f3a5", "\U0001f39f")
"""Clapper, popcorn, camera and ticket: they judge nothing."""


def reviews() -> dict[str, pd.DataFrame]:
    """Parts ``train`` (1,600 rows) and ``test`` (400), columns ``text``, ``label``."""
    import pandas as pd

    # Only random() is drawn from: its sequence is the same in every version of Python.
    random = Random(SEED)
    labels: dict[str, str] = {}
    while len(labels) < TRAIN_ROWS + TEST_ROWS:
        text, label = _review(random)
        if random.random() < NOISE:
            label = 1 - label
        if FEWEST_WORDS <= len(text.split()) <= MOST_WORDS:
            labels.setdefault(text, LABELS[label])
    frame = pd.DataFrame({"text": list(labels), "label": list(labels.values())})
    return {
        "train": frame[:TRAIN_ROWS],
        "test": frame[TRAIN_ROWS:].reset_index(drop=True),
    }


def _review(random: Random) -> tuple[str, int]:
    """A review and its label, before any noise."""
    label = int(random.random() < 0.5)
    film = f"The {_pick(random, TITLES[0])} {_pick(random, TITLES[1])}"
    sentences = [_neutral(random, film) for _ in range(1 + int(3 * random.random()))]
    place = int(random.random() * (len(sentences) + 1))
    sentences.insert(place, _verdict(random, label))
    if random.random() < SUMMED_UP:
        word = _pick(random, JUDGEMENTS[label])
        sentences.append(_pick(random, SUMMARIES).format(word=word))
    gap = "<br /><br />" if random.random() < 0.2 else " "
    text = gap.join(_sentence(random, sentence) for sentence in sentences)
    if random.random() < 0.1:
        text += f" {_pick(random, EMOJI)}"
    return text, label


def _verdict(random: Random, label: int) -> str:
    if random.random() >= CONTRASTS:
        return _clause(random, label, _pick(random, ASPECTS))
    first, second = _pick_two(random, ASPECTS)
    aside, verdict = _clause(random, 1 - label, first), _clause(random, label, second)
    return _pick(random, CONTRASTED).format(aside=aside, verdict=verdict)


def _clause(random: Random, label: int, aspect: str) -> str:
    """A clause that judges one aspect of the film as ``label`` says."""
    degree = _pick(random, DEGREES)
    if random.random() < NEGATED:
        word = _pick(random, JUDGEMENTS[1 - label])
        denial = _pick(random, DENIED)
        return denial.format(aspect=aspect, degree=degree, word=word)
    word = _pick(random, JUDGEMENTS[label])
    return f"the {aspect} {_pick(random, SAID)} {degree}{word}"


def _neutral(random: Random, film: str) -> str:
    slots = {slot: _pick(random, words) for slot, words in SLOTS.items()}
    actor = f"{_pick(random, NAMES[0])} {_pick(random, NAMES[1])}"
    number = 75 + int(60 * random.random())
    return _pick(random, NEUTRAL).format(film=film, actor=actor, number=number, **slots)


def _sentence(random: Random, words: str) -> str:
    end = "!" if random.random() < 0.1 else "."
    return words[0].upper() + words[1:] + end


def _pick(random: Random, options: Sequence[str]) -> str:
    return options[int(random.random() * len(options))]


def _pick_two(random: Random, options: Sequence[str]) -> tuple[str, str]:
    """Two different options."""
    first = int(random.random() * len(options))
    step = 1 + int(random.random() * (len(options) - 1))
    return options[first], options[(first + step) % len(options)]
