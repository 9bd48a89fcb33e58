"""Comparison: competitors over their seeds, baselines beside them, and who wins."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from seqkit.comparison.names import spoken
from seqkit.comparison.ranking import Ranking
from seqkit.comparison.scoring import score_runs
from seqkit.comparison.table import table, text_table
from seqkit.comparison.words import margin_words, sentence
from seqkit.data.sources.given import source_name
from seqkit.recipe.nodes import shown
from seqkit.registry import TASKS
from seqkit.scores.contest import (
    Competitor,
    Difference,
    Lead,
    Margin,
    Plain,
    competitors,
    differences,
    lead,
    margin_of,
)
from seqkit.scores.needed import Needed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.runs.run import Run


def compared(
    groups: Mapping[str, Sequence[Run]],
    data: Any = None,
    frame: Any = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    margin: float | None = None,
    kind: str = "model",
    steps: Mapping[str, Sequence[float]] | None = None,
) -> Comparison:
    """Score runs on the same test rows, and compare them over their seeds.

    Args:
        groups: competitors by name: runs of each that differ in their seed alone.
        data: labelled rows, as for ``Run.evaluate``: those that training or validation
            of any of the runs saw are left out. None for the test part of the data that
            the runs were trained on.
        frame: that data, where it is a DataFrame, which no run keeps.
        settings: what their names do not tell of the competitors, by dotted key.
        margin: within what two are equivalent, in the units of the metric; None: a
            share of the lead over the best baseline, see ``scores.contest``.
        kind: what a competitor is called: ``cell``, ``model``, ``run``.
        steps: seconds a step of each competitor, round by round, where measured.

    Raises:
        UsageError: the runs have other tasks, other data, other test rows, or a seed
            twice.
        RunError: the runs held out no test rows, or their data have changed.
        DataError: the data cannot be read or hold no rows.
    """
    scored = score_runs(groups, data, frame)
    run = next(iter(groups.values()))[0]
    metric = run.task.metric(run.task.primary_metric)
    ranked = competitors(scored.groups, metric)
    recipe = run.recipe
    if data is not None:
        recipe = recipe.with_({"data.source": source_name(data)})
    reference = recipe.reference
    leads = tuple(
        lead(one.name, baseline, gaps[one.name], metric, len(ranked), units)
        for baseline, (gaps, units) in scored.gaps.items()
        for one in ranked
    )
    within = margin_of(margin, ranked, leads, scored.baselines, metric)
    reach = within.value if within else 0.0
    return Comparison(
        task=run.recipe.task,
        data=scored.data,
        rows=scored.rows,
        metric=run.task.primary_metric,
        greater_is_better=bool(metric.greater_is_better),
        competitors=ranked,
        baselines=scored.baselines,
        differences=differences(scored.groups, ranked, metric, scored.units, reach),
        leads=leads,
        reference=reference.model_dump() if reference else None,
        settings=settings or {},
        margin=within,
        kind=kind,
        steps={name: tuple(rounds) for name, rounds in (steps or {}).items()},
    )


@dataclass(frozen=True)
class Comparison(Ranking):
    """How good competitors are, each trained with several seeds, and which to take.

    A ``Ranking`` with its sentence, its table and its picture.
    """

    @property
    def sentence(self) -> str:
        """The outcome in words; begins with the baseline where nobody beats it."""
        return sentence(self)

    @property
    def table(self) -> pd.DataFrame:
        """A row a competitor, then the baselines and the published reference, by name.

        ``kind``; ``mean`` and ``sd`` over seeds; ``low`` and ``high`` of the 95%
        interval; ``seeds``; how far it is ``behind`` the one to take, with
        ``behind_low`` and ``behind_high``; the effect of that one on it as ``g`` and
        ``superiority`` (see ``Difference``); ``parameters`` and ``bytes``; seconds a
        ``step`` with ``step_low`` and ``step_high``, measured side by side;
        ``seconds``, the median of whole trainings, in which early stopping and other
        work on the machine have their part. NaN where there is no such number.
        """
        return table(self)

    @property
    def _scope(self) -> str:
        """How many rows of what, in words."""
        unit = TASKS.get(self.task).unit
        way = "more" if self.greater_is_better else "less"
        return (
            f"{self.rows:,} {unit} of {self.data}; {way} is better; intervals are of "
            "95%, over seeds and test rows"
            + (", and differences hold together" if len(self.differences) > 1 else "")
            + (f"; {margin_words(self)}" if self.differences else "")
        )

    @property
    def _settings(self) -> list[str]:
        """``GRU: model.units=[16], train.learning_rate=0.01632``, for each that has."""
        lines = []
        for one in self.competitors:
            settings = self.settings.get(one.name, {}).items()
            texts = [f"{key}={shown(value)}" for key, value in settings]
            if texts:
                lines.append(f"{spoken(one.name)}: {', '.join(texts)}")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as in ``comparison.json``."""
        return {
            "sentence": self.sentence,
            "outcome": self.outcome,
            "winner": self.winner,
            "taken": self.taken,
            "unlearnt": self.unlearnt.name if self.unlearnt else None,
            "advice": self.advice,
            "significant": self.significant,
            **asdict(self),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Comparison:
        """Read what ``to_dict`` gave; further keys are left aside."""
        parts = {
            "competitors": Competitor,
            "baselines": Plain,
            "differences": Difference,
            "leads": Lead,
        }
        values = {one.name: plain[one.name] for one in fields(cls) if one.name in plain}
        for key, kind in parts.items():
            values[key] = tuple(_read(kind, record) for record in values[key])
        if values.get("margin"):
            values["margin"] = _read(Margin, values["margin"])
        steps = values.get("steps", {})
        values["steps"] = {name: tuple(rounds) for name, rounds in steps.items()}
        return cls(**values)

    def plot(self) -> Figure:
        """Competitors and baselines with their intervals, and the differences."""
        from seqkit.pictures.forest import forest

        return forest(self.to_dict(), self.measure, spoken)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        above = [self.sentence, *self._settings, "", self._scope]
        return "\n".join([*above, text_table(self).to_string()])

    def _repr_html_(self) -> str:
        from seqkit.pictures import as_html

        below = "<br>".join(map(html.escape, [*self._settings, self._scope]))
        words = f"<b>{html.escape(self.sentence)}</b><br>{below}"
        return (
            f"<p>{words}</p>{text_table(self).to_html(border=0)}{as_html(self.plot())}"
        )


def _read(kind: Any, record: Mapping[str, Any]) -> Any:
    """A dataclass from a record that may hold more, or less of what has a default."""
    values = {one.name: record[one.name] for one in fields(kind) if one.name in record}
    lists: dict[str, Any] = {
        key: tuple(v) for key, v in values.items() if isinstance(v, list)
    }
    if values.get("needed"):
        lists["needed"] = Needed(**values["needed"])
    return kind(**values | lists)
