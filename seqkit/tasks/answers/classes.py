"""Answers that are classes: how they are learnt, scored and told."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.labels import checked_labels, label_codes
from seqkit.data.rows.scans import ClassScan
from seqkit.data.stores.store import CLASS
from seqkit.tasks.answers.base import Answer

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.rows.parted import PartedRows
    from seqkit.data.rows.reading import AnsweredRows, AnswerScan
    from seqkit.scores.classes import ClassificationScorer
    from seqkit.signature import Signature

NAMED_CLASSES = 5
"""So many classes a sentence names at most."""
CALIBRATION_LIMIT = (
    "- Probabilities are as sure as the calibration error above says, on data like "
    "those it was scored on."
)
"""What the model card of every classifier says."""


class Classes(Answer):
    """One of several classes a row.

    Args:
        classes: their names, in the order of the outputs.
        values: what stands in the column of labels for each.
    """

    primary_metric = "accuracy"
    other_metrics = ("f1", "log_loss")
    idle_answer = "giving every row each class's share of the training part"
    column = CLASS
    numbers_task: ClassVar[str] = ""
    """The task that learns numbers from the same rows, if one does."""

    def __init__(self, classes: tuple[str, ...], values: tuple[str, ...]) -> None:
        self.classes, self.values = classes, values

    @classmethod
    def named(cls, spec: Any) -> str:
        return str(spec.label)

    @classmethod
    def scan(cls, spec: Any, name: str, thing: str) -> ClassScan:
        return ClassScan(spec, name, thing, cls.numbers_task)

    @classmethod
    def fit(cls, spec: Any, scan: AnswerScan, rows: PartedRows[Any]) -> Self:
        return cls(scan.names, scan.values)

    @classmethod
    def declared(cls, spec: Any) -> dict[str, Any]:
        return {"classes": spec.class_names or ("0", "1")}

    @property
    def shapes(self) -> dict[str, Any]:
        return {"classes": self.classes}

    @classmethod
    def head(cls, model: Any, signature: Signature) -> Callable[[Any], Any]:
        """Vectors (batch, width) to probabilities (batch, classes)."""
        import keras

        return keras.layers.Dense(
            len(signature.classes), activation="softmax", name="probabilities"
        )

    @classmethod
    def compile_options(cls, model: Any, network: keras.Model) -> dict[str, Any]:
        return {
            "loss": "sparse_categorical_crossentropy",
            # Weighted by class weights the loss is; accuracy stays per row.
            "metrics": ["accuracy"],
        }

    def truth(
        self, rows: AnsweredRows[Any], spec: Any, name: str, thing: str
    ) -> NDArray[np.int32]:
        labels = checked_labels(rows.answers, spec.label, name, thing)
        return label_codes(labels, self.values, name)

    def idle_outputs(
        self, model: Any, targets: NDArray[Any], weights: NDArray[Any]
    ) -> NDArray[np.floating]:
        """The share of each class; one that has no row at hand is not impossible."""
        counts = np.bincount(targets, weights, len(self.classes))
        shares: NDArray[np.floating] = counts + 0.1
        return shares / shares.sum()

    def single_answer(
        self,
        kept: Mapping[str, float],
        store: Any,
        outputs: Callable[[], NDArray[np.floating]],
    ) -> str:
        shares = np.bincount(store.targets) / len(store)
        # The accuracy of a single answer is its class's share; most models stop here.
        if shares.max() == 1 or not np.isclose(shares, kept["val_accuracy"]).any():
            return ""
        answers = np.unique(outputs().argmax(axis=1))
        return str(self.classes[answers[0]]) if len(answers) == 1 else ""

    def in_graph(self, outputs: Any) -> dict[str, Any]:
        from seqkit.layers.decode import LabelDecoder

        answers: dict[str, Any] = LabelDecoder(self.classes)(outputs)
        return answers

    def table(self, outputs: Any, inputs: list[Any]) -> pd.DataFrame:
        """``label``, ``probability`` of it, and ``p_CLASS`` for every class."""
        return decoded_classes(outputs, self.classes)

    @classmethod
    def scorer_type(cls) -> type[ClassificationScorer]:
        from seqkit.scores.classes import ClassificationScorer

        return ClassificationScorer

    def scorer(self) -> ClassificationScorer:
        return self.scorer_type()(self.classes)

    @classmethod
    def remarks(cls, ours: Any) -> list[str]:
        """Classes that the scored rows lack."""
        confusion = ours.tables()["confusion"]
        counts = confusion.groupby("truth", sort=False)["count"].sum()
        absent = [repr(str(name)) for name in counts.index[counts == 0]]
        if not absent:
            return []
        named = ", ".join(absent[:NAMED_CLASSES])
        if len(absent) > NAMED_CLASSES:
            named += f" and {len(absent) - NAMED_CLASSES:,} more"
        only = (
            "; macro F1 means nothing for one class" if (counts > 0).sum() < 2 else ""
        )
        return [f"None of the scored rows is of {named}{only}."]

    def limits(self) -> list[str]:
        return [CALIBRATION_LIMIT]

    def plain(self) -> dict[str, Any]:
        return {"classes": self.classes, "values": self.values}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        return cls(tuple(plain["classes"]), tuple(plain["values"]))

    def files(self) -> dict[str, str]:
        return {"classes.json": json.dumps(self.classes)}

    @classmethod
    def tied_outputs(
        cls, answers: Mapping[str, list[Any]], row: int, tolerance: float
    ) -> Collection[str]:
        """The label, where the two likeliest classes are as good as equal."""
        shares = sorted(v[row] for name, v in answers.items() if name.startswith("p_"))
        is_tied = len(shares) > 1 and shares[-1] - shares[-2] <= tolerance
        return ("label",) if is_tied else ()


def decoded_classes(
    probabilities: NDArray[np.floating], classes: tuple[str, ...]
) -> pd.DataFrame:
    """``label``, ``probability`` of it, and ``p_CLASS`` for each, a row an input.

    Args:
        probabilities: (rows, classes).
        classes: their names, in the order of the columns.
    """
    import pandas as pd

    names = np.array(classes, object)
    answers = {
        "label": names[probabilities.argmax(axis=1)],
        "probability": probabilities.max(axis=1),
    }
    shares = {f"p_{name}": probabilities[:, i] for i, name in enumerate(classes)}
    return pd.DataFrame(answers | shares)
