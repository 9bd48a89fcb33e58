"""Whole series as inputs: cut, scaled and padded by a fitted encoder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.missing import is_missing, tell_dropped
from seqkit.data.series.rows import Values, interpolated, narrowed, value_columns
from seqkit.data.series.whole import SeriesReading, encode, training_scale
from seqkit.data.stores.feed import Outputs, answered_by_length
from seqkit.data.stores.store import Column, Ragged, padded
from seqkit.errors import DataError
from seqkit.shared.escape import for_markdown
from seqkit.shortened import shortened
from seqkit.tasks.compiled import compiled_model
from seqkit.tasks.inputs.base import Encoded, Inputs

if TYPE_CHECKING:
    import keras

    from seqkit.data.rows.parted import PartedRows
    from seqkit.data.sources.base import Source
    from seqkit.layers.series_padding import SeriesEncoder

PREDICT_BATCH = 128
LONG_SAMPLE = 300
"""Steps of the longest of the series that exports are compared on."""


class SeriesInputs(Inputs[Values]):
    """Whole series, and the encoder that was fitted to them.

    Args:
        encoder: cuts, scales and pads them.
        value_columns: the columns of numbers, in their order.
        missing: what happens where a value is missing, see ``data.missing``.
    """

    Reading = SeriesReading

    def __init__(
        self, encoder: SeriesEncoder, value_columns: tuple[str, ...], missing: str
    ) -> None:
        self.encoder, self.missing = encoder, missing
        self._value_columns = value_columns

    @classmethod
    def read_first(cls, spec: Any, source: Source, answer: str) -> SeriesReading:
        return SeriesReading(spec, answer, value_columns(source, spec, answer))

    @classmethod
    def fit(cls, spec: Any, rows: PartedRows[Values]) -> Self:
        """The scale is that of the training part alone."""
        from seqkit.layers.series_padding import SeriesEncoder

        assert isinstance(rows.reading, SeriesReading)
        columns = rows.reading.columns
        scale = training_scale(rows, spec.scale, len(columns))
        encoder = SeriesEncoder(
            scale.center,
            scale.unit,
            per_series=spec.scale == "series",
            max_timesteps=spec.max_timesteps,
            truncating=spec.truncating,
        )
        return cls(encoder, columns, spec.missing)

    @classmethod
    def declared(cls, spec: Any) -> dict[str, Any]:
        features = len(spec.values or ("value",))
        return {"timesteps": spec.max_timesteps, "features": features}

    @property
    def shapes(self) -> dict[str, Any]:
        features = len(self.value_columns)
        return {"timesteps": self.encoder.max_timesteps, "features": features}

    @property
    def value_columns(self) -> tuple[str, ...]:
        return self._value_columns

    @property
    def columns(self) -> dict[str, Column]:
        from seqkit.layers.series_padding import PADDING

        shape = (len(self.value_columns),)
        return {"steps": Column(np.float32, shape, PADDING)}

    def encoded(self, raw: list[Values]) -> Iterator[Encoded]:
        start = 0
        for piece in encode(self.encoder, raw):
            end = start + len(piece)
            whole = np.array([len(one) for one in raw[start:end]])
            yield Encoded(len(piece), {"steps": Ragged.of(piece)}, whole)
            start = end

    def answered(
        self, network: keras.Model, by_step: bool
    ) -> Callable[[list[Values]], Outputs]:
        import keras

        raw = self.raw()
        compiled = compiled_model(keras.Model(raw, network(self.in_graph(raw))))

        def outputs(series: list[Values]) -> Outputs:
            lengths = np.array([len(one) for one in series], np.int32)

            def answer(batch: NDArray[np.int64]) -> Any:
                values = padded([series[row] for row in batch])
                return compiled({"values": values, "lengths": lengths[batch]})

            steps = lengths if by_step else None
            return answered_by_length(answer, lengths, PREDICT_BATCH, steps)

        return outputs

    def raw(self) -> dict[str, keras.KerasTensor]:
        """``values`` (batch, steps, columns) and ``lengths`` (batch,)."""
        import keras

        shape = (None, len(self.value_columns))
        return {
            "values": keras.Input(shape, dtype="float64", name="values"),
            "lengths": keras.Input((), dtype="int32", name="lengths"),
        }

    def in_graph(self, raw: dict[str, Any]) -> Any:
        return self.encoder(raw["values"], raw["lengths"])

    def checked(self, values: Sequence[Any]) -> list[Values]:
        """See ``check_series``; those that ``missing`` drops are left out."""
        columns, missing = self.value_columns, self.missing
        series = [check_series(value, columns, missing) for value in values]
        whole = [one for one in series if one is not None]
        dropped = len(series) - len(whole)
        tell_dropped(dropped, len(series), "inputs", "the list", "value")
        return whole

    def as_json(self, inputs: list[Values]) -> list[Any]:
        return [one.tolist() for one in inputs]

    def samples(self, kept: list[Any]) -> dict[str, list[Any]]:
        """Made-up series, the shortest and a long one among them, then ``kept``."""
        center, unit = np.array(self.encoder.center), np.array(self.encoder.unit)
        wave = np.sin(np.arange(LONG_SAMPLE) / 5.0)[:, None] * unit + center
        series = [
            wave[:5],
            wave[:1],
            np.tile(center, (7, 1)),
            wave,
            *map(np.array, kept),
        ]
        values = padded([one.astype(np.float64) for one in series])
        return {"values": values.tolist(), "lengths": [len(one) for one in series]}

    def named(self, samples: Mapping[str, list[Any]]) -> list[Values]:
        pairs = zip(samples["values"], samples["lengths"], strict=True)
        return [np.array(values, np.float64)[:length] for values, length in pairs]

    @staticmethod
    def typed(words: list[str]) -> list[Any]:
        """Series typed on the command line as JSON lists."""
        try:
            return [json.loads(word) for word in words]
        except ValueError:
            raise DataError(
                "A series on the command line is a JSON list of steps, e.g. "
                "'[[0.5, 1.0], [0.25, 0.0]]'; or give a file with --data."
            ) from None

    def limits(self) -> list[str]:
        most, cut = self.encoder.max_timesteps, self.encoder.truncating
        lost = {"pre": "beginning", "post": "end"}[cut]
        return [
            f"- Reads series of {len(self.value_columns)} numbers a step, in this "
            f"order: {', '.join(map(for_markdown, self.value_columns))}.",
            f"- Longer series than {most:,} steps lose their {lost}."
            if most
            else "- Reads series of any length; those much longer than the training "
            "series may be answered worse.",
            "- Every value up to a series' length must be a finite number: fill gaps "
            "before; what stands behind the length is not read.",
        ]

    def plain(self) -> dict[str, Any]:
        encoder = self.encoder
        return {
            "columns": self.value_columns,
            "missing": self.missing,
            "encoder": {
                "center": encoder.center,
                "unit": encoder.unit,
                "per_series": encoder.per_series,
                "max_timesteps": encoder.max_timesteps,
                "truncating": encoder.truncating,
            },
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        from seqkit.layers.series_padding import SeriesEncoder

        encoder = SeriesEncoder(**plain["encoder"])
        return cls(encoder, tuple(plain["columns"]), plain["missing"])

    def files(self) -> dict[str, str]:
        return {"preprocessing.json": json.dumps(self.plain())}


def check_series(value: Any, columns: tuple[str, ...], missing: str) -> Values | None:
    """A series as (steps, columns); None where ``missing`` drops it.

    Args:
        value: an array or lists (steps, columns), or (steps,) for one column; or a
            DataFrame or dict that holds ``columns``.
        columns: their names, in order.
        missing: ``interpolate`` fills gaps, ``drop`` leaves out series with some;
            otherwise they are an error.

    Raises:
        DataError: it is anything else, or has no steps.
    """
    if missing == "drop" and is_missing(value):
        return None
    plain = _by_column(value, columns)
    try:
        series = np.asarray(plain, np.float64)
    except (ValueError, TypeError, OverflowError):
        raise DataError(
            f"Each input must be a series of numbers (steps, {len(columns)}), got "
            f"{type(value).__name__} {shortened(value)}."
        ) from None
    if series.ndim == 1 and len(columns) == 1:
        series = series[:, np.newaxis]
    if series.ndim != 2 or series.shape[1] != len(columns) or not len(series):
        raise DataError(
            f"Each input must be a series of the shape (steps, {len(columns)}) with "
            f"the columns {', '.join(columns)}, got {series.shape}."
        )
    series = narrowed(series)
    gaps = ~np.isfinite(series)
    if not gaps.any():
        return series
    if missing == "drop":
        return None
    if missing == "interpolate" and not gaps.all(axis=0).any():
        return narrowed(interpolated(series))
    step, column = (int(place[0]) for place in np.nonzero(gaps))
    raise DataError(
        f"An input has no finite number in column {columns[column]!r}, step "
        f"{step + 1:,}. Fill the gap, or train with data.missing=interpolate or drop."
    )


def _by_column(value: Any, columns: tuple[str, ...]) -> Any:
    """A DataFrame's or dict's columns side by side; anything else as it is."""
    if not (isinstance(value, Mapping) or hasattr(value, "columns")):
        return value
    absent = [column for column in columns if column not in value]
    if absent:
        raise DataError(
            f"An input has no column {absent[0]!r}, only "
            f"{', '.join(repr(name) for name in value)}."
        )
    series = [list(value[column]) for column in columns]
    if len(set(map(len, series))) > 1:
        lengths = ", ".join(str(len(one)) for one in series)
        raise DataError(
            f"The columns of an input must be as long as each other, got {lengths} "
            f"steps of {', '.join(columns)}."
        )
    return list(zip(*series, strict=True))
