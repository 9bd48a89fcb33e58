"""Texts from which other texts are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from seqkit.data.pairs.rows import PairReading
from seqkit.data.pairs.tokens import input_tokenizer
from seqkit.tasks.inputs.text import TextInputs

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.data.rows.parted import PartedRows


class PairInputs(TextInputs):
    """The texts that come first in pairs; see ``TextInputs``."""

    Reading = PairReading

    @classmethod
    def fit(cls, spec: Any, rows: PartedRows[str]) -> Self:
        tokenizer = input_tokenizer(spec, rows)
        return cls(tokenizer.encoder(spec.max_timesteps, spec.truncating), spec.missing)

    def options(self) -> dict[str, Any]:
        return {**super().options(), "ends": self.encoder.ends}

    @staticmethod
    def lines(inputs: list[Any], answers: pd.DataFrame) -> list[str]:
        if "rank" not in answers:
            return [str(text) for text in answers["output"]]
        ranked = zip(answers["rank"], answers["score"], answers["output"], strict=True)
        return [f"{rank:>3}  {score:8.3f}  {text}" for rank, score, text in ranked]
