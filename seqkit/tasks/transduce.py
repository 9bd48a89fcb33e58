"""The task ``transduce``: any symbols to any symbols."""

from __future__ import annotations

from seqkit.tasks.answers.sequences import Symbols
from seqkit.tasks.base import Baseline
from seqkit.tasks.pairs import PairTask
from seqkit.tasks.rows import RowData


class Transduce(PairTask):
    """Any symbols to any symbols: dates, sums, spellings, sounds."""

    name = "transduce"
    summary = "Any symbols to any symbols: dates, sums, spellings, sounds."
    Answer = Symbols

    def baselines(self, rows: RowData, seed: int) -> list[Baseline]:
        from seqkit.tasks.baselines.pairs import Copy, Dateutil
        from seqkit.tasks.baselines.pairs_nearest import NearestSource

        nearest = NearestSource.fit(rows.examples("train"), rows.spec.level)
        if not Dateutil.applies(rows.examples("train")):
            return [Copy(), nearest]
        return [Copy(), nearest, Dateutil(day_first=True), Dateutil(day_first=False)]
