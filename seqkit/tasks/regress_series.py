"""The task ``regress_series``: one number for a whole series."""

from __future__ import annotations

from seqkit.data.series.spec import MeasuredSeries
from seqkit.models.specs import MeasuredSeriesModel
from seqkit.tasks.answers.numbers import Numbers
from seqkit.tasks.rules.series import SeriesRule
from seqkit.tasks.series import SeriesTask


class RegressSeries(SeriesTask[MeasuredSeries, MeasuredSeriesModel]):
    """Many steps in, one number out."""

    name = "regress_series"
    summary = "One number for a whole series of numbers."
    Data = MeasuredSeries
    Model = MeasuredSeriesModel
    Answer = Numbers
    Rule = SeriesRule
