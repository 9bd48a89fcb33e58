"""Tasks with an answer a row: what goes in, times what comes out.

Such a task names its ``Inputs`` and its ``Answer``, and gives the body of its network
and its baselines; all else is here, once.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.labels import balanced_weights
from seqkit.data.rows.parted import PartedRows
from seqkit.data.rows.seen import among
from seqkit.data.stores.store import Ragged, StoreWriter
from seqkit.recipe.spec import RowsSpec, Spec
from seqkit.shared.files import read_json, write_json
from seqkit.signature import Signature
from seqkit.tasks.answers.base import Answer
from seqkit.tasks.base import (
    PREPROCESSING_FILE,
    Answering,
    Baseline,
    Examples,
    Preprocessing,
    Scoring,
    Seen,
    Task,
    TaskData,
)
from seqkit.tasks.inputs.base import Inputs
from seqkit.tasks.names import graph_name

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.sources.base import Source
    from seqkit.data.stores.store import RaggedStore, Store
    from seqkit.scores.scorer import Scorer

RowsData = TypeVar("RowsData", bound=RowsSpec)
Model = TypeVar("Model", bound=Spec)


class RowPreprocessing(Preprocessing):
    """Inputs and an answer that were fitted on the same training part."""

    def __init__(self, inputs: Inputs[Any], answer: Answer) -> None:
        self.inputs, self.answer = inputs, answer
        self.signature = Signature.of(inputs.shapes, answer.shapes)

    def save(self, folder: Path) -> None:
        plain = {**self.inputs.plain(), **self.answer.plain()}
        write_json(folder / PREPROCESSING_FILE, plain)

    def answering(self, model: keras.Model, decode: Spec | None = None) -> Answering:
        network = self.answer.answerer(model, decode)
        answered = self.inputs.answered(network, self.answer.by_step)
        return lambda inputs: self.answer.undone(answered(inputs))

    @property
    def judges(self) -> bool:  # type: ignore[override]
        return self.answer.judges

    def judging(self, model: keras.Model) -> Scoring:
        judged = self.inputs.answered(self.answer.judge(model), by_step=False)
        return lambda examples: judged(
            examples.inputs, self.answer.fed_columns(examples.truth)
        )

    def serving(self, model: keras.Model, decode: Spec | None = None) -> keras.Model:
        import keras

        raw = self.inputs.raw()
        outputs = self.answer.answerer(model, decode)(self.inputs.in_graph(raw))
        return keras.Model(raw, self.answer.in_graph(outputs))

    def shipped(self, baseline: Baseline) -> keras.Model:
        import keras

        raw = self.inputs.raw()
        return keras.Model(raw, self.answer.undone_in_graph(baseline.in_graph(raw)))

    def beside(
        self, serving: keras.Model, model: keras.Model, decode: Spec | None = None
    ) -> dict[str, keras.Model]:
        others = self.answer.beside(model, decode, self.inputs)
        return {**self.inputs.beside(serving), **others}

    def samples(self, kept: list[Any]) -> dict[str, list[Any]]:
        return self.inputs.samples(kept)

    def kept(self, inputs: list[Any]) -> list[Any]:
        return self.inputs.as_json(inputs)

    def named(self, samples: Mapping[str, list[Any]]) -> list[Any]:
        return self.inputs.named(samples)

    @property
    def value_columns(self) -> tuple[str, ...]:
        return self.inputs.value_columns

    def limits(self) -> list[str]:
        return [*self.inputs.limits(), *self.answer.limits()]

    def files(self) -> dict[str, str]:
        return {**self.inputs.files(), **self.answer.files()}


class RowTask(Task[RowsData, Model]):
    """A task whose rows are independent of each other, with an answer each."""

    Inputs: ClassVar[type[Inputs[Any]]]
    Answer: ClassVar[type[Answer]]

    def network_inputs(self, signature: Signature) -> Any:
        """The network's inputs: one, or several by name."""
        raise NotImplementedError("A task gives this and encode, or network.")

    def encode(self, inputs: Any, model: Model, signature: Signature) -> Any:
        """The body of the network, from its inputs to what the answer's head takes."""
        raise NotImplementedError("A task gives this and network_inputs, or network.")

    @abstractmethod
    def baselines(self, rows: RowData, seed: int) -> list[Baseline]:
        """Fit the task's baselines on the training part."""

    @property
    def primary_metric(self) -> str:  # type: ignore[override]
        return self.Answer.primary_metric

    @property
    def other_metrics(self) -> tuple[str, ...]:  # type: ignore[override]
        return self.Answer.other_metrics

    @property
    def row_number(self) -> str:  # type: ignore[override]
        return self.Answer.row_number

    @property
    def loss_keys(self) -> tuple[str, ...]:  # type: ignore[override]
        return self.Answer.loss_keys

    @property
    def idle_answer(self) -> str:  # type: ignore[override]
        return self.Answer.idle_answer

    def declared(self, data: RowsData) -> Signature:
        return Signature.of(self.Inputs.declared(data), self.Answer.declared(data))

    def network(self, model: Model, signature: Signature, name: str) -> keras.Model:
        import keras

        inputs = self.network_inputs(signature)
        encoded = self.encode(inputs, model, signature)
        outputs = self.Answer.head(model, signature)(encoded)
        return keras.Model(inputs, outputs, name=graph_name(name))

    def compile_options(self, model: Model, network: keras.Model) -> dict[str, Any]:
        return self.Answer.compile_options(model, network)

    def idle_outputs(
        self,
        model: Model,
        preprocessing: Any,
        targets: NDArray[Any],
        weights: NDArray[Any],
    ) -> NDArray[np.floating]:
        answer: Answer = preprocessing.answer
        return answer.idle_outputs(model, targets, weights)

    def single_answer(
        self,
        kept: Mapping[str, float],
        store: Any,
        outputs: Callable[[], NDArray[np.floating]],
        preprocessing: Any,
    ) -> str:
        answer: Answer = preprocessing.answer
        return answer.single_answer(kept, store, outputs)

    def store_remarks(
        self, data: RowsData, preprocessing: Any, stores: Mapping[str, Store]
    ) -> list[str]:
        inputs: Inputs[Any] = preprocessing.inputs
        answer: Answer = preprocessing.answer
        return [*inputs.remarks(data, stores), *answer.notes()]

    def open(self, data: RowsData, model: Model, source: Source) -> RowData:
        return RowData(self, data, source)

    def labelled(
        self, data: RowsData, model: Model, preprocessing: Any, source: Source
    ) -> Iterator[Examples]:
        answer: Answer = preprocessing.answer
        reading = preprocessing.inputs.read_again(data, answer.named(data))
        for rows in reading.rows(source, source.test_part, tell=True):
            truth = answer.truth(rows, data, source.name, reading.thing)
            yield Examples(rows.inputs, truth)

    def saw(
        self, seen: Seen, examples: Examples, preprocessing: Any
    ) -> NDArray[np.bool_]:
        hashed = self.Inputs.Reading.hash
        return among([hashed(one) for one in examples.inputs], seen["rows"])

    def inputs(
        self, data: RowsData, preprocessing: Any, source: Source
    ) -> Iterator[list[Any]]:
        reading = preprocessing.inputs.read_again(data, self.Answer.named(data))
        part = source.test_part
        for rows in reading.rows(source, part, answers=False, tell=True):
            yield rows.inputs

    def load_preprocessing(self, folder: Path) -> RowPreprocessing:
        plain = read_json(folder / PREPROCESSING_FILE)
        inputs, answer = self.Inputs.from_plain(plain), self.Answer.from_plain(plain)
        return RowPreprocessing(inputs, answer)

    def scorer(self, preprocessing: Any) -> Scorer:
        answer: Answer = preprocessing.answer
        return answer.scorer()

    @property
    def scorer_type(self) -> type[Scorer]:
        return self.Answer.scorer_type()

    def remarks(self, ours: Any, theirs: Mapping[str, Any]) -> list[str]:
        return [*super().remarks(ours, theirs), *self.Answer.remarks(ours)]

    def decode(
        self, outputs: Any, inputs: list[Any], preprocessing: Any
    ) -> pd.DataFrame:
        answer: Answer = preprocessing.answer
        return answer.table(outputs, inputs)

    def answers(
        self, outputs: Any, inputs: list[Any], preprocessing: Any
    ) -> dict[str, list[Any]]:
        answer: Answer = preprocessing.answer
        return answer.served(outputs, inputs)

    def tied_outputs(
        self, answers: Mapping[str, list[Any]], row: int, tolerance: float
    ) -> Collection[str]:
        return self.Answer.tied_outputs(answers, row, tolerance)

    def raw_inputs(self, values: Sequence[Any], preprocessing: Any) -> list[Any]:
        inputs: Inputs[Any] = preprocessing.inputs
        return inputs.checked(values)

    def lines(self, inputs: list[Any], answers: pd.DataFrame) -> list[str]:
        return self.Inputs.lines(inputs, answers)

    def typed(self, words: list[str]) -> list[Any]:
        return self.Inputs.typed(words)


class RowData(TaskData):
    """Parted rows, with what their task fits on them."""

    def __init__(self, task: RowTask[Any, Any], spec: Any, source: Source) -> None:
        self.task, self.spec, self.source = task, spec, source
        reading = task.Inputs.read_first(spec, source, task.Answer.named(spec))
        scan = task.Answer.scan(spec, source.name, reading.thing)
        self.rows: PartedRows[Any] = PartedRows(source, reading, scan, spec)
        self.fingerprint = self.rows.fingerprint
        self.answer = task.Answer.fit(spec, scan, self.rows)

    def examples(self, part: str) -> Iterator[Examples]:
        thing = self.rows.reading.thing
        for rows in self.rows.rows(part):
            name = self.source.name
            truth = self.answer.truth(rows, self.spec, name, thing)
            yield Examples(rows.inputs, truth)

    def count(self, part: str) -> int:
        return self.rows.count(part)

    def why_empty(self, part: str) -> str:
        return self.rows.why_empty(part)

    def remarks(self) -> list[str]:
        return self.rows.remarks()

    def seen(self) -> Seen:
        return {"rows": self.rows.seen}

    def held_out_frame(self) -> pd.DataFrame:
        return self.rows.as_frame("test")

    def preprocessing(self) -> RowPreprocessing:
        inputs = self.task.Inputs.fit(self.spec, self.rows)
        return RowPreprocessing(inputs, self.answer)

    def stores(
        self, preprocessing: RowPreprocessing, folder: Path
    ) -> Mapping[str, RaggedStore]:
        stores = {
            part: self._store(part, preprocessing, folder / part)
            for part in ("train", "validation")
        }
        if getattr(self.spec, "class_weight", "none") == "balanced":
            train, classes = stores["train"], len(self.answer.shapes["classes"])
            train.weigh_classes(balanced_weights(train.class_totals(classes)))
        return stores

    def _store(
        self, part: str, preprocessing: RowPreprocessing, path: Path
    ) -> RaggedStore:
        """Encode ``part`` onto disk, with the targets that the loss takes."""
        inputs, answer = preprocessing.inputs, preprocessing.answer
        columns = {**inputs.columns, **answer.fed}
        writer = StoreWriter(path, columns, answer.column)
        for chunk in self.examples(part):
            raw, truth, weights = inputs.cut(chunk.inputs, chunk.truth)
            weights = _product(weights, answer.step_weights(truth))
            start = 0
            for encoded in inputs.encoded(raw):
                end = start + encoded.rows
                own = None if weights is None else Ragged.of(weights[start:end])
                mine = truth[start:end]
                fed, targets = answer.learnt(raw[start:end], mine)
                read = {**encoded.columns, **fed}
                writer.append(read, targets, own, encoded.whole_lengths)
                start = end
        return writer.finish()

    def whole_store(
        self, preprocessing: RowPreprocessing, stores: Mapping[str, RaggedStore]
    ) -> RaggedStore:
        return stores["train"].with_rows_of(stores["validation"])

    def baselines(self, seed: int) -> list[Baseline]:
        return self.task.baselines(self, seed)


Weights = list[NDArray[np.float32]] | None


def _product(one: Weights, other: Weights) -> Weights:
    """Weights of the steps of some rows, for two reasons; None: each counts."""
    if one is None or other is None:
        return other if one is None else one
    return [a * b for a, b in zip(one, other, strict=True)]
