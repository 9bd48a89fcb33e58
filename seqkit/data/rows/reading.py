"""How inputs of one kind are read from a source, told apart and written back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from seqkit.data.sources.base import Source

if TYPE_CHECKING:
    import pandas as pd

Raw = TypeVar("Raw")


@dataclass(frozen=True)
class AnsweredRows(Generic[Raw]):
    """A chunk of rows; ``answers`` is empty where none were asked for."""

    inputs: list[Raw]
    answers: list[Any]
    """What stands in the column of answers."""
    groups: list[str] = field(default_factory=list)
    """What keeps rows in one part; where it is "" equal inputs are kept together."""
    numbers: list[int] = field(default_factory=list)
    """Which rows of the source they are, from 1 on, where messages speak of them."""

    def __len__(self) -> int:
        return len(self.inputs)

    def taken(self, places: Iterable[int]) -> AnsweredRows[Raw]:
        """The rows that stand at ``places``."""
        chosen = list(places)
        return AnsweredRows(
            [self.inputs[i] for i in chosen],
            [self.answers[i] for i in chosen if self.answers],
            [self.groups[i] for i in chosen if self.groups],
            [self.numbers[i] for i in chosen if self.numbers],
        )


class Reading(ABC, Generic[Raw]):
    """Reads the inputs of one recipe, with their answers or alone.

    Args:
        spec: the recipe's ``data`` section.
        answer: the column of answers.
        columns: those that inputs are read from, where there may be several.
    """

    thing: str
    """What an input is called in messages."""
    things: str
    unit: str = "rows"
    """What is counted when a source is read."""
    inputs_key: str
    """The key of ``spec`` that names the column of inputs, where there is one."""

    def __init__(self, spec: Any, answer: str, columns: tuple[str, ...] = ()) -> None:
        self.spec, self.answer, self.columns = spec, answer, columns

    @abstractmethod
    def rows(
        self, source: Source, part: str, answers: bool = True, tell: bool = False
    ) -> Iterator[AnsweredRows[Raw]]:
        """A part of ``source``, chunk by chunk; ``tell`` warns of rows left out."""

    @staticmethod
    @abstractmethod
    def hash(raw: Raw, /) -> int:
        """64 bits of an input, the same on every machine."""

    def as_frame(self, inputs: Sequence[Raw], answers: Sequence[Any]) -> pd.DataFrame:
        """Rows as a DataFrame that the same recipe reads."""
        import pandas as pd

        column = getattr(self.spec, self.inputs_key)
        return pd.DataFrame({column: inputs, self.answer: answers})

    def identity(self, values: tuple[str, ...]) -> Any:
        """What is a fingerprint's beside the rows: how their answers are called."""
        return values

    def is_empty(self, raw: Raw) -> bool:
        """Whether an input holds nothing to learn from."""
        return False

    def empty_note(self, count: int, name: str) -> str:
        """What is said of training inputs that are empty."""
        return f"{count:,} {self.things} of {name} are empty."


class AnswerScan(ABC):
    """Takes in the answers of the training rows as they are read."""

    names: tuple[str, ...] = ()
    """What the strata are called, where they are classes."""
    values: tuple[str, ...] = ()
    """What stands in the column of answers for each class."""
    remark: str = ""
    """What a run's notes say of all answers together, once they are finished."""

    @abstractmethod
    def note(self, rows: AnsweredRows[Any]) -> None:
        """Take the answers of some more rows."""

    @abstractmethod
    def finish(self) -> None:
        """See that all of them together can be learnt; raise DataError if not."""

    @property
    @abstractmethod
    def answers(self) -> NDArray[Any]:
        """Of each row (rows,) what a fingerprint and plain baselines take."""

    @property
    @abstractmethod
    def strata(self) -> NDArray[np.int64]:
        """Of each row (rows,) what every part has the same shares of."""
