"""The task ``summarise``: a long text to a short one that tells what it says."""

from __future__ import annotations

from seqkit.tasks.answers.sequences import Summaries
from seqkit.tasks.pairs import PairTask


class Summarise(PairTask):
    """A long text to a short one that tells what it says."""

    name = "summarise"
    summary = "A long text to a short one that tells what it says."
    Answer = Summaries
    rivals = ("lead",)
