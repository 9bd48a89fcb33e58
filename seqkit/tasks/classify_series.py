"""The task ``classify_series``: one of several classes for a whole series."""

from __future__ import annotations

from seqkit.data.series.spec import LabelledSeries
from seqkit.models.specs import SeriesModel
from seqkit.tasks.answers.classes import Classes
from seqkit.tasks.rules.series import ClassesRule
from seqkit.tasks.series import SeriesTask


class SeriesClasses(Classes):
    """Classes of series, whose numbers may be answers as well."""

    numbers_task = "regress_series"


class ClassifySeries(SeriesTask[LabelledSeries, SeriesModel]):
    """Many steps in, one class out."""

    name = "classify_series"
    summary = "One of two or more classes for a whole series of numbers."
    Data = LabelledSeries
    Model = SeriesModel
    Answer = SeriesClasses
    Rule = ClassesRule
