"""What comes out of a model: one kind of answer, and all that was fitted to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.parted import PartedRows
from seqkit.data.rows.reading import AnsweredRows, AnswerScan
from seqkit.data.stores.feed import Outputs
from seqkit.data.stores.store import Column, Values

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.recipe.spec import Spec
    from seqkit.scores.scorer import Scorer
    from seqkit.signature import Signature
    from seqkit.tasks.inputs.base import Inputs


class Answer(ABC):
    """A kind of answer, fitted on the training part alone."""

    primary_metric: ClassVar[str]
    other_metrics: ClassVar[tuple[str, ...]] = ()
    loss_keys: ClassVar[tuple[str, ...]] = ()
    idle_answer: ClassVar[str]
    """These four: see ``Task``."""
    row_number: ClassVar[str] = ""
    """See ``Task``."""
    by_step: ClassVar[bool] = False
    """Whether a row has an answer a step."""
    filling: ClassVar[float] = 0.0
    """What numbers of such answers are behind a row's last step."""
    column: ClassVar[Column]
    """What a store keeps of a row's answer."""
    judges: ClassVar[bool] = False
    """Whether scores ask what the network thinks of the truth, see ``judge``."""
    fed: ClassVar[Mapping[str, Column]] = {}
    """What the network reads of an answer in training, by the names of its inputs."""

    @classmethod
    @abstractmethod
    def named(cls, spec: Any) -> str:
        """The column of answers."""

    @classmethod
    @abstractmethod
    def scan(cls, spec: Any, name: str, thing: str) -> AnswerScan:
        """Takes in the training rows' answers of the source called ``name``."""

    @classmethod
    @abstractmethod
    def fit(cls, spec: Any, scan: AnswerScan, rows: PartedRows[Any]) -> Self:
        """Fit on the training part of ``rows``, whose answers ``scan`` took in."""

    @classmethod
    def declared(cls, spec: Any) -> dict[str, Any]:
        """Fields of the Signature that a recipe alone tells."""
        return {}

    @property
    def shapes(self) -> dict[str, Any]:
        """Fields of the Signature, now that the data are known."""
        return {}

    @classmethod
    def head(cls, model: Any, signature: Signature) -> Callable[[Any], Any]:
        """The layers from what the network's body gives to its output."""
        raise NotImplementedError("The head of such answers is a part of the network.")

    @classmethod
    @abstractmethod
    def compile_options(cls, model: Any, network: keras.Model) -> dict[str, Any]:
        """``loss`` and ``metrics`` for ``keras.Model.compile``."""

    def answerer(self, network: keras.Model, decode: Spec | None) -> keras.Model:
        """What answers, where it is not the network that is trained.

        ``decode`` is the recipe's section; None: its defaults, or there is none.
        """
        return network

    @abstractmethod
    def truth(self, rows: AnsweredRows[Any], spec: Any, name: str, thing: str) -> Any:
        """What scores take of the answers of ``rows`` of the source called ``name``."""

    def targets(self, truth: Any) -> Values:
        """What the loss takes of some rows' truth."""
        targets: Values = truth
        return targets

    def fed_columns(self, truth: Any) -> Mapping[str, Values]:
        """What the network reads of some rows' truth, see ``fed``."""
        return {}

    def learnt(
        self, inputs: list[Any], truth: Any
    ) -> tuple[Mapping[str, Values], Values]:
        """``fed_columns`` and ``targets`` of rows that are learnt from."""
        return self.fed_columns(truth), self.targets(truth)

    def step_weights(self, truth: Any) -> list[NDArray[np.float32]] | None:
        """Weights of the steps of some rows' truth, 0 where it is not known.

        None: each step counts.
        """
        return None

    @abstractmethod
    def idle_outputs(
        self, model: Any, targets: NDArray[Any], weights: NDArray[Any]
    ) -> NDArray[np.floating]:
        """See ``Task.idle_outputs``."""

    def single_answer(
        self,
        kept: Mapping[str, float],
        store: Any,
        outputs: Callable[[], NDArray[np.floating]],
    ) -> str:
        """See ``Task.single_answer``."""
        return ""

    def undone(self, outputs: Outputs) -> Outputs:
        """What the network gave, in the units of the data."""
        return outputs

    def judge(self, network: keras.Model) -> keras.Model:
        """What ``network`` thinks of an answer that is true: numbers a row, by name.

        It reads ``fed`` beside the inputs.
        """
        raise NotImplementedError("Scores of such answers ask for nothing else.")

    def beside(
        self, network: keras.Model, decode: Spec | None, inputs: Inputs[Any]
    ) -> dict[str, keras.Model]:
        """Models from raw ``inputs`` to other answers than ``in_graph``, by name."""
        return {}

    @abstractmethod
    def in_graph(self, outputs: Any) -> dict[str, Any]:
        """What the network gives as named answers, in the graph."""

    def undone_in_graph(self, outputs: Any) -> dict[str, Any]:
        """What ``undone`` gives as named answers, in the graph."""
        return self.in_graph(outputs)

    @abstractmethod
    def table(self, outputs: Any, inputs: list[Any]) -> pd.DataFrame:
        """The answers in words: one row an input, or an input and step."""

    def served(self, outputs: Any, inputs: list[Any]) -> dict[str, list[Any]]:
        """The answers by the names of the serving model's outputs, one an input.

        Answers a step are lists as long as the longest, "" and ``filling`` behind an
        end; the table's first two columns say which step they are of.
        """
        table = self.table(outputs, inputs)
        if not self.by_step:
            return {str(name): table[name].tolist() for name in table.columns}
        lengths = [len(one) for one in inputs]
        served = {}
        for name in table.columns[2:]:
            pieces = np.split(table[name].to_numpy(), np.cumsum(lengths)[:-1])
            rows = [piece.tolist() for piece in pieces]
            empty: Any = "" if isinstance(rows[0][0], str) else self.filling
            served[name] = [one + [empty] * (max(lengths) - len(one)) for one in rows]
        return served

    @abstractmethod
    def scorer(self) -> Scorer:
        """An empty scorer."""

    @classmethod
    @abstractmethod
    def scorer_type(cls) -> type[Scorer]:
        """What scores such answers; it has the metrics."""

    @classmethod
    def remarks(cls, ours: Any) -> list[str]:
        """Sentences that a report needs beside its headline, of the model's scorer."""
        return []

    @classmethod
    def tied_outputs(
        cls, answers: Mapping[str, list[Any]], row: int, tolerance: float
    ) -> Collection[str]:
        """See ``Task.tied_outputs``."""
        return ()

    def notes(self) -> list[str]:
        """Sentences on what prepared answers have lost, for the run's notes."""
        return []

    def limits(self) -> list[str]:
        """What a model card says of the answers, as Markdown list items."""
        return []

    @abstractmethod
    def plain(self) -> dict[str, Any]:
        """All that was fitted, as JSON holds it."""

    @classmethod
    @abstractmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """What ``plain`` gave."""

    def files(self) -> dict[str, str]:
        """What goes beside an export that holds the core model alone."""
        return {}
