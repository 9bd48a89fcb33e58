"""What a task is: the one place where data, model, scores and answers of a kind meet.

A task is a small class in a file of its own and a line in ``seqkit.registry.TASKS``.
Building, training, evaluation and export know tasks by these methods alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, cast

import numpy as np
from numpy.typing import NDArray
from typing_extensions import TypeVar

from seqkit.data.stores.feed import Outputs
from seqkit.errors import ExportError
from seqkit.recipe.spec import TrainSpec
from seqkit.registry import BASELINES
from seqkit.scores.metric import Metric, known_metric
from seqkit.shared.files import read_arrays, written_whole
from seqkit.signature import Signature
from seqkit.tasks.rules.base import AutoRule

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.sources.base import Source
    from seqkit.data.stores.store import Store
    from seqkit.recipe.spec import DataSpec, Spec
    from seqkit.scores.scorer import Scorer
    from seqkit.scores.seeds import Paired


Answering = Callable[[list[Any]], Outputs]
"""Raw inputs to outputs, a row each in their order."""

Scoring = Callable[["Examples"], Outputs]
"""Examples to what scores take of them: a metric may ask what a model thinks of an
answer that is true."""

Seen = Mapping[str, NDArray[Any]]
"""What training and validation saw, as a task keeps it: arrays by name."""

PREPROCESSING_FILE = "preprocessing.json"
"""What ``Preprocessing.save`` writes into a run's folder, whole or not at all."""

BASELINE_FILE = "baselines.npz"
"""What ``save_baselines`` writes, whole or not at all."""


@dataclass(frozen=True)
class Examples:
    """A chunk of raw inputs and their true answers, a row each."""

    inputs: list[Any]
    truth: Any
    """(rows,), or a list of what each row has."""
    unscored: int = 0
    """Answers of inputs that were left out because none of theirs is known."""

    def taken(self, rows: NDArray[np.bool_]) -> Examples:
        """Those of the chunk for which ``rows`` (rows,) is True."""
        inputs = [one for one, is_in in zip(self.inputs, rows, strict=True) if is_in]
        if not isinstance(self.truth, list):
            return replace(self, inputs=inputs, truth=self.truth[rows])
        truth = [one for one, is_in in zip(self.truth, rows, strict=True) if is_in]
        return replace(self, inputs=inputs, truth=truth)


class Preprocessing(ABC):
    """What was fitted on the training part: it turns raw inputs into model inputs."""

    signature: Signature
    """The true shapes, now that the data are known."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write it into a run's folder, without pickle."""

    @abstractmethod
    def answering(self, model: keras.Model, decode: Spec | None = None) -> Answering:
        """A function from raw inputs to outputs (inputs, ...), in their order.

        ``decode`` is the recipe's section; None: its defaults, or there is none.
        """

    judges: bool = False
    """Whether scores ask what the model thinks of the truth; see ``judging``."""

    def judging(self, model: keras.Model) -> Scoring:
        """Numbers a row of what ``model`` thinks of the truth, by name."""
        raise NotImplementedError("Scores of this task take its answers alone.")

    def scoring(self, model: keras.Model, decode: Spec | None = None) -> Scoring:
        """A function from examples to the outputs that scores take of them."""
        answer = self.answering(model, decode)
        if not self.judges:
            return lambda examples: answer(examples.inputs)
        judged = self.judging(model)
        return lambda examples: {**answer(examples.inputs), **judged(examples)}

    def of_parts(self) -> Preprocessing:
        """This for parts of the model alone, see ``Task.parts``."""
        return self

    def calibrated(self, model: keras.Model, data: Any) -> Preprocessing:
        """This with what can only be fitted once the model is trained; here nothing."""
        return self

    @abstractmethod
    def serving(self, model: keras.Model, decode: Spec | None = None) -> keras.Model:
        """A model from named raw inputs to named, decoded outputs.

        ``decode``: as for ``answering``.
        """

    def of_baseline(self) -> Preprocessing:
        """This where a plain baseline answers, whose outputs need no undoing."""
        return self

    def shipped(self, baseline: Baseline) -> keras.Model:
        """A model from named raw inputs to the decoded answers of a baseline.

        Raises:
            ExportError: there is no graph of it.
        """
        raise no_graph(baseline)

    def as_inputs(self, named: list[Any]) -> list[Any]:
        """What ``named`` gave as a baseline takes it."""
        return named

    def streaming(self, serving: keras.Model) -> keras.Model | None:
        """``serving`` one step at a time, its state in and out; None: it has no such.

        The new step of an input ``values`` is ``value``; what is carried on is called
        ``state_NAME``, and is all NaN in the beginning.
        """
        return None

    def beside(
        self, serving: keras.Model, model: keras.Model, decode: Spec | None = None
    ) -> dict[str, keras.Model]:
        """Models of other raw inputs, or to other answers, by their names."""
        return {}

    @abstractmethod
    def samples(self, kept: list[Any]) -> dict[str, list[Any]]:
        """Inputs by name to compare an export on: ``kept`` ones and awkward ones."""

    def kept(self, inputs: list[Any]) -> list[Any]:
        """Raw inputs as JSON can hold them."""
        return inputs

    def named(self, samples: Mapping[str, list[Any]]) -> list[Any]:
        """Raw inputs of what ``samples`` gave."""
        (inputs,) = samples.values()
        return inputs

    @property
    def value_columns(self) -> tuple[str, ...]:
        """The columns that values are read from, where there may be several."""
        return ()

    @abstractmethod
    def limits(self) -> list[str]:
        """What a model card says of the inputs, as Markdown list items."""

    @abstractmethod
    def files(self) -> dict[str, str]:
        """What goes beside an export that holds the core model alone."""


class Baseline(ABC):
    """A plain competitor: fitted on the same training rows, scored on the same test.

    Where it is a dataclass, its fields are all that was fitted.
    """

    title: str
    kind: str
    """Its name in ``seqkit.registry.BASELINES``."""

    @abstractmethod
    def outputs(self, inputs: list[Any]) -> Outputs:
        """Answers in the same form as the model's."""

    def scored(self, examples: Examples) -> Outputs:
        """What scores take of its answers to ``examples``."""
        return self.outputs(examples.inputs)

    def in_graph(self, raw: Mapping[str, Any]) -> Any:
        """Its answers as a graph: what ``outputs`` gives, made of named raw inputs.

        Raises:
            ExportError: there is no graph of it.
        """
        raise no_graph(self)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that was fitted, by name."""
        names = [field.name for field in fields(cast(Any, self))]
        return {name: np.asarray(getattr(self, name)) for name in names}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The baseline that gave ``arrays``."""
        return cls(*(arrays[field.name] for field in fields(cast(Any, cls))))


def no_graph(baseline: Baseline) -> ExportError:
    """The error of a baseline that cannot be shipped as a graph."""
    return ExportError(
        f"The baseline {baseline.title} has no graph that could be exported. Its run "
        "answers by seqkit itself: run.predict, seqkit predict RUN."
    )


def save_baselines(baselines: Sequence[Baseline], folder: Path) -> None:
    """Write fitted baselines into a run's folder as plain arrays, without pickle."""
    arrays: dict[str, Any] = {
        f"{number}.{name}": array
        for number, baseline in enumerate(baselines)
        for name, array in baseline.arrays().items()
    }
    kinds = np.array([baseline.kind for baseline in baselines], np.str_)
    with written_whole(folder / BASELINE_FILE) as temporary:
        np.savez_compressed(temporary, kinds=kinds, **arrays)


def load_baselines(
    folder: Path, older: Callable[[dict[str, NDArray[Any]]], list[Baseline]]
) -> list[Baseline]:
    """Read what ``save_baselines`` wrote; ``older`` reads what version 0.1 wrote."""
    with read_arrays(folder / BASELINE_FILE) as file:
        arrays = {name: file[name] for name in file.files}
    if "kinds" not in arrays:
        return older(arrays)
    baselines: list[Baseline] = []
    for number, kind in enumerate(arrays["kinds"].tolist()):
        own = within(arrays, f"{number}.")
        baselines.append(BASELINES.get(kind).from_arrays(own))
    return baselines


def within(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    """The arrays whose names begin with ``prefix``, by the rest of their names."""
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


class TaskData(ABC):
    """Rows of a source, parted as the recipe says."""

    source: Source
    """Where the rows come from."""
    fingerprint: str
    """Changes when the data do; a resumed run compares it."""

    @abstractmethod
    def examples(self, part: str) -> Iterator[Examples]:
        """Raw inputs and true answers of ``train``, ``validation`` or ``test``."""

    @abstractmethod
    def count(self, part: str) -> int:
        """How many rows a part has."""

    def why_empty(self, part: str) -> str:
        """Why a part has no rows."""
        return f"data.{part} is 0"

    def remarks(self) -> list[str]:
        """What the parts lack, in sentences for whoever trains on them."""
        return []

    @abstractmethod
    def seen(self) -> Seen:
        """What tells rows that training and validation see from others later on."""

    @abstractmethod
    def held_out_frame(self) -> pd.DataFrame:
        """The test part, and what it is answered from, as the same recipe reads it."""

    @abstractmethod
    def preprocessing(self) -> Preprocessing:
        """Fit the preprocessing on the training part."""

    @abstractmethod
    def stores(self, preprocessing: Any, folder: Path) -> Mapping[str, Store]:
        """Prepare ``train`` and ``validation``; their files lie in ``folder``."""

    @abstractmethod
    def whole_store(self, preprocessing: Any, stores: Mapping[str, Any]) -> Store:
        """What ``stores`` gave of training and validation, to train on all of it."""

    @abstractmethod
    def baselines(self, seed: int) -> list[Baseline]:
        """Fit the task's baselines on the training part."""


D = TypeVar("D", bound="DataSpec", default=Any)
M = TypeVar("M", bound="Spec", default=Any)


class Task(ABC, Generic[D, M]):
    """One kind of question that sequences answer.

    Its methods take the ``data`` and the ``model`` section of a recipe, which are of
    the types ``Data`` and ``Model``.
    """

    name: str
    summary: str
    unit: str = "rows"
    """What is counted when the task is trained and scored."""
    by_time: bool = False
    """Whether parts are cut from the time of each series: what is scored is answered
    from all that came before, and of other data the end alone is scored."""
    row_number: str = ""
    """The column of answers that counts inputs from 1, where an input has several."""
    run_kind: str = "rows"
    """Which of ``seqkit.registry.RUNS`` its runs are: what can be done with them."""
    Data: type[D]
    Model: type[M]
    Train: type[TrainSpec] = TrainSpec
    """How the weights are found; a task that finds them otherwise has its own."""
    Decode: type[Spec] | None = None
    """How answers are read off a model that is trained; None: in one way alone."""
    Rule: type[AutoRule] | None = None
    """What chooses the values that a recipe leaves at ``auto``; None: nothing does."""
    primary_metric: str
    """The metric by which the model and its baselines are compared."""
    other_metrics: tuple[str, ...] = ()
    """Metrics by which a report says where its headline is contradicted."""
    loss_keys: tuple[str, ...] = ()
    """Keys that change the formula, unit or steps of the validation loss. Where one is
    searched, the losses of trials cannot be compared. Weights of classes are none: the
    validation part is never weighted."""
    stream_note: str = ""
    """A sentence on the answers of a model that follows a stream, for its README."""
    idle_answer: str
    """What a model does that has learnt nothing from its inputs, e.g. ``the mean``."""

    @classmethod
    def sections(cls) -> dict[str, type[Spec]]:
        """The types of a recipe's sections, by name.

        The keys of some depend on what is written in them: see ``Spec.typed_by``.
        """
        types = {"data": cls.Data, "model": cls.Model.typed(None), "train": cls.Train}
        return types | ({"decode": cls.Decode} if cls.Decode else {})

    def data_key(self, data: D, model: M) -> Hashable:
        """All of a recipe that its opened data, preprocessing and stores depend on.

        Recipes with equal keys are trained on the same ones.
        """
        return data

    def check(self, data: D, model: M) -> None:  # noqa: B027  most have nothing to see
        """Raise UsageError where sections of a recipe do not go together."""

    def averages(self, model: M) -> bool:
        """Whether the mean of several networks' outputs is an output again."""
        return True

    @abstractmethod
    def declared(self, data: D) -> Signature:
        """The signature that the recipe alone tells, before any data are read."""

    @abstractmethod
    def network(self, model: M, signature: Signature, name: str) -> keras.Model:
        """The network that is trained, from inputs to outputs, not compiled."""

    @abstractmethod
    def compile_options(self, model: M, network: keras.Model) -> dict[str, Any]:
        """``loss`` and ``metrics`` for ``keras.Model.compile``."""

    def settle(  # noqa: B027  most have nothing to fit
        self, spec: M, model: keras.Model, stores: Mapping[str, Store], seed: int
    ) -> None:
        """Fit in place what can only be fitted once the network is trained.

        Args:
            spec: the recipe's ``model`` section.
            model: with the weights of the epoch that is kept.
            stores: ``train``, and ``validation`` unless there is none.
            seed: of all that is drawn.
        """

    def take_choices(  # noqa: B027  most have none
        self, spec: M, model: keras.Model, other: keras.Model
    ) -> None:
        """Take over what ``settle`` chose for ``other`` on validation rows.

        ``model`` was trained on these as well, so that they say nothing of it.
        """

    def parts(
        self, spec: M, model: Callable[[], keras.Model]
    ) -> dict[str, keras.Model]:
        """Models that one is put together from, to the same outputs, by title.

        Args:
            spec: the recipe's ``model`` section.
            model: gives the whole one.
        """
        return {}

    @abstractmethod
    def idle_outputs(
        self,
        model: M,
        preprocessing: Any,
        targets: NDArray[Any],
        weights: NDArray[Any],
    ) -> NDArray[np.floating]:
        """What the model would give, whatever the input, had it learnt no more.

        Args:
            model: says by which loss.
            preprocessing: knows the outputs.
            targets: answers of training rows (rows, ...), as the loss takes them.
            weights: of the rows, or of their steps; 0 where an answer does not count.

        Returns:
            the outputs of one row; (1, ...) where each of its steps has the same.
        """

    def single_answer(
        self,
        kept: Mapping[str, float],
        store: Any,
        outputs: Callable[[], NDArray[np.floating]],
        preprocessing: Any,
    ) -> str:
        """The one answer that is given to all rows; "" where answers differ.

        Args:
            kept: losses and metrics of the kept epoch.
            store: the validation rows.
            outputs: gives what the model answers them, which takes a while.
            preprocessing: knows what answers are called.
        """
        return ""

    def store_remarks(
        self, data: D, preprocessing: Any, stores: Mapping[str, Store]
    ) -> list[str]:
        """Sentences on what prepared data have lost, for the run's notes."""
        return []

    @abstractmethod
    def open(self, data: D, model: M, source: Source) -> TaskData:
        """Scan ``source`` and part its rows."""

    @abstractmethod
    def labelled(
        self, data: D, model: M, preprocessing: Any, source: Source
    ) -> Iterator[Examples]:
        """The rows of ``source`` (of its test part, if any) with true answers."""

    @abstractmethod
    def saw(
        self, seen: Seen, examples: Examples, preprocessing: Any
    ) -> NDArray[np.bool_]:
        """Which of some rows (rows,) are among what ``TaskData.seen`` gave."""

    def places(self, examples: Examples, start: int) -> Sequence[Hashable]:
        """What tells each of some rows from others of a source: here their numbers."""
        return range(start, start + len(examples.inputs))

    @abstractmethod
    def inputs(
        self, data: D, preprocessing: Any, source: Source
    ) -> Iterator[list[Any]]:
        """All inputs of ``source``, chunk by chunk, for prediction."""

    @abstractmethod
    def load_preprocessing(self, folder: Path) -> Preprocessing:
        """Read what ``Preprocessing.save`` wrote."""

    def load_baselines(self, folder: Path) -> list[Baseline]:
        """Read what ``save_baselines`` wrote into a run's folder."""
        return load_baselines(folder, self.older_baselines)

    def older_baselines(self, arrays: dict[str, NDArray[Any]]) -> list[Baseline]:
        """Baselines from the arrays that version 0.1 wrote; here there are none."""
        raise KeyError("kinds")

    @property
    @abstractmethod
    def scorer_type(self) -> type[Scorer]:
        """The class of its scorers: what its metrics and pictures are."""

    @abstractmethod
    def scorer(self, preprocessing: Any) -> Scorer:
        """An empty scorer; ``result()`` gives its metrics, rows and tables."""

    def count(self, scorer: Any, examples: Examples, outputs: Any) -> None:
        """Let ``scorer`` count some more rows."""
        scorer.update(examples.truth, outputs)

    def metric(self, name: str) -> Metric:
        """What a metric is; raise UnknownNameError where the task has none such."""
        return known_metric(name, self.scorer_type.metrics)

    def paired(self, scorers: Sequence[Scorer], metric: str) -> Paired:
        """The metric of several scorers, on the same rows and resamples of them."""
        return self.scorer_type.paired(scorers, metric)

    def lead(
        self, ours: Scorer, theirs: Scorer, metric: str
    ) -> tuple[float, float, float]:
        """How much better ``ours`` is than ``theirs``, paired, with its interval."""
        difference = self.scorer_type.difference(ours, theirs, metric)
        return self.metric(metric).lead(difference)

    def remarks(self, ours: Any, theirs: Mapping[str, Any]) -> list[str]:
        """Sentences that a report needs beside its headline.

        Args:
            ours: the model's scorer, which has counted all rows.
            theirs: each baseline's, of the same rows, by its title.
        """
        from seqkit.tasks.remarks import contradictions

        return contradictions(self, ours, theirs, self.other_metrics)

    @abstractmethod
    def decode(
        self, outputs: Any, inputs: list[Any], preprocessing: Any
    ) -> pd.DataFrame:
        """The answers in words: one row an input, or an input and step."""

    def answers(
        self, outputs: Any, inputs: list[Any], preprocessing: Any
    ) -> dict[str, list[Any]]:
        """The answers by the names of the serving model's outputs, one an input."""
        frame = self.decode(outputs, inputs, preprocessing)
        return {str(name): frame[name].tolist() for name in frame.columns}

    def tied_outputs(
        self, answers: Mapping[str, list[Any]], row: int, tolerance: float
    ) -> Collection[str]:
        """Which of a row's ``answers`` might as well be others; here none.

        Args:
            answers: what ``answers`` gives, or an export.
            row: the input.
            tolerance: numbers that differ by no more are as good as equal.
        """
        return ()

    @abstractmethod
    def raw_inputs(self, values: Sequence[Any], preprocessing: Any) -> list[Any]:
        """Inputs given from Python; raise DataError if one is of a wrong kind."""

    def lines(self, inputs: list[Any], answers: pd.DataFrame) -> list[str]:
        """Answers as a terminal shows them."""
        return answers.to_string(index=False).split("\n")

    def typed(self, words: list[str]) -> list[Any]:
        """Inputs typed on the command line."""
        return list(words)
