"""Answers that are a class, or several labels, for each step of a series."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.labels import label_codes
from seqkit.data.series.step_scans import (
    ABSENT,
    StepClassScan,
    StepLabelsScan,
    check_labels,
)
from seqkit.data.stores.store import Column, Ragged
from seqkit.tasks.answers.base import Answer
from seqkit.tasks.answers.classes import CALIBRATION_LIMIT

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.rows.parted import PartedRows
    from seqkit.data.rows.reading import AnsweredRows, AnswerScan
    from seqkit.scores.steps import StepClassScorer
    from seqkit.signature import Signature

MULTI_HEAD = "label_probabilities"


class StepAnswer(Answer):
    """An answer for each step of a series."""

    by_step = True
    row_number = "series"

    @classmethod
    def named(cls, spec: Any) -> str:
        return ", ".join(spec.answers)

    def answerer(self, network: keras.Model, decode: Any) -> keras.Model:
        """The same, with ``filling`` behind the end of a series."""
        import keras

        from seqkit.layers.steps import StepEnds

        outputs = StepEnds(self.filling)(network.output)
        return keras.Model(network.input, outputs, name=f"{network.name}_answers")


class StepClasses(StepAnswer):
    """One of several classes a step, or any number of labels.

    Args:
        classes: their names, in the order of the outputs.
        values: what stands in the column of labels for each, or its own column.
        multi: whether a step may have several.
    """

    primary_metric = "accuracy"
    other_metrics = ("f1", "segment_f1")
    idle_answer = "giving every step each class's share of the training part"

    def __init__(
        self, classes: tuple[str, ...], values: tuple[str, ...], multi: bool = False
    ) -> None:
        self.classes, self.values, self.multi = classes, values, multi

    @property
    def column(self) -> Column:  # type: ignore[override]
        """Codes of classes, or a number for each label."""
        if self.multi:
            return Column(np.float32, (len(self.classes),))
        return Column(np.int32)

    @classmethod
    def scan(cls, spec: Any, name: str, thing: str) -> AnswerScan:
        if spec.labels == "multi":
            return StepLabelsScan(spec, name)
        return StepClassScan(spec, name)

    @classmethod
    def fit(cls, spec: Any, scan: AnswerScan, rows: PartedRows[Any]) -> Self:
        if spec.labels == "multi":
            return cls(spec.answers, spec.answers, multi=True)
        return cls(scan.names, scan.values)

    @classmethod
    def declared(cls, spec: Any) -> dict[str, Any]:
        multi = spec.labels == "multi"
        names = spec.answers if multi else spec.class_names or ("0", "1")
        return {"classes": names, "details": (("multi", multi),)}

    @property
    def shapes(self) -> dict[str, Any]:
        return {"classes": self.classes, "details": (("multi", self.multi),)}

    @classmethod
    def head(cls, model: Any, signature: Signature) -> Callable[[Any], Any]:
        """Vectors (batch, steps, width) to probabilities (batch, steps, classes)."""
        import keras

        classes = len(signature.classes)
        if signature.detail("multi"):
            return keras.layers.Dense(classes, activation="sigmoid", name=MULTI_HEAD)
        return keras.layers.Dense(classes, activation="softmax", name="probabilities")

    @classmethod
    def compile_options(cls, model: Any, network: keras.Model) -> dict[str, Any]:
        from seqkit.models.step_losses import StepCrossEntropy, StepLabelsLoss

        is_multi = any(layer.name == MULTI_HEAD for layer in network.layers)
        return {"loss": StepLabelsLoss() if is_multi else StepCrossEntropy()}

    def truth(
        self, rows: AnsweredRows[Any], spec: Any, name: str, thing: str
    ) -> list[NDArray[Any]]:
        """Codes (steps,) of each series, ABSENT where a label is missing.

        Of several labels, (steps, labels) 0 or 1, NaN where one is missing.
        """
        if not self.multi:
            return [self._codes(steps[:, 0], name) for steps in rows.answers]
        for steps in rows.answers:
            check_labels(steps, self.values, name)
        return [np.asarray(steps, np.float32) for steps in rows.answers]

    def _codes(self, labels: NDArray[np.object_], name: str) -> NDArray[np.int32]:
        codes = np.full(len(labels), ABSENT, np.int32)
        places = [place for place, label in enumerate(labels) if label is not None]
        codes[places] = label_codes(labels[places].tolist(), self.values, name)
        return codes

    def targets(self, truth: Any) -> Ragged:
        return Ragged.of([one if self.multi else np.maximum(one, 0) for one in truth])

    def step_weights(self, truth: Any) -> list[NDArray[np.float32]] | None:
        return [known_share(one, self.multi) for one in truth]

    def idle_outputs(
        self, model: Any, targets: NDArray[Any], weights: NDArray[Any]
    ) -> NDArray[np.floating]:
        """Of every step the share of each class (1, classes)."""
        if self.multi:
            is_known = ~np.isnan(targets) & (weights > 0)[..., np.newaxis]
            ones = np.where(is_known, targets, 0).sum(axis=(0, 1))
            shares = (ones + 0.1) / (is_known.sum(axis=(0, 1)) + 0.2)
            return np.asarray(shares)[np.newaxis]
        counts = np.bincount(targets.ravel(), weights.ravel(), len(self.classes)) + 0.1
        return np.asarray(counts / counts.sum())[np.newaxis]

    def in_graph(self, outputs: Any) -> dict[str, Any]:
        """``label`` and ``probability`` (batch, steps), "" and 0 behind the end.

        Of several labels, ``p_LABEL`` (batch, steps) of each.
        """
        from seqkit.layers.steps import StepLabelDecoder

        answers: dict[str, Any] = StepLabelDecoder(self.classes, self.multi)(outputs)
        return answers

    def table(self, outputs: Any, inputs: list[Any]) -> pd.DataFrame:
        """A row a step: ``series``, ``step``, ``label`` and ``probability``.

        Of several labels, ``p_LABEL`` of each.
        """
        every = np.concatenate(outputs)
        if self.multi:
            answers = {f"p_{name}": every[:, i] for i, name in enumerate(self.classes)}
            return step_table(inputs, answers)
        names = np.array(self.classes, object)[every.argmax(axis=1)]
        return step_table(inputs, {"label": names, "probability": every.max(axis=1)})

    @classmethod
    def scorer_type(cls) -> type[StepClassScorer]:
        from seqkit.scores.steps import StepClassScorer

        return StepClassScorer

    def scorer(self) -> StepClassScorer:
        return self.scorer_type()(self.classes, self.multi)

    def limits(self) -> list[str]:
        return [CALIBRATION_LIMIT.replace("calibration error", "accuracy")]

    def plain(self) -> dict[str, Any]:
        return {"classes": self.classes, "values": self.values, "multi": self.multi}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        return cls(tuple(plain["classes"]), tuple(plain["values"]), plain["multi"])

    def files(self) -> dict[str, str]:
        return {"classes.json": json.dumps(self.classes)}


def known_share(truth: NDArray[Any], by_column: bool) -> NDArray[np.float32]:
    """Of each step (steps,) which share of its answers is known."""
    if not by_column:
        return (truth != ABSENT).astype(np.float32)
    return (~np.isnan(truth)).mean(axis=1).astype(np.float32)


def step_table(inputs: list[Any], answers: Mapping[str, NDArray[Any]]) -> pd.DataFrame:
    """Answers of all steps, with ``series`` and ``step`` from 1 on before them."""
    import pandas as pd

    lengths = [len(one) for one in inputs]
    places = {
        "series": np.repeat(np.arange(1, len(inputs) + 1), lengths),
        "step": np.concatenate([np.arange(1, length + 1) for length in lengths]),
    }
    return pd.DataFrame(places | dict(answers))
