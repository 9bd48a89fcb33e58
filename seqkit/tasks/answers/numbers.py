"""Answers that are numbers: how they are scaled, learnt, scored and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.numbers import checked_numbers
from seqkit.data.rows.scans import NumberScan
from seqkit.data.series.whole import Scale, target_scale
from seqkit.data.stores.store import NUMBER
from seqkit.tasks.answers.base import Answer

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.rows.parted import PartedRows
    from seqkit.data.rows.reading import AnsweredRows, AnswerScan
    from seqkit.scores.numbers import RegressionScorer
    from seqkit.signature import Signature

LOSSES = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "huber": "huber"}


class Numbers(Answer):
    """One number a row.

    Args:
        scale: what is taken off a number, and what the rest is divided by, before it
            is learnt.
    """

    primary_metric = "mse"
    other_metrics = ("mae",)
    loss_keys = ("model.loss", "data.target_scale")
    idle_answer = "answering the same number for every series"
    column = NUMBER

    def __init__(self, scale: Scale) -> None:
        self.scale = scale

    @classmethod
    def named(cls, spec: Any) -> str:
        return str(spec.target)

    @classmethod
    def scan(cls, spec: Any, name: str, thing: str) -> NumberScan:
        return NumberScan(spec.target, name, thing)

    @classmethod
    def fit(cls, spec: Any, scan: AnswerScan, rows: PartedRows[Any]) -> Self:
        return cls(target_scale(rows.training_answers(), spec.target_scale))

    @classmethod
    def head(cls, model: Any, signature: Signature) -> Callable[[Any], Any]:
        """Vectors (batch, width) to scaled numbers (batch, 1)."""
        import keras

        return keras.layers.Dense(1, name="number")

    @classmethod
    def compile_options(cls, model: Any, network: keras.Model) -> dict[str, Any]:
        return {"loss": LOSSES[model.loss]}

    def truth(
        self, rows: AnsweredRows[Any], spec: Any, name: str, thing: str
    ) -> NDArray[np.float64]:
        return checked_numbers(rows.answers, spec.target, name, thing)

    def targets(self, truth: NDArray[np.float64]) -> NDArray[np.float64]:
        """Numbers scaled (rows,)."""
        return (truth - self.scale.center[0]) / self.scale.unit[0]

    def idle_outputs(
        self, model: Any, targets: NDArray[Any], weights: NDArray[Any]
    ) -> NDArray[np.floating]:
        middle = np.mean if model.loss == "mse" else np.median
        return np.array([middle(targets)])

    def undone(self, outputs: Any) -> NDArray[np.floating]:
        """Numbers (rows,) float64 in the unit of the data, from outputs (rows, 1)."""
        scaled: NDArray[np.float64] = outputs[:, 0].astype(np.float64)
        return scaled * self.scale.unit[0] + self.scale.center[0]

    def in_graph(self, outputs: Any) -> dict[str, Any]:
        import keras

        # In float64, as the center may be large beside the unit; Keras rounds Python's
        # own numbers to float32.
        unit, center = (
            np.float64(self.scale.unit[0]),
            np.float64(self.scale.center[0]),
        )
        rescale = keras.layers.Rescaling(
            unit, center, dtype="float64", name="rescaling"
        )
        flat = keras.layers.Reshape((), dtype="float64", name="prediction")
        return {"prediction": flat(rescale(outputs))}

    def undone_in_graph(self, outputs: Any) -> dict[str, Any]:
        return {"prediction": outputs}

    def table(self, outputs: Any, inputs: list[Any]) -> pd.DataFrame:
        """``prediction``, in the unit of the target column."""
        import pandas as pd

        return pd.DataFrame({"prediction": outputs})

    @classmethod
    def scorer_type(cls) -> type[RegressionScorer]:
        from seqkit.scores.numbers import RegressionScorer

        return RegressionScorer

    def scorer(self) -> RegressionScorer:
        return self.scorer_type()()

    def plain(self) -> dict[str, Any]:
        return {"target": {"center": self.scale.center, "unit": self.scale.unit}}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        target = plain["target"]
        return cls(Scale(tuple(target["center"]), tuple(target["unit"])))
