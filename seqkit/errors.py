"""Every exception that seqkit raises on purpose.

SeqkitError                  one sentence: what was wrong, what came, the mend
|-- UsageError               called wrongly (exit status 2)
|   |-- UnknownNameError     no recipe, task, cell, source or format of that name;
|   |                        also a ValueError
|   |-- MissingVerbError     runs of this task cannot do that; also an AttributeError
|   `-- RecipeError          all mistakes of a recipe at once, each with its line
|-- DataError                the data cannot be used as they are (exit status 1)
|-- TrainingError            training cannot go on, e.g. the loss is not a number
|-- Interrupted              Ctrl-C during training; also a KeyboardInterrupt
|-- RunError                 a run's folder is incomplete or was changed
`-- ExportError              an export was refused, failed or gave other answers

DataWarning (UserWarning)    the data are used, but something deserves a look
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seqkit.shortened import cut, short_message

MOST_MISTAKES = 20
"""So many mistakes of a recipe are told at once."""


class SeqkitError(Exception):
    """Base of all errors that a person can mend; its text is one sentence.

    Names, labels and cells in it may be of any length: of a long text the middle is
    left out.
    """

    exit_status = 1

    def __str__(self) -> str:
        return short_message(super().__str__())


class UsageError(SeqkitError):
    """seqkit was called wrongly; nothing has been done yet."""

    exit_status = 2


class UnknownNameError(UsageError, ValueError):
    """A name that no table holds; the text suggests the nearest one.

    ``known`` holds the names that would have done. As a ValueError it may be raised
    while a recipe is typed, and is then reported among the recipe's other mistakes.
    """

    def __init__(self, text: str, known: Iterable[str] = ()) -> None:
        self.known = tuple(known)
        super().__init__(text)


class MissingVerbError(UsageError, AttributeError):
    """A method that a run lacks because its task has no such; the text says which do.

    As an AttributeError it lets ``hasattr(run, "backtest")`` be asked.
    """


@dataclass(frozen=True)
class Mistake:
    """One mistake in a recipe and where it stands."""

    where: str
    """File and line (``recipes/mine.yaml:7``), or ``override``."""
    key: str
    """Dotted path of the key, e.g. ``model.units``; empty for the file itself."""
    text: str
    """The rule, what came instead, and the mend."""

    def __str__(self) -> str:
        # A key may be anything that YAML can write; a mistake takes one line.
        key = self.key if self.key.isprintable() else repr(self.key)[1:-1]
        key = f"{cut(key, 80)} " if key else ""
        return short_message(f"{self.where}: {key}{self.text}")


class RecipeError(UsageError):
    """A recipe cannot be used; ``mistakes`` lists every reason, in the text one a line.

    >>> print(RecipeError([Mistake("mine.yaml:3", "model.units", "is missing.")]))
    mine.yaml:3: model.units is missing.
    """

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        # Exceptions are pickled by their arguments: these must make an equal one.
        super().__init__(self.mistakes)

    def __str__(self) -> str:
        lines = [str(mistake) for mistake in self.mistakes[:MOST_MISTAKES]]
        more = len(self.mistakes) - len(lines)
        if more:
            lines.append(f"... and {more:,} more mistakes.")
        return "\n".join(lines)


class DataError(SeqkitError):
    """The data cannot be read or cannot serve the task."""


class TrainingError(SeqkitError):
    """Training had to stop before its end."""


class Interrupted(SeqkitError, KeyboardInterrupt):
    """Training was stopped by Ctrl-C; the text says how to resume it."""


class RunError(SeqkitError):
    """A run's folder is not whole, or is not a run's folder."""


class ExportError(SeqkitError):
    """An export was refused or failed; what stood there before is untouched."""


class DataWarning(UserWarning):
    """Something in the data that is used as it is, but deserves a look."""

    def __str__(self) -> str:
        return short_message(super().__str__())
