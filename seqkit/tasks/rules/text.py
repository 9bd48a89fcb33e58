"""What recipes for texts and their classes are made of."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from seqkit.recipe.automatic import Choice
from seqkit.shared.vector_files import vector_width
from seqkit.tasks.rules.base import (
    AutoRule,
    Choices,
    between,
    epochs_within,
    rounded_up,
    step_seconds,
)

if TYPE_CHECKING:
    from seqkit.data.sources.base import Source
    from seqkit.recipe.recipe import Recipe

LOOKED_AT = 50_000
"""Training texts that are looked at, at most; they are the first ones."""
MANY_UNSEEN = 0.25
"""Share of words of new texts, from which letters say more than words do."""
LONGEST_SHARE = 0.98
"""Of the texts that are read whole."""
MOST_STEPS = 400
MOST_WORDS = 30_000
STEPS, STEPS_POWER = 18, 0.47
"""Training steps: STEPS times the rows to the power of STEPS_POWER."""
MOST_LETTERS, MOST_CLASS_LETTERS = 3_000_000, 50_000_000
"""Letters of all training texts from which letters are too many; times classes."""
MEMBERS_SECONDS, MOST_MEMBERS = 40, 3
"""What members may take together; how many they are at most."""
MANY_ROWS = 12_000
"""From so many rows those held out add little."""
SPECIAL = 2
"""Ids of padding and of the unknown."""


@dataclass(frozen=True)
class TextRule(AutoRule):
    """What is known of labelled texts."""

    rows: int
    classes: int
    words: int
    """In a text: the median."""
    long_words: int
    """In a long text, of which few are longer."""
    letters: int
    long_letters: int
    """The same in letters."""
    unseen: float
    """The share of words of new texts that no training text has, as Good (1953) and
    Turing reckon it: that of the words that stand once."""
    repeated_words: int
    """Different words that stand twice or oftener."""
    repeated_letters: int

    vectors: int | None = None
    """The width of the vectors that embeddings begin with; None: there are none."""

    keys = (
        "data.level",
        "data.vocab_size",
        "data.max_timesteps",
        "data.letters",
        "model.wide",
        "model.embedding",
        "model.units",
        "model.dropout",
        "model.embedding_dropout",
        "model.token_dropout",
        "train.batch_size",
        "train.learning_rate",
        "train.epochs",
        "train.members",
        "train.refit",
        "train.mend",
    )

    @classmethod
    def of(cls, task: Any, recipe: Recipe, source: Source) -> Self:
        data = task.open(recipe.data, recipe.model, source)
        vectors = recipe.model.pretrained_vectors  # type: ignore[attr-defined]
        words: Counter[str] = Counter()
        letters: Counter[str] = Counter()
        lengths: list[tuple[int, int]] = []
        for chunk in data.rows.rows("train"):
            for text in chunk.inputs[: LOOKED_AT - len(lengths)]:
                tokens = re.findall(r"\w+", text.lower())
                words.update(tokens)
                letters.update(text.lower())
                lengths.append((len(tokens), len(text)))
            if len(lengths) >= LOOKED_AT:
                break
        median, longest = (
            np.quantile(lengths, share, axis=0).astype(int).tolist()
            for share in (0.5, LONGEST_SHARE)
        )
        return cls(
            rows=data.count("train"),
            classes=len(data.answer.shapes["classes"]),
            words=median[0],
            long_words=longest[0],
            letters=median[1],
            long_letters=longest[1],
            unseen=_share_of_lone(words),
            repeated_words=_repeated(words),
            repeated_letters=_repeated(letters),
            vectors=vector_width(vectors) if vectors else None,
        )

    @classmethod
    def middle(cls) -> Self:
        return cls(5000, 2, 20, 60, 100, 300, 0.05, 6000, 80)

    def choices(self, given: Mapping[str, Any]) -> dict[str, Choice]:
        made = Choices(given)
        rows = self.rows
        level = made.add(
            "data.level",
            "word" if self.unseen < MANY_UNSEEN else "character",
            f"about {self.unseen:.1%} of the words of a new text are unknown",
        )
        different = self.repeated_words if level == "word" else self.repeated_letters
        things = "words" if level == "word" else "letters"
        made.add(
            "data.vocab_size",
            between(different + SPECIAL, 10, MOST_WORDS),
            f"{different:,} {things} stand twice or oftener",
        )
        usual, long = self.words, self.long_words
        if level != "word":
            usual, long = self.letters, self.long_letters
        steps = made.add(
            "data.max_timesteps",
            min(rounded_up(max(long, 4)), MOST_STEPS),
            f"{LONGEST_SHARE:.0%} of the texts have {long:,} {things} or fewer",
        )
        self._add_wide(made)
        few = rows < 3000
        size = f"{rows:,} rows"
        if self.vectors:
            width = made.add("model.embedding", self.vectors, "that of the vectors")
        else:
            width = made.add("model.embedding", 64 if few else 128, size)
        units = made.add("model.units", (32,) if few else (64,), size)
        made.add("model.dropout", 0.5, "texts are overfitted soon")
        made.add("model.embedding_dropout", 0.3, "texts are overfitted soon")
        made.add("model.token_dropout", 0.2 if usual > 5 else 0.0, f"{usual} in a text")
        batch = made.add("train.batch_size", 16 if few else 32, size)
        made.add("train.learning_rate", 0.002 if few else 0.0015, f"batches of {batch}")
        ways = 1 if given.get("model.bidirectional", "concat") == "none" else 2
        read = min(usual, steps)
        seconds = step_seconds(batch, read, units, ways, width)
        minutes = given.get("train.minutes", 10)
        wanted = between(STEPS * rows**STEPS_POWER, 200, 6000)
        epochs, why = epochs_within(minutes, rows, batch, seconds, wanted)
        made.add("train.epochs", epochs, why)
        whole = epochs * math.ceil(rows / batch) * seconds
        members = between(min(MEMBERS_SECONDS, 20 * minutes) / whole, 1, MOST_MEMBERS)
        made.add("train.members", members, f"one takes about {rounded_up(whole)} s")
        made.add("train.refit", rows < MANY_ROWS, f"{rows:,} rows and those held out")
        made.add("train.mend", True, "no network that learnt nothing is of use")
        return made

    def _add_wide(self, made: Choices) -> None:
        """Linear models beside the network; of letters where these are not too many."""
        letters = self.rows * self.letters
        columns = letters * (1 if self.classes == 2 else self.classes)
        by_letters = made.add(
            "data.letters",
            letters <= MOST_LETTERS and columns <= MOST_CLASS_LETTERS,
            f"about {rounded_up(letters):,} letters, {self.classes} classes",
        )
        made.add(
            "model.wide",
            "blend" if by_letters else "ngrams",
            "no network alone beats linear models on few texts",
        )

    def __str__(self) -> str:
        return (
            f"{self.rows:,} training rows, {self.classes} classes, {self.words:,} "
            f"words in a text (the median)"
        )


def _share_of_lone(counts: Counter[str]) -> float:
    lone = sum(count == 1 for count in counts.values())
    return lone / max(counts.total(), 1)


def _repeated(counts: Counter[str]) -> int:
    return sum(count > 1 for count in counts.values())
