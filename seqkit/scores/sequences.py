"""Scores of written texts over rows that stream by, with their 95% intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit.errors import DataError, UsageError
from seqkit.scores.metric import known_metric
from seqkit.scores.scorer import RowScorer, Scores, Tables
from seqkit.scores.seeds import Values
from seqkit.scores.sequence_counts import COUNTS
from seqkit.scores.sequence_metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORCED = ("log_probability", "tokens", "hits")
"""What a model says of a row's reference; baselines do not."""
BY_LENGTH = ("token_accuracy", "free_token_accuracy")
"""Scores by length, beside the primary one."""
OF_SYMBOLS = ("exact_match", "character_error_rate")
"""Where one of these is the primary score, lengths are of characters."""
BIN_ENDS = (5, 10, 15, 20, 30, 50, 100)
FEWEST_BINNED = 10
"""Rows of a bin; where it has fewer it is one with the next."""
WORST_ROWS = 20


class _Row(NamedTuple):
    """A row among the worst: how good it is, by two scores, and its texts."""

    merit: float
    second: float
    row: int
    score: float
    reference: str
    output: str


class SequenceScorer(RowScorer):
    """Scores a text a row against one or several references, chunk by chunk.

    ``perplexity`` and ``token_accuracy`` are of a model that is given the reference
    token by token; they are NaN where it gives no such numbers.

    Args:
        names: of the metrics, see ``METRICS``; the primary one stands first.
        resamples: resamples of the bootstrap.
        seed: seeds the bootstrap; scorers that are compared share it.

    Raises:
        UnknownNameError: there is no such metric.
        UsageError: no metric is named, or one twice.

    >>> scorer = SequenceScorer(["exact_match", "character_error_rate"])
    >>> scorer.update(["abc", "abd"], {"output": ["abc", "abc"]})
    >>> [round(value, 3) for value, _, _ in scorer.result().metrics.values()]
    [0.5, 0.167]
    """

    metrics = METRICS
    truths = "references"
    undefined = "the rows at hand have no tokens, or no model's numbers, to count"

    def __init__(
        self, names: Sequence[str], resamples: int = 1000, seed: int = 0
    ) -> None:
        super().__init__(resamples, seed)
        if not names or len(set(names)) < len(names):
            raise UsageError(
                f"names must be at least one metric and none twice, got {list(names)}."
            )
        self.metrics = {name: known_metric(name, METRICS) for name in names}
        self.primary = names[0]
        self._counts = {name: COUNTS[name]() for name in names if name in COUNTS}
        # A one for each row, a model's numbers, and the counts of each text score.
        self._places, place = {}, 1 + len(FORCED)
        for name, counts in self._counts.items():
            self._places[name] = slice(place, place + counts.width)
            place += counts.width
        self._width = place
        self._by_length = [name for name in names if name in (self.primary, *BY_LENGTH)]
        self._references: set[int] = set()
        self._latest = np.zeros((0, place + 1))
        self._worst: list[_Row] = []

    def alike(self) -> dict[str, Any]:
        return {"metrics": list(self.metrics)} | super().alike()

    def update(self, truth: Any, outputs: Any) -> None:
        """Count some more rows; on an error none of them is counted.

        Args:
            truth: of each row a reference, or a list of several.
            outputs: ``output``, a text a row. Of models also ``log_probability`` of
                the reference, its ``tokens``, and ``hits``: how many of them are
                likeliest behind the true ones before (rows,).

        Raises:
            UsageError: another number of rows, no texts, or a row without a reference.
            DataError: a model's numbers that are not finite.
        """
        first = self.rows
        super().update(truth, outputs)
        references = [_references(one) for one in truth]
        self._references |= {len(each) for each in references}
        rows = self._scored_rows(first, references, outputs["output"])
        self._worst = sorted([*self._worst, *rows])[:WORST_ROWS]

    def statistics(self, truth: Any, outputs: Any) -> Values:
        """Counts of each row, and the number of its bin by length."""
        texts, references = outputs["output"], [_references(one) for one in truth]
        self._check(references, texts)
        counts = np.zeros((len(texts), self._width + 1))
        counts[:, 0] = 1
        counts[:, 1 : 1 + len(FORCED)] = self._forced(outputs, len(texts))
        for name, each in self._counts.items():
            for row, (text, true) in enumerate(zip(texts, references, strict=True)):
                counts[row, self._places[name]] = each.of(text, true)
        lengths = [self._length(true[0]) for true in references]
        counts[:, -1] = np.searchsorted(BIN_ENDS, lengths)
        self._latest = counts
        return counts

    def weighted(self, statistics: Values, weights: Values) -> Values:
        """Sums of all counts, then those of each bin by length alone."""
        counts, bins = statistics[:, :-1], statistics[:, -1]
        sums = [super().weighted(counts, weights)]
        binned = counts[:, self._binned]
        for number in range(len(BIN_ENDS) + 1):
            rows = np.flatnonzero(bins == number)
            sums.append(super().weighted(binned[rows], weights[:, rows]))
        return np.concatenate(sums)

    def formula(self, metric: str, sums: Values) -> Values:
        return self._score(metric, sums[: self._width])

    def tables(self) -> dict[str, pd.DataFrame]:
        """``worst``, ``lengths`` and ``signature``.

        The first has the rows of the lowest primary score, the worst first: row (from
        1), score, reference (the first), output. The second has one for each metric
        and bin of the reference's length that is not empty: metric, unit, least, most
        (NaN: no end), rows, value, low, high. The third says how scores were computed.
        """
        return {
            "worst": self._worst_frame(),
            "lengths": self._length_frame(),
            "signature": self._signature_frame(),
        }

    @classmethod
    def pictures(
        cls, scores: Scores, baselines: Mapping[str, Tables]
    ) -> dict[str, Figure]:
        from seqkit import pictures

        tables = _by_metric(scores.tables)
        if not tables:
            return {}
        primary = next(iter(tables))
        others = {
            title: table
            for title, its in baselines.items()
            if (table := _by_metric(its).get(primary)) is not None
        }
        title = METRICS[primary].title
        drawn = {
            "score_by_length": pictures.score_by_length(tables[primary], title, others)
        }
        if all(name in tables for name in BY_LENGTH):
            forced, free = BY_LENGTH
            totals = scores.metrics[forced], scores.metrics[free]
            drawn["forced_against_free"] = pictures.forced_against_free(
                tables[forced], tables[free], totals
            )
        return drawn

    @property
    def _binned(self) -> list[int]:
        """Places of the counts that are summed for each bin by length as well."""
        places = [*range(1 + len(FORCED))]
        for name in self._by_length:
            if name in self._places:
                places += range(self._places[name].start, self._places[name].stop)
        return places

    def _score(self, metric: str, sums: Values, single: bool = False) -> Values:
        """A metric (m,) of sums of counts; ``single``: of one row each."""
        likelihood, tokens, hits = sums[1 : 1 + len(FORCED)]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            if metric == "perplexity":
                return np.asarray(np.exp(-likelihood / tokens))
            if metric == "token_accuracy":
                return np.asarray(hits / tokens)
        counts = self._counts[metric]
        own = sums[self._places[metric]]
        return counts.row_score(own) if single else counts.score(own)

    def _length(self, reference: str) -> int:
        return len(reference if self.primary in OF_SYMBOLS else reference.split())

    def _forced(self, outputs: Any, rows: int) -> Values:
        """A model's numbers (rows, 3); zeros where it gives none."""
        if any(name not in outputs for name in FORCED):
            return np.zeros((rows, len(FORCED)))
        columns = [np.asarray(outputs[name], np.float64) for name in FORCED]
        for name, column in zip(FORCED, columns, strict=True):
            if column.shape != (rows,):
                raise UsageError(
                    f"{name} must have the shape (rows,) = ({rows},), got "
                    f"{column.shape}."
                )
            wrong = ~np.isfinite(column)
            if wrong.any():
                row = int(wrong.argmax())
                raise DataError(
                    f"{name} must be finite, got {column[row]} in row "
                    f"{self.rows + row}. Look whether the model's weights are."
                )
        return np.column_stack(columns)

    def _check(self, references: list[list[str]], texts: Sequence[str]) -> None:
        if len(references) != len(texts):
            raise UsageError(
                f"There must be as many outputs as references ({len(references)}), "
                f"got {len(texts)}."
            )
        for row, (true, text) in enumerate(zip(references, texts, strict=True)):
            if not true or not all(isinstance(one, str) for one in [text, *true]):
                raise UsageError(
                    "Every row must have a text and at least one reference, also a "
                    f"text, got {text!r} and {true!r} in row {self.rows + row}."
                )

    def _scored_rows(
        self, first: int, references: list[list[str]], texts: Sequence[str]
    ) -> Iterator[_Row]:
        """The latest rows with their merits: by the first metric, then the second."""
        if not texts:
            return
        counts = self._latest[:, :-1].T
        names = [*self.metrics, self.primary][:2]
        scores = [self._score(name, counts, single=True) for name in names]
        signs = [1 if self.metrics[name].greater_is_better else -1 for name in names]
        # A row without the score, such as one without words, is none of the worst.
        merits = np.nan_to_num(np.array(signs)[:, None] * scores, nan=np.inf)
        for row, (true, text) in enumerate(zip(references, texts, strict=True)):
            first_merit, second = merits[:, row].tolist()
            score = float(scores[0][row])
            yield _Row(first_merit, second, first + row + 1, score, true[0], text)

    def _worst_frame(self) -> pd.DataFrame:
        columns = ["row", "score", "reference", "output"]
        return pd.DataFrame([row[2:] for row in self._worst], columns=columns)

    def _length_frame(self) -> pd.DataFrame:
        places, sums = self._binned, self.sums()
        bins = sums[self._width :].reshape(len(BIN_ENDS) + 1, len(places), -1)
        unit = "characters" if self.primary in OF_SYMBOLS else "words"
        spans = _spans(bins[:, 0, 0])
        rows = []
        for name in self._by_length:
            for first, last in spans:
                binned = bins[first : last + 1].sum(axis=0)
                whole = np.zeros((self._width, binned.shape[1]))
                whole[places] = binned
                values = self._values(name, whole)
                if np.isfinite(values[0]):
                    count = int(binned[0, 0])
                    least = BIN_ENDS[first - 1] + 1 if first else 0
                    ends = least, (*BIN_ENDS, np.nan)[last]
                    interval = self.metrics[name].possible(self.estimate(name, values))
                    rows.append((name, unit, *ends, count, *interval))
        columns = "metric unit least most rows value low high".split()
        return pd.DataFrame(rows, columns=columns)

    def _signature_frame(self) -> pd.DataFrame:
        single = len(self._references) == 1
        references = next(iter(self._references)) if single else None
        rows = [
            (name, counts.signature(references))
            for name, counts in self._counts.items()
        ]
        return pd.DataFrame(
            [row for row in rows if row[1]], columns=["metric", "signature"]
        )


def _spans(counts: Values) -> list[tuple[int, int]]:
    """Bins (first and last) that are told of together, so that none has few rows."""
    spans: list[list[int]] = []
    for number in np.flatnonzero(counts).tolist():
        if spans and sum(counts[bin_] for bin_ in spans[-1]) < FEWEST_BINNED:
            spans[-1].append(number)
        else:
            spans.append([number])
    if len(spans) > 1 and sum(counts[bin_] for bin_ in spans[-1]) < FEWEST_BINNED:
        few = spans.pop()
        spans[-1] += few
    return [(span[0], span[-1]) for span in spans]


def _by_metric(tables: Tables) -> dict[str, pd.DataFrame]:
    """The table ``lengths`` of each metric in it, the primary one first."""
    lengths = tables.get("lengths")
    if lengths is None or lengths.empty:
        return {}
    return {str(name): own for name, own in lengths.groupby("metric", sort=False)}


def _references(truth: str | Sequence[str]) -> list[str]:
    return [truth] if isinstance(truth, str) else list(truth)
