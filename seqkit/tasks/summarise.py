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
        from seqkit.tasks.baselines.pairs import of_summaries

        return of_summaries(rows.spec.title is not None)
