"""What goes into a model: one kind of raw input, and all that was fitted to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows import reading
from seqkit.data.rows.parted import PartedRows
from seqkit.data.rows.pieces import in_pieces
from seqkit.data.rows.reading import Raw
from seqkit.data.sources.base import Source
from seqkit.data.stores.feed import Outputs, answered_by_length
from seqkit.data.stores.store import Column, Ragged, Store, Values, alone, padded
from seqkit.tasks.compiled import compiled_model

if TYPE_CHECKING:
    import keras
    import pandas as pd


class Encoded(NamedTuple):
    """Some inputs as a store takes them."""

    rows: int
    columns: Mapping[str, Values]
    """The rows of each column, by its name."""
    whole_lengths: NDArray[np.integer] | None = None
    """Steps (rows,) from before sequences were cut, where they may be."""


class Inputs(ABC, Generic[Raw]):
    """A kind of raw input, fitted on the training part alone."""

    Reading: ClassVar[type[reading.Reading[Any]]]
    """How such inputs are read from a source."""
    predict_batch: ClassVar[int] = 128
    piece: int | None = None
    """Training reads longer inputs in pieces of so many steps; None: whole."""
    overlap: int = 0
    """Steps that neighbouring pieces share at least."""

    @classmethod
    def read_first(cls, spec: Any, source: Source, answer: str) -> reading.Reading[Raw]:
        """How ``source`` is read, before anything is fitted."""
        return cls.Reading(spec, answer)

    @classmethod
    @abstractmethod
    def fit(cls, spec: Any, rows: PartedRows[Raw]) -> Self:
        """Fit on the training part of ``rows``."""

    @classmethod
    @abstractmethod
    def declared(cls, spec: Any) -> dict[str, Any]:
        """Fields of the Signature that a recipe alone tells."""

    @property
    @abstractmethod
    def shapes(self) -> dict[str, Any]:
        """Fields of the Signature, now that the data are known."""

    @property
    @abstractmethod
    def columns(self) -> Mapping[str, Column]:
        """What a store keeps of an input, by the names of the network's inputs."""

    @abstractmethod
    def encoded(self, raw: list[Raw]) -> Iterator[Encoded]:
        """Inputs as a store takes them, some at a time, in their order."""

    def cut(
        self, raw: list[Any], truth: Any
    ) -> tuple[list[Any], Any, list[NDArray[np.float32]] | None]:
        """Inputs and their truth as training reads them: long ones in pieces.

        Returns:
            the pieces, the truth of each, and the weight of each step of theirs, where
            pieces overlap; None: every step counts.
        """
        if self.piece is None or all(len(one) <= self.piece for one in raw):
            return raw, truth, None
        return in_pieces(raw, truth, self.piece, self.overlap)

    def read_again(self, spec: Any, answer: str) -> reading.Reading[Raw]:
        """How other sources are read: the columns are those of training."""
        return self.Reading(spec, answer, self.value_columns)

    def answered(self, network: keras.Model, by_step: bool) -> Callable[..., Outputs]:
        """What ``network`` answers to raw inputs, batched by length.

        Args:
            network: from its inputs to one output or several by name.
            by_step: whether each row has an answer a step.

        Returns:
            a function of raw inputs, and of more columns by name that it may read.
        """
        compiled = compiled_model(network)

        def outputs(
            raw: list[Raw], more: Mapping[str, Values] | None = None
        ) -> Outputs:
            columns: dict[str, list[NDArray[Any]]] = {name: [] for name in self.columns}
            for some in self.encoded(raw):
                for name, values in some.columns.items():
                    assert isinstance(values, Ragged)
                    columns[name] += values.rows()
            for name, values in (more or {}).items():
                assert isinstance(values, Ragged)
                columns[name] = values.rows()
            first = next(iter(columns.values()))
            lengths = np.array([len(row) for row in first], np.int32)

            def answer(batch: NDArray[np.int64]) -> Any:
                inputs = {
                    name: padded([rows[row] for row in batch])
                    for name, rows in columns.items()
                }
                return compiled(alone(inputs))

            steps = lengths if by_step else None
            return answered_by_length(answer, lengths, self.predict_batch, steps)

        return outputs

    @abstractmethod
    def raw(self) -> dict[str, keras.KerasTensor]:
        """The inputs of a serving model, by name."""

    @abstractmethod
    def in_graph(self, raw: dict[str, Any]) -> Any:
        """What the network reads, made of ``raw`` in the graph."""

    def beside(self, serving: keras.Model) -> dict[str, keras.Model]:
        """Models that take other raw inputs and answer as ``serving``, by signature."""
        return {}

    @abstractmethod
    def checked(self, values: Sequence[Any]) -> list[Raw]:
        """Inputs given from Python; raise DataError if one is of a wrong kind."""

    @abstractmethod
    def samples(self, kept: list[Any]) -> dict[str, list[Any]]:
        """Inputs by name to compare an export on: ``kept`` ones and awkward ones."""

    @abstractmethod
    def named(self, samples: Mapping[str, list[Any]]) -> list[Raw]:
        """Raw inputs of what ``samples`` gave."""

    def as_json(self, inputs: list[Raw]) -> list[Any]:
        """Raw inputs as JSON can hold them."""
        return inputs

    @property
    def value_columns(self) -> tuple[str, ...]:
        """The columns that values are read from, where there may be several."""
        return ()

    @staticmethod
    def typed(words: list[str]) -> list[Any]:
        """Inputs typed on the command line."""
        return list(words)

    def remarks(self, spec: Any, stores: Mapping[str, Store]) -> list[str]:
        """Sentences on what prepared inputs have lost, for the run's notes."""
        return []

    @abstractmethod
    def limits(self) -> list[str]:
        """What a model card says of the inputs, as Markdown list items."""

    @abstractmethod
    def plain(self) -> dict[str, Any]:
        """All that was fitted, as JSON holds it."""

    @classmethod
    @abstractmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """What ``plain`` gave."""

    @abstractmethod
    def files(self) -> dict[str, str]:
        """What goes beside an export that holds the core model alone."""

    @staticmethod
    def lines(inputs: list[Any], answers: pd.DataFrame) -> list[str]:
        """Answers as a terminal shows them."""
        return answers.to_string(index=False).split("\n")
