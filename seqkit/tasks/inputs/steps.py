"""Series as inputs of tasks that answer each step: whole, or in pieces for training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from seqkit.data.rows.pieces import shared_steps
from seqkit.data.series.rows import Values, value_columns
from seqkit.data.series.steps import StepsReading
from seqkit.data.series.whole import encode, training_scale
from seqkit.data.stores.store import Ragged
from seqkit.shared.escape import for_markdown
from seqkit.tasks.inputs.base import Encoded
from seqkit.tasks.inputs.series import SeriesInputs

if TYPE_CHECKING:
    from seqkit.data.rows.parted import PartedRows
    from seqkit.data.sources.base import Source
    from seqkit.layers.series_padding import SeriesEncoder


class StepInputs(SeriesInputs):
    """Series that are answered whole, and how training cuts those that are long.

    Args:
        encoder: scales and pads them.
        value_columns: the columns of numbers, in their order.
        missing: what happens where a value is missing, see ``data.missing``.
        piece: how many steps a piece for training has at most; None: all.
        overlap: how many of these neighbouring pieces share at least.
    """

    Reading = StepsReading

    def __init__(
        self,
        encoder: SeriesEncoder,
        value_columns: tuple[str, ...],
        missing: str,
        piece: int | None = None,
        overlap: int = 0,
    ) -> None:
        super().__init__(encoder, value_columns, missing)
        self.piece, self.overlap = piece, overlap

    def cut(self, raw: list[Any], truth: Any) -> tuple[list[Any], Any, Any]:
        # A piece is scaled as its whole series is.
        if self.encoder.per_series:
            raw = [one for some in encode(self.encoder, raw) for one in some]
        return super().cut(raw, truth)

    def encoded(self, raw: list[Values]) -> Iterator[Encoded]:
        """Series as ``cut`` gave them."""
        if self.encoder.per_series:
            yield Encoded(len(raw), {"steps": Ragged.of(raw)})
        else:
            yield from super().encoded(raw)

    @classmethod
    def read_first(cls, spec: Any, source: Source, answer: str) -> StepsReading:
        columns = value_columns(source, spec, *spec.answers)
        return StepsReading(spec, answer, columns)

    @classmethod
    def fit(cls, spec: Any, rows: PartedRows[Values]) -> Self:
        """The scale is that of the training part alone."""
        from seqkit.layers.series_padding import SeriesEncoder

        assert isinstance(rows.reading, StepsReading)
        columns = rows.reading.columns
        scale = training_scale(rows, spec.scale, len(columns))
        per_series = spec.scale == "series"
        encoder = SeriesEncoder(scale.center, scale.unit, per_series=per_series)
        shared = shared_steps(spec.max_timesteps, spec.overlap)
        return cls(encoder, columns, spec.missing, spec.max_timesteps, shared)

    @classmethod
    def declared(cls, spec: Any) -> dict[str, Any]:
        return {"features": len(spec.values or ("value",))}

    def limits(self) -> list[str]:
        read = (
            "- Was trained on whole series"
            if self.piece is None
            else f"- Was trained on pieces of at most {self.piece:,} steps"
        )
        return [
            f"- Reads series of {len(self.value_columns)} numbers a step, in this "
            f"order: {', '.join(map(for_markdown, self.value_columns))}.",
            f"{read}, and answers each step of series of any length; those much longer "
            "may be answered worse.",
            "- Every value up to a series' length must be a finite number: fill gaps "
            "before; what stands behind the length is not read.",
        ]

    def plain(self) -> dict[str, Any]:
        pieces_of = {"piece": self.piece, "overlap": self.overlap}
        return {**super().plain(), "pieces": pieces_of}

    @classmethod
    def from_plain(cls, plain: Any) -> Self:
        whole = super().from_plain(plain)
        return cls(whole.encoder, whole.value_columns, whole.missing, **plain["pieces"])
