"""The task ``translate``: a sentence in one language to a sentence in another."""

from __future__ import annotations

from seqkit.tasks.answers.sequences import Translations
from seqkit.tasks.pairs import PairTask


class Translate(PairTask):
    """A sentence in one language to a sentence in another."""

    name = "translate"
    summary = "A sentence in one language to a sentence in another."
    Answer = Translations
    rivals = ("copy", "lexicon", "nearest")
