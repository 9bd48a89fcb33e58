"""Answers that are one or several numbers for each step of a series."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.series.step_scans import StepNumberScan, moments
from seqkit.data.series.whole import SAME, Scale
from seqkit.data.stores.store import Column, Ragged
from seqkit.tasks.answers.step_classes import StepAnswer, known_share, step_table

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.rows.parted import PartedRows
    from seqkit.data.rows.reading import AnsweredRows, AnswerScan
    from seqkit.scores.step_numbers import StepNumberScorer
    from seqkit.signature import Signature


class StepNumbers(StepAnswer):
    """One or several numbers a step.

    Args:
        columns: their names, in the order of the outputs.
        scale: what is taken off each column, and what the rest is divided by, before it
            is learnt.
    """

    primary_metric = "rmse"
    other_metrics = ("mae",)
    loss_keys = ("model.loss", "data.target_scale")
    idle_answer = "answering the same numbers for every step"
    filling = np.nan

    def __init__(self, columns: tuple[str, ...], scale: Scale) -> None:
        self.columns, self.scale = columns, scale

    @property
    def column(self) -> Column:  # type: ignore[override]
        return Column(np.float32, (len(self.columns),))

    @classmethod
    def scan(cls, spec: Any, name: str, thing: str) -> StepNumberScan:
        return StepNumberScan(spec, name)

    @classmethod
    def fit(cls, spec: Any, scan: AnswerScan, rows: PartedRows[Any]) -> Self:
        columns = len(spec.answers)
        if spec.target_scale == "none":
            return cls(spec.answers, Scale((0.0,) * columns, (1.0,) * columns))
        _, mean, spread = moments(rows.training_answers())
        unit = np.where(spread > SAME * np.abs(mean), spread, 1.0)
        return cls(spec.answers, Scale(tuple(mean.tolist()), tuple(unit.tolist())))

    @classmethod
    def declared(cls, spec: Any) -> dict[str, Any]:
        return {"details": (("targets", len(spec.answers)),)}

    @property
    def shapes(self) -> dict[str, Any]:
        return {"details": (("targets", len(self.columns)),)}

    @classmethod
    def head(cls, model: Any, signature: Signature) -> Callable[[Any], Any]:
        """Vectors (batch, steps, width) to scaled numbers (batch, steps, columns)."""
        import keras

        return keras.layers.Dense(signature.detail("targets"), name="numbers")

    @classmethod
    def compile_options(cls, model: Any, network: keras.Model) -> dict[str, Any]:
        from seqkit.models.step_losses import StepNumbersLoss

        return {"loss": StepNumbersLoss(model.loss)}

    def truth(
        self, rows: AnsweredRows[Any], spec: Any, name: str, thing: str
    ) -> list[NDArray[np.float64]]:
        """Numbers (steps, columns) of each series, NaN where one is missing."""
        return list(rows.answers)

    def targets(self, truth: Any) -> Ragged:
        center, unit = np.array(self.scale.center), np.array(self.scale.unit)
        return Ragged.of([(one - center) / unit for one in truth])

    def step_weights(self, truth: Any) -> list[NDArray[np.float32]] | None:
        return [known_share(one, by_column=True) for one in truth]

    def idle_outputs(
        self, model: Any, targets: NDArray[Any], weights: NDArray[Any]
    ) -> NDArray[np.floating]:
        """The mean of each column's known numbers, or the median (1, columns)."""
        known = np.where((weights > 0)[..., np.newaxis], targets, np.nan)
        middle = np.nanmean if model.loss == "mse" else np.nanmedian
        rows = known.reshape(-1, known.shape[-1])
        rows = np.where(np.isnan(rows).all(axis=0), 0.0, rows)
        return np.asarray(middle(rows, axis=0))[np.newaxis]

    def undone(self, outputs: Any) -> list[NDArray[np.float64]]:
        """Numbers (steps, columns) in the units of the data, as float64."""
        center, unit = np.array(self.scale.center), np.array(self.scale.unit)
        return [one.astype(np.float64) * unit + center for one in outputs]

    def in_graph(self, outputs: Any) -> dict[str, Any]:
        """``prediction_COLUMN`` (batch, steps) of each, NaN behind the end."""
        from seqkit.layers.steps import StepNumberDecoder

        decoder = StepNumberDecoder(self.columns, self.scale.center, self.scale.unit)
        answers: dict[str, Any] = decoder(outputs)
        return answers

    def table(self, outputs: Any, inputs: list[Any]) -> pd.DataFrame:
        """A row a step: ``series``, ``step``, and ``prediction_COLUMN`` of each."""
        every = np.concatenate(outputs)
        answers = {
            f"prediction_{name}": every[:, place]
            for place, name in enumerate(self.columns)
        }
        return step_table(inputs, answers)

    @classmethod
    def scorer_type(cls) -> type[StepNumberScorer]:
        from seqkit.scores.step_numbers import StepNumberScorer

        return StepNumberScorer

    def scorer(self) -> StepNumberScorer:
        return self.scorer_type()(self.columns)

    def plain(self) -> dict[str, Any]:
        scale = {"center": self.scale.center, "unit": self.scale.unit}
        return {"targets": {"columns": self.columns, **scale}}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        targets = plain["targets"]
        scale = Scale(tuple(targets["center"]), tuple(targets["unit"]))
        return cls(tuple(targets["columns"]), scale)
