"""The task ``summarise``: a long text to a short one that tells what it says."""

from __future__ import annotations

from seqkit.tasks.answers.sequences import Summaries
from seqkit.tasks.base import Baseline
from seqkit.tasks.pairs import PairTask
from seqkit.tasks.rows import RowData


class Summarise(PairTask):
    """A long text to a short one that tells what it says."""

    name = "summarise"
    summary = "A long text to a short one that tells what it says."
    Answer = Summaries

    def baselines(self, rows: RowData, seed: int) -> list[Baseline]:
        from seqkit.tasks.baselines.pairs import Lead, Title

        titled = rows.spec.title is not None
        return [Lead(titled), *([Title()] if titled else [])]
