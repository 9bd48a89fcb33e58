"""The one streaming scorer: what is counted row by row, and how sure it is.

A scorer whose metrics are formulas of sums over rows is a ``RowScorer``. It gives a
row's statistics and the formulas; blocks, bootstrap, pairing and the check that rows
are the same stand here, once for all of them. A forecast's windows hang together, so
its scorer resamples them in its own way and shares the rest.
"""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from seqkit.errors import DataError, UsageError
from seqkit.scores.clusters import estimate
from seqkit.scores.digest import row_bytes
from seqkit.scores.intervals import BLOCK_ROWS, Estimate, PoissonBootstrap
from seqkit.scores.metric import Metric, known_metric
from seqkit.scores.seeds import Paired, Values

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Tables = Mapping[str, "pd.DataFrame"]


@dataclass(frozen=True)
class Scores:
    """How good answers are on ``rows`` rows; all intervals are 95%."""

    metrics: dict[str, Estimate]
    """Name (see ``Scorer.metrics``) -> (value, low, high); NaN where it means
    nothing."""
    rows: int
    tables: dict[str, pd.DataFrame]
    """What more there is to say, by name; see ``Scorer.tables``."""

    @property
    def filled(self) -> dict[str, pd.DataFrame]:
        """The tables that have rows."""
        return {name: table for name, table in self.tables.items() if len(table)}


class Scorer(ABC):
    """Scores answers, chunk by chunk, in memory that hardly grows.

    Args:
        resamples: resamples of the bootstrap.
        seed: seeds the bootstrap; scorers that are compared share it.
    """

    metrics: Mapping[str, Metric]
    """By name, in the order of reports. Where an instance has some of its own, the
    class names the usual ones."""

    def __init__(self, resamples: int = 1000, seed: int = 0) -> None:
        PoissonBootstrap(resamples, seed)
        self.resamples, self.seed = resamples, seed

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many rows were answered so far."""

    @abstractmethod
    def result(self) -> Scores:
        """The scores of all rows so far; more rows may follow.

        Raises:
            DataError: no row has come yet.
        """

    def alike(self) -> dict[str, Any]:
        """What scorers have in common where they are compared, by name."""
        return {"resamples": self.resamples, "seed": self.seed}

    @classmethod
    def estimate(cls, metric: str, values: Values, signed: bool = False) -> Estimate:
        """A metric with its interval, from value and replicates (1 + resamples,).

        ``signed`` is a difference of two metrics, which may be below 0.
        """
        value = float(values[0])
        return (value, value, value) if math.isnan(value) else estimate(values)

    @classmethod
    def paired(cls, scorers: Sequence[Any], metric: str) -> Paired:
        """A metric of each scorer, on the same rows and the same resamples of them.

        Raises:
            UnknownNameError: there is no such metric.
            UsageError: they did not score the same rows with the same bootstrap.
            DataError: no row has come yet, or they have no such metric.
        """
        known_metric(metric, scorers[0].metrics)
        _require_alike(scorers)
        return cls._paired(scorers, metric)

    @classmethod
    @abstractmethod
    def _paired(cls, scorers: Sequence[Any], metric: str) -> Paired:
        """``paired`` of a metric that there is, by scorers that are alike."""

    @classmethod
    def difference(cls, ours: Any, theirs: Any, metric: str) -> Estimate:
        """How much greater a metric is for ``ours``, with its 95% interval.

        Paired: each resample weighs the same rows for both, so that what makes a row
        hard for both cancels. The interval is far narrower than that of two separate
        samples. Errors are those of ``paired``.
        """
        mine, its = cls.paired([ours, theirs], metric).values
        return cls.estimate(metric, mine - its, signed=True)

    @classmethod
    def pictures(
        cls, scores: Scores, baselines: Mapping[str, Tables]
    ) -> dict[str, Figure]:
        """Figures by name of what the tables of ``scores`` hold; here none.

        Args:
            scores: what ``result`` gave.
            baselines: the tables of each baseline's scores, by its title.
        """
        return {}


class RowScorer(Scorer):
    """Metrics that are formulas of sums over rows, with their intervals.

    A kind of scores gives ``metrics``, ``statistics`` and ``formula``. However the rows
    are cut into chunks, the result is the same to the last bit: statistics wait until a
    whole block of them is there. The intervals are percentiles of a Poisson bootstrap
    over rows.

    >>> class Hits(RowScorer):
    ...     metrics = {"accuracy": Metric("Accuracy", "share of hits", True)}
    ...     def statistics(self, truth, outputs):
    ...         return np.column_stack([truth == outputs, np.ones(len(truth))])
    ...     def formula(self, metric, sums):
    ...         hits, rows = sums
    ...         return hits / rows
    >>> hits = Hits()
    >>> hits.update(np.array([1, 2, 3, 4]), np.array([1, 2, 3, 5]))
    >>> hits.result().metrics["accuracy"][0]
    0.75
    """

    truths: ClassVar[str] = "true answers"
    """What a message calls what rows are compared with."""
    undefined: ClassVar[str] = "the rows at hand hold nothing that it could be of"
    """Why a metric may not exist, in a message."""

    def __init__(self, resamples: int = 1000, seed: int = 0) -> None:
        super().__init__(resamples, seed)
        self._rows = 0
        self._bootstrap = PoissonBootstrap(resamples, seed)
        self._waiting: Values | None = None
        self._sums: Values | float = 0.0
        self._tallies: Values | float = 0.0
        self._truths = hashlib.blake2b()

    @abstractmethod
    def statistics(self, truth: Any, outputs: Any) -> Values:
        """What is counted of each row (rows, k), such as its errors and its tokens.

        Raises:
            UsageError: a wrong shape or kind.
            DataError: answers that cannot be scored.
        """

    @abstractmethod
    def formula(self, metric: str, sums: Values) -> Values:
        """A metric (m,) of sums of statistics (k, m); NaN where it means nothing."""

    def weighted(self, statistics: Values, weights: Values) -> Values:
        """Sums (k, m) of statistics (n, k) under weights (m, n).

        Where a row counts in few of very many sums, another form of statistics may be
        kept and taken apart here.
        """
        sums: Values = np.ascontiguousarray(statistics.T) @ weights.T
        return sums

    def tally(self, statistics: Values) -> Values:
        """What tables need of a block of statistics (n, k), summed but not resampled.

        Here nothing; see ``tallies``.
        """
        return np.zeros(0)

    def tables(self) -> dict[str, pd.DataFrame]:
        """What more there is to say of the rows so far, by name; here nothing."""
        return {}

    @property
    def rows(self) -> int:
        return self._rows

    def alike(self) -> dict[str, Any]:
        return super().alike() | {"number of rows": self.rows}

    def update(self, truth: Any, outputs: Any) -> None:
        """Count some more rows; on an error none of them is counted.

        Whole numbers that are not resampled, such as which tag is taken for which, can
        be counted beside this: no rounding depends on the chunks.

        Args:
            truth: the true answer of each row.
            outputs: what was answered, as many.
        """
        statistics = np.asarray(self.statistics(truth, outputs), np.float64)
        if not len(statistics):
            return
        self._truths.update(row_bytes(truth))
        self._rows += len(statistics)
        if self._waiting is not None:
            statistics = np.concatenate([self._waiting, statistics])
        # Whole blocks are summed, so that chunks do not change how sums are rounded.
        whole = len(statistics) - len(statistics) % BLOCK_ROWS
        for start in range(0, whole, BLOCK_ROWS):
            block = statistics[start : start + BLOCK_ROWS]
            self._sums = self._sums + self._weighted(block, self._bootstrap)
            self._tallies = self._tallies + self.tally(block)
        self._waiting = statistics[whole:].copy()

    def result(self) -> Scores:
        sums = self.sums()
        metrics = {
            name: self.estimate(name, self._values(name, sums)) for name in self.metrics
        }
        return Scores(metrics, self.rows, self.tables())

    def sums(self) -> Values:
        """Sums of statistics (k, 1 + resamples): as they are, then each resample's.

        Raises:
            DataError: no row has come yet.
        """
        # A copy of the bootstrap: rows that follow get the weights that are next.
        return self._sums + self._weighted(self._waited(), copy(self._bootstrap))

    def tallies(self) -> Values:
        """What ``tally`` gave, of all rows so far."""
        return self._tallies + self.tally(self._waited())

    @classmethod
    def _paired(cls, scorers: Sequence[Any], metric: str) -> Paired:
        if len({scorer._truths.digest() for scorer in scorers}) > 1:
            raise UsageError(
                "Scorers are compared on the same rows, but these have other "
                f"{cls.truths} or come in another order."
            )
        values = [scorer._values(metric, scorer.sums()) for scorer in scorers]
        if not np.isfinite([each[0] for each in values]).all():
            raise DataError(f"There is no {metric}: {cls.undefined}.")
        return Paired(np.stack(values), scorers[0].rows)

    def _waited(self) -> Values:
        """Statistics of the rows that still wait for their block to fill."""
        if self._waiting is None:
            raise DataError("No rows were scored: the part to be scored is empty.")
        return self._waiting

    def _weighted(self, statistics: Values, bootstrap: PoissonBootstrap) -> Values:
        rows = len(statistics)
        weights = np.vstack([np.ones(rows), bootstrap.weights(rows)])
        return self.weighted(statistics, weights)

    def _values(self, metric: str, sums: Values) -> Values:
        """A metric for the rows as they are and for each resample (1 + resamples,)."""
        # A resample may hold no row, or rows all alike; intervals leave it out.
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.formula(metric, sums)


def _require_alike(scorers: Sequence[Scorer]) -> None:
    """Raise UsageError unless all scorers are alike where they have to be."""
    ours = scorers[0].alike()
    for theirs in (scorer.alike() for scorer in scorers[1:]):
        for name, value in ours.items():
            if theirs[name] != value:
                raise UsageError(
                    f"Scorers are compared with the same {name}, got {value} and "
                    f"{theirs[name]}."
                )
