"""Report: a run's scores with their intervals, beside the baselines and a reference."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.registry import TASKS
from seqkit.scores.intervals import decimals, shown
from seqkit.shared.files import write_json

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


Interval = tuple[float, float, float]
"""A value and the ends of its 95% interval."""

REPORT = "report.json"
"""What a report is written to."""

WIDEST = 5
"""So many metrics stand beside each other on a terminal; more stand in rows."""


@dataclass(frozen=True)
class Report:
    """How good a run is on held-out rows, and what a plain competitor reaches.

    ``metrics`` maps each metric to (value, low, high), the ends of its 95% interval, or
    to NaN where it means nothing; ``baselines`` does so for each baseline;
    ``differences`` gives, for each baseline, the model's lead in ``primary_metric``
    (positive: the model is better), paired over the same rows.
    """

    name: str
    task: str
    data: str
    rows: int
    primary_metric: str
    metrics: dict[str, Interval]
    baselines: dict[str, dict[str, Interval]]
    differences: dict[str, Interval]
    reference: dict[str, Any] | None
    cost: dict[str, float]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    baseline_tables: dict[str, dict[str, pd.DataFrame]] = field(default_factory=dict)
    """Each baseline's tables, as far as pictures show them; not in ``report.json``."""
    parts: dict[str, dict[str, Interval]] = field(default_factory=dict)
    """What each model that this one is put together from scores alone, by title."""
    part_leads: dict[str, Interval] = field(default_factory=dict)
    """The whole model's lead on each, as in ``differences``."""
    notes: tuple[str, ...] = ()
    """Sentences that belong beside the scores: what was left out, what they hide."""

    def __getattr__(self, name: str) -> pd.DataFrame:
        """A table by its name, such as ``report.confusion`` of a classifier."""
        # Whoever makes a copy asks before there are any fields.
        tables: dict[str, pd.DataFrame] = self.__dict__.get("tables", {})
        if name not in tables:
            raise AttributeError(f"This report has neither {name!r} nor such a table.")
        return tables[name]

    @property
    def sentence(self) -> str:
        """The outcome in words; begins with the baseline where that wins."""
        best = max(self.baselines, key=lambda name: -self.differences[name][0])
        lead, low, high = self.differences[best]
        mine = shown(self.metrics[self.primary_metric])
        theirs = shown(self.baselines[best][self.primary_metric])
        metric = self.primary_metric
        if high < 0:
            return (
                f"The plain baseline wins: {best} has {metric} {theirs}, "
                f"{self.name} {mine}."
            )
        if low > 0:
            return f"{self.name} has {metric} {mine}, {best} {theirs}: the model wins."
        return (
            f"{self.name} has {metric} {mine}, {best} {theirs}: no real difference "
            f"({_gap((lead, low, high))})."
        )

    @property
    def _readable(self) -> pd.DataFrame:
        """The table as people read it: many metrics stand in rows."""
        table = self.table()
        if len(self.metrics) <= WIDEST:
            return table
        # A column of one number would be the reference's; a line below tells it.
        return table.loc[[self.name, *self.parts, *self.baselines]].T

    @property
    def _scope(self) -> str:
        """How many rows of what, in words."""
        unit = TASKS.get(self.task).unit
        return f"{self.rows:,} {unit} of {self.data}; 95% intervals in brackets"

    @property
    def _published(self) -> str:
        """The reference in words; only where there is one."""
        assert self.reference
        reference = self.reference
        setting = f" ({reference['setting']})" if reference.get("setting") else ""
        return (
            f"Published: {reference['metric']} {reference['value']:g}, "
            f"{reference['source']}{setting}."
        )

    def table(self) -> pd.DataFrame:
        """One row a competitor, one column a metric, as ``value [low, high]``."""
        import pandas as pd

        rows = {self.name: self.metrics, **self.parts, **self.baselines}
        cells = {
            name: {metric: shown(interval) for metric, interval in metrics.items()}
            for name, metrics in rows.items()
        }
        if self.reference:
            metric = self.reference["metric"]
            cells[f"reference: {self.reference['source']}"] = {
                metric: f"{self.reference['value']:g}"
            }
        return pd.DataFrame.from_dict(cells, orient="index").fillna("")

    @property
    def part_sentences(self) -> tuple[str, ...]:
        """How the whole model stands to each part of it, in words."""
        metric, sentences = self.primary_metric, []
        for title, lead in self.part_leads.items():
            sure = "better" if lead[1] > 0 else "worse" if lead[2] < 0 else ""
            verdict = f"is {sure}" if sure else "makes no real difference"
            score = shown(self.parts[title][metric])
            sentences.append(
                f"{title}: {metric} {score}; the whole model {verdict} ({_gap(lead)})."
            )
        return tuple(sentences)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as in ``report.json``."""
        parts = {
            "parts": {title: _without_nan(one) for title, one in self.parts.items()},
            "part_leads": _without_nan(self.part_leads),
        }
        return {
            "name": self.name,
            "task": self.task,
            "data": self.data,
            "rows": self.rows,
            "sentence": self.sentence,
            "primary_metric": self.primary_metric,
            "metrics": _without_nan(self.metrics),
            "baselines": {
                title: _without_nan(scores) for title, scores in self.baselines.items()
            },
            "differences": _without_nan(self.differences),
            **(parts if self.parts else {}),
            "notes": list(self.notes),
            "reference": self.reference,
            "cost": self.cost,
            "tables": {
                # JSON knows no NaN: a share of no rows is null.
                name: table.astype(object).where(table.notna(), None).to_dict("records")
                for name, table in self.tables.items()
            },
        }

    def competitors(self) -> list[dict[str, Any]]:
        """Model, baselines and reference by the primary metric, for a picture."""
        metric = self.primary_metric
        names = ("value", "low", "high")
        rows = [("model", self.name, self.metrics[metric])]
        rows += [
            ("baseline", t, scores[metric]) for t, scores in self.baselines.items()
        ]
        drawn: list[dict[str, Any]] = [
            {"name": title, "kind": kind} | dict(zip(names, interval, strict=True))
            for kind, title, interval in rows
        ]
        if self.reference and self.reference["metric"] == metric:
            source, value = self.reference["source"], self.reference["value"]
            drawn.append({"name": source, "kind": "reference", "value": value})
        return drawn

    def pictures(self) -> dict[str, Figure]:
        """Matplotlib figures by name: the competitors, and what the tables hold."""
        from seqkit import pictures
        from seqkit.scores.scorer import Scores

        metric, task = self.primary_metric, TASKS.get(self.task)()
        drawn: dict[str, Figure] = {
            "comparison": pictures.comparison(
                self.competitors(),
                metric,
                bool(task.metric(metric).greater_is_better),
                title=self.sentence,
            )
        }
        scores = Scores(self.metrics, self.rows, self.tables)
        drawn |= task.scorer_type.pictures(scores, self.baseline_tables)
        return drawn

    def save(self, path: Path) -> None:
        """Write the report as JSON."""
        write_json(path, self.to_dict())

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        lines = [
            self.sentence,
            *self.part_sentences,
            *(f"Note: {note}" for note in self.notes),
            "",
            self._scope,
            self._readable.to_string(),
        ]
        if self.reference:
            lines.append(self._published)
        cost = self.cost
        lines.append(
            f"{cost['parameters']:,.0f} parameters, "
            f"{cost['seconds']:,.0f} s of training."
        )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from seqkit.pictures import as_html

        words = f"<b>{html.escape(self.sentence)}</b><br>{html.escape(self._scope)}"
        more = (*self.part_sentences, *(f"Note: {note}" for note in self.notes))
        words += "".join(f"<br>{html.escape(line)}" for line in more)
        table = self._readable.to_html(border=0)
        if self.reference:
            table += f"<p>{html.escape(self._published)}</p>"
        drawn = "".join(as_html(figure) for figure in self.pictures().values())
        return f"<p>{words}</p>{table}{drawn}"


def _without_nan(scores: Mapping[str, Interval]) -> dict[str, tuple[float | None, ...]]:
    """Intervals by name as JSON can hold them: it knows no NaN."""
    return {
        name: tuple(None if math.isnan(value) else value for value in interval)
        for name, interval in scores.items()
    }


def _gap(lead: Interval) -> str:
    """``-0.0012, 95% interval -0.0031 to +0.0007``; small ones keep two digits."""
    places = decimals(lead)
    value, low, high = (f"{number:+z,.{places}f}" for number in lead)
    return f"{value}, 95% interval {low} to {high}"
