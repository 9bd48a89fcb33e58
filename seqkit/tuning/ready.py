"""Data that are ready for all trials that need the same."""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path
from statistics import NormalDist
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from seqkit.data.sources.given import given_source
from seqkit.errors import DataError
from seqkit.recipe.recipe import Recipe
from seqkit.runs.evaluate import count_rows
from seqkit.scores.intervals import LEVEL
from seqkit.training.prepared import Prepared, prepared
from seqkit.tuning.jobs import Score

if TYPE_CHECKING:
    from seqkit.tasks.base import Baseline, Scoring


class Ready:
    """Data that are prepared, and what was computed of them."""

    def __init__(self, recipe: Recipe, data: Any, seed: int) -> None:
        self._folder = TemporaryDirectory(prefix="seqkit-")
        self._seed = seed
        source = given_source(data, recipe.data)
        self.prepared: Prepared = prepared(recipe, source, Path(self._folder.name))

    @cached_property
    def baselines(self) -> list[Baseline]:
        """Fitted once for all runs on these data."""
        return self.prepared.data.baselines(self._seed)

    def score(self, outputs_of: Scoring) -> Score:
        """The primary metric of what ``outputs_of`` gives of the validation part.

        With its standard error over rows: a half of its interval, which is of 95%, by
        1.96; None where there is no interval.
        """
        task = self.prepared.task
        scorer = task.scorer(self.prepared.preprocessing)
        examples = self.prepared.data.examples("validation")
        count_rows(task, examples, [(scorer, outputs_of)])
        metrics = scorer.result().metrics
        if task.primary_metric not in metrics:
            raise DataError(
                f"The validation part has no {task.primary_metric} by which trials "
                "could be compared. Give it more rows: data.validation."
            )
        value, low, high = map(float, metrics[task.primary_metric])
        error = (high - low) / 2 / NormalDist().inv_cdf((1 + LEVEL) / 2)
        return {
            "score": value,
            "score_error": error if math.isfinite(error) else None,
            "rows": self.prepared.data.count("validation"),
        }

    def rank(self, score: Score) -> float:
        """What is greater, the better a score is; least where it is no number."""
        task, value = self.prepared.task, score["score"]
        if value is None or not math.isfinite(value):
            return -math.inf
        greater = task.metric(task.primary_metric).greater_is_better
        return value if greater else -value

    def close(self) -> None:
        """Remove the files of the stores."""
        self._folder.cleanup()
