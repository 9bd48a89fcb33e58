"""The task ``transduce``: any symbols to any symbols."""

from __future__ import annotations

from seqkit.tasks.answers.sequences import Symbols
from seqkit.tasks.pairs import PairTask


class Transduce(PairTask):
    """Any symbols to any symbols: dates, sums, spellings, sounds."""

    name = "transduce"
    summary = "Any symbols to any symbols: dates, sums, spellings, sounds."
    Answer = Symbols
    rivals = ("copy", "nearest")
