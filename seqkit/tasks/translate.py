"""The task ``translate``: a sentence in one language to a sentence in another."""

from __future__ import annotations

from seqkit.tasks.answers.sequences import Translations
from seqkit.tasks.base import Baseline
from seqkit.tasks.pairs import PairTask
from seqkit.tasks.rows import RowData


class Translate(PairTask):
    """A sentence in one language to a sentence in another."""

    name = "translate"
    summary = "A sentence in one language to a sentence in another."
    Answer = Translations

    def baselines(self, rows: RowData, seed: int) -> list[Baseline]:
        from seqkit.tasks.baselines.pairs import Copy
        from seqkit.tasks.baselines.pairs_lexicon import Lexicon
        from seqkit.tasks.baselines.pairs_nearest import NearestSource

        level = rows.spec.level
        return [
            Copy(),
            Lexicon.fit(rows.examples("train"), level),
            NearestSource.fit(rows.examples("train"), level),
        ]
