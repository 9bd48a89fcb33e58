"""The tasks ``classify_steps`` and ``regress_steps``: an answer a step of a series."""

from __future__ import annotations

from typing import Any, TypeVar

from seqkit.data.series.spec import LabelledSteps, MeasuredSteps, SteppedSeries
from seqkit.models.specs import MeasuredStepsModel, StepsModel
from seqkit.signature import Signature
from seqkit.tasks.answers.step_classes import StepClasses
from seqkit.tasks.answers.step_numbers import StepNumbers
from seqkit.tasks.base import Baseline
from seqkit.tasks.inputs.steps import StepInputs
from seqkit.tasks.rows import RowData
from seqkit.tasks.series import NumbersTask

SteppedData = TypeVar("SteppedData", bound=SteppedSeries)
Model = TypeVar("Model", bound=StepsModel)


class StepsTask(NumbersTask[SteppedData, Model]):
    """A task with an answer for each step of a series."""

    unit = "series"
    Inputs = StepInputs

    def encode(self, inputs: Any, model: Model, signature: Signature) -> Any:
        """Steps to vectors (batch, steps, width)."""
        from seqkit.models.series import encode_steps

        return encode_steps(inputs, model)


class ClassifySteps(StepsTask[LabelledSteps, StepsModel]):
    """Many steps in, a class or several labels for each out."""

    name = "classify_steps"
    summary = "A class, or several labels, for each step of a series of numbers."
    Data = LabelledSteps
    Model = StepsModel
    Answer = StepClasses

    def baselines(self, rows: RowData, seed: int) -> list[Baseline]:
        from seqkit.tasks.baselines.steps import class_baselines

        answer: Any = rows.answer
        classes = len(answer.classes)
        return class_baselines(lambda: rows.examples("train"), classes, answer.multi)


class RegressSteps(StepsTask[MeasuredSteps, MeasuredStepsModel]):
    """Many steps in, one or several numbers for each out."""

    name = "regress_steps"
    summary = "One or several numbers for each step of a series of numbers."
    Data = MeasuredSteps
    Model = MeasuredStepsModel
    Answer = StepNumbers

    def baselines(self, rows: RowData, seed: int) -> list[Baseline]:
        from seqkit.data.series.step_scans import moments
        from seqkit.tasks.baselines.steps import number_baselines

        _, means, _ = moments(rows.rows.training_answers())
        return number_baselines(lambda: rows.examples("train"), means)
