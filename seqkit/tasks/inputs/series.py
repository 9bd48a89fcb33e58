"""What the tasks about whole series share: their inputs and their preprocessing."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.missing import is_missing, tell_dropped
from seqkit.data.series.rows import Values, interpolated, narrowed, read_series
from seqkit.data.series.spec import WholeSeries
from seqkit.data.stores.feed import answered_by_length
from seqkit.data.stores.store import padded
from seqkit.errors import DataError
from seqkit.recipe.recipe import Recipe
from seqkit.shared.escape import for_markdown
from seqkit.shared.files import write_json
from seqkit.shortened import shortened
from seqkit.tasks.base import (
    PREPROCESSING_FILE,
    Answering,
    Baseline,
    Examples,
    Preprocessing,
    Seen,
    Task,
    TaskData,
)
from seqkit.tasks.compiled import compiled_model

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.series.whole import AnsweredSeries
    from seqkit.data.sources.base import Source
    from seqkit.layers.series_padding import SeriesEncoder

PREDICT_BATCH = 128
LONG_SAMPLE = 300
"""Steps of the longest of the series that exports are compared on."""


class SeriesPreprocessing(Preprocessing):
    """A fitted encoder of series with the columns that it reads, in their order."""

    def __init__(
        self, encoder: SeriesEncoder, columns: tuple[str, ...], missing: str
    ) -> None:
        self.encoder = encoder
        self.columns = columns
        self.missing = missing

    @property
    def value_columns(self) -> tuple[str, ...]:
        return self.columns

    def plain(self) -> dict[str, Any]:
        """All that was fitted, as plain data."""
        encoder = self.encoder
        return {
            "columns": self.columns,
            "missing": self.missing,
            "encoder": {
                "center": encoder.center,
                "unit": encoder.unit,
                "per_series": encoder.per_series,
                "max_timesteps": encoder.max_timesteps,
                "truncating": encoder.truncating,
            },
        }

    def save(self, folder: Path) -> None:
        write_json(folder / PREPROCESSING_FILE, self.plain())

    @abstractmethod
    def undone(self, outputs: NDArray[np.float32]) -> NDArray[np.floating]:
        """What the model gave, in the units of the data."""

    @abstractmethod
    def decoded(self, outputs: Any) -> dict[str, Any]:
        """What the model gives as named answers, in the graph."""

    def answering(self, model: keras.Model) -> Answering:
        """From raw series to outputs (series, ...), batched by length."""
        compiled = compiled_model(self._from_raw(model))
        return lambda series: self._outputs(compiled, series)

    def _outputs(
        self, model: Callable[..., Any], series: list[Values]
    ) -> NDArray[np.floating]:
        lengths = np.array([len(one) for one in series], np.int32)

        def answer(batch: NDArray[np.int64]) -> Any:
            values = padded([series[row] for row in batch])
            return model({"values": values, "lengths": lengths[batch]})

        return self.undone(answered_by_length(answer, lengths, PREDICT_BATCH))

    def _from_raw(self, model: keras.Model) -> keras.Model:
        """``values`` (batch, steps, columns) and ``lengths`` (batch,) to outputs."""
        import keras

        values = keras.Input((None, len(self.columns)), dtype="float64", name="values")
        lengths = keras.Input((), dtype="int32", name="lengths")
        outputs = model(self.encoder(values, lengths))
        return keras.Model({"values": values, "lengths": lengths}, outputs)

    def serving(self, model: keras.Model) -> keras.Model:
        """``values`` (batch, steps, columns) and ``lengths`` (batch,) to answers."""
        import keras

        raw = self._from_raw(model)
        return keras.Model(raw.input, self.decoded(raw.output))

    def kept(self, inputs: list[Values]) -> list[Any]:
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

    def raw(self, value: Any) -> Values | None:
        """One series given from Python, checked; see ``check_series``."""
        return check_series(value, self.columns, self.missing)

    def limits(self) -> list[str]:
        most, cut = self.encoder.max_timesteps, self.encoder.truncating
        lost = {"pre": "beginning", "post": "end"}[cut]
        return [
            f"- Reads series of {len(self.columns)} numbers a step, in this order: "
            f"{', '.join(map(for_markdown, self.columns))}.",
            f"- Longer series than {most:,} steps lose their {lost}."
            if most
            else "- Reads series of any length; those much longer than the training "
            "series may be answered worse.",
            "- Every value up to a series' length must be a finite number: fill gaps "
            "before; what stands behind the length is not read.",
        ]

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


class SeriesTask(Task):
    """A task whose input is a whole series."""

    def inputs(
        self, recipe: Recipe, preprocessing: SeriesPreprocessing, source: Source
    ) -> Iterator[list[Values]]:
        assert isinstance(recipe.data, WholeSeries)
        spec, part = recipe.data, source.test_part
        for rows in read_series(source, part, spec, preprocessing.columns, tell=True):
            yield rows.series

    def saw(
        self, seen: Seen, examples: Examples, preprocessing: Any
    ) -> NDArray[np.bool_]:
        from seqkit.data.rows.seen import among
        from seqkit.data.series.whole import hash_series

        return among([hash_series(one) for one in examples.inputs], seen["rows"])

    def save_baselines(self, baselines: list[Baseline], folder: Path) -> None:
        from seqkit.tasks.baselines.series import save_baselines

        save_baselines(baselines, folder)

    def raw_inputs(
        self, values: Sequence[Any], preprocessing: SeriesPreprocessing
    ) -> list[Values]:
        series = [preprocessing.raw(value) for value in values]
        whole = [one for one in series if one is not None]
        dropped = len(series) - len(whole)
        tell_dropped(dropped, len(series), "inputs", "the list", "value")
        return whole

    def typed(self, words: list[str]) -> list[Any]:
        """Series typed on the command line as JSON lists."""
        try:
            return [json.loads(word) for word in words]
        except ValueError:
            raise DataError(
                "A series on the command line is a JSON list of steps, e.g. "
                "'[[0.5, 1.0], [0.25, 0.0]]'; or give a file with --data."
            ) from None


class SeriesTaskData(TaskData):
    """Parted series; each task adds what it fits on them."""

    def __init__(self, series: AnsweredSeries) -> None:
        self.series = series
        self.source = series.source
        self.fingerprint = series.fingerprint

    def examples(self, part: str) -> Iterator[Examples]:
        for rows in self.series.rows(part):
            yield Examples(rows.series, self.series.truth(rows))

    def count(self, part: str) -> int:
        return self.series.count(part)

    def why_empty(self, part: str) -> str:
        return self.series.why_empty(part)

    def remarks(self) -> list[str]:
        return self.series.remarks()

    def seen(self) -> Seen:
        return {"rows": self.series.seen}

    def held_out_frame(self) -> pd.DataFrame:
        return self.series.as_frame("test")

    def encoder(self) -> SeriesEncoder:
        """The encoder, scaled by the training part alone."""
        from seqkit.layers.series_padding import SeriesEncoder

        spec, scale = self.series.spec, self.series.scale()
        return SeriesEncoder(
            scale.center,
            scale.unit,
            per_series=spec.scale == "series",
            max_timesteps=spec.max_timesteps,
            truncating=spec.truncating,
        )
