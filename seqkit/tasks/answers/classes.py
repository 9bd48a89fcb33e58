"""What all classifiers share: how they learn, are scored and tell their answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.recipe.recipe import Recipe
from seqkit.tasks.base import Task

if TYPE_CHECKING:
    import pandas as pd

NAMED_CLASSES = 5
"""So many classes a sentence names at most."""
CALIBRATION_LIMIT = (
    "- Probabilities are as sure as the calibration error above says, on data like "
    "those it was scored on."
)
"""What the model card of every classifier says."""


class ClassifierTask(Task):
    """A task whose answers are classes, whatever its inputs are."""

    primary_metric = "accuracy"
    other_metrics = ("f1", "log_loss")
    idle_answer = "giving every row each class's share of the training part"

    def compile_options(self, recipe: Recipe) -> dict[str, Any]:
        return {
            "loss": "sparse_categorical_crossentropy",
            # Weighted by class weights the loss is; accuracy stays per row.
            "metrics": ["accuracy"],
        }

    def idle_outputs(
        self,
        recipe: Recipe,
        preprocessing: Any,
        targets: NDArray[Any],
        weights: NDArray[Any],
    ) -> NDArray[np.floating]:
        """The share of each class; one that has no row at hand is not impossible."""
        classes = len(preprocessing.classes)
        shares: NDArray[np.floating] = np.bincount(targets, weights, classes) + 0.1
        return shares / shares.sum()

    def single_answer(
        self,
        kept: Mapping[str, float],
        store: Any,
        outputs: Callable[[], NDArray[np.floating]],
        preprocessing: Any,
    ) -> str:
        shares = np.bincount(store.targets) / len(store)
        # The accuracy of a single answer is its class's share; most models stop here.
        if shares.max() == 1 or not np.isclose(shares, kept["val_accuracy"]).any():
            return ""
        answers = np.unique(outputs().argmax(axis=1))
        return str(preprocessing.classes[answers[0]]) if len(answers) == 1 else ""

    def scorer(self, preprocessing: Any) -> Any:
        from seqkit.scores.classes import ClassificationScorer

        return ClassificationScorer(preprocessing.classes)

    def remarks(self, ours: Any, theirs: Mapping[str, Any]) -> list[str]:
        """Metrics that say the opposite, and classes that the scored rows lack."""
        remarks = super().remarks(ours, theirs)
        confusion = ours.result().confusion
        counts = confusion.groupby("truth", sort=False)["count"].sum()
        absent = [repr(str(name)) for name in counts.index[counts == 0]]
        if not absent:
            return remarks
        named = ", ".join(absent[:NAMED_CLASSES])
        if len(absent) > NAMED_CLASSES:
            named += f" and {len(absent) - NAMED_CLASSES:,} more"
        only = (
            "; macro F1 means nothing for one class" if (counts > 0).sum() < 2 else ""
        )
        return [*remarks, f"None of the scored rows is of {named}{only}."]

    @property
    def scores(self) -> Any:
        from seqkit.scores import classes as classification

        return classification

    def decode(
        self, outputs: NDArray[np.floating], inputs: list[Any], preprocessing: Any
    ) -> pd.DataFrame:
        """``label``, ``probability`` of it, and ``p_CLASS`` for every class."""
        return decoded_classes(outputs, preprocessing.classes)

    def tied_outputs(
        self, answers: Mapping[str, list[Any]], row: int, tolerance: float
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
