"""The task ``forecast``: what comes next in a series, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.origins import (
    part_origins,
    parts_of,
    require_windows,
    usable,
)
from seqkit.data.series import History, Series, SeriesSet
from seqkit.data.series_numbers import LARGEST
from seqkit.data.series_spec import ForecastData
from seqkit.errors import DataError, UsageError
from seqkit.models.series_spec import ForecastModel
from seqkit.recipe import Recipe
from seqkit.signature import Signature
from seqkit.tasks.base import Baseline, Examples, Task, TaskData, graph_name

if TYPE_CHECKING:
    import keras
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.data.sources.base import Source
    from seqkit.data.windows import WindowStore
    from seqkit.tasks.forecast_inputs import ForecastPreprocessing

CHUNK_WINDOWS = 1024
"""Windows that are scored at one time."""


class Forecast(Task):
    """Past values in, future values with quantiles out."""

    name = "forecast"
    summary = "The next values of one series or many, with intervals."
    input_words = "series"
    Data = ForecastData
    Model = ForecastModel
    primary_metric = "mase"

    def declared(self, recipe: Recipe) -> Signature:
        data = recipe.data
        assert isinstance(data, ForecastData)
        known = len(data.future) + 2 * len(data.calendar)
        return Signature(
            timesteps=data.lookback - data.lost_steps,
            features=1 + len(data.past) + known,
            horizon=data.horizon,
            future_features=known,
            static_features=len(data.static),
            series=1,
            differenced=bool(data.lost_steps),
        )

    def check(self, recipe: Recipe) -> None:
        assert isinstance(recipe.model, ForecastModel)
        recipe.model.check(self.declared(recipe))

    def build(self, recipe: Recipe, signature: Signature) -> keras.Model:
        """A window's prepared steps to (batch, horizon, outputs)."""
        from seqkit.models.forecast import build_forecaster

        assert isinstance(recipe.model, ForecastModel)
        return build_forecaster(recipe.model, signature, graph_name(recipe.name))

    def compile_options(self, recipe: Recipe) -> dict[str, Any]:
        from seqkit.models.losses import loss_for

        assert isinstance(recipe.model, ForecastModel)
        return {"loss": loss_for(recipe.model)}

    def open(self, recipe: Recipe, source: Source) -> ForecastSeries:
        assert isinstance(recipe.data, ForecastData)
        return ForecastSeries(recipe, _read(source, recipe.data))

    def labelled(
        self, recipe: Recipe, preprocessing: Any, source: Source
    ) -> Iterator[Examples]:
        assert isinstance(recipe.data, ForecastData)
        spec = _of_training(recipe.data, preprocessing)
        data = ForecastSeries(recipe, _read(source, spec), windows=False)
        if not data.count("test"):
            raise DataError(
                f"{source.name} holds no window to score: the test part of its series "
                f"is shorter than the horizon ({data.spec.horizon}). Give longer "
                "series or set data.test in the recipe."
            )
        return data.examples("test")

    def inputs(
        self, recipe: Recipe, preprocessing: Any, source: Source
    ) -> Iterator[list[History]]:
        spec = _of_training(preprocessing.data, preprocessing)
        # A series to go on from may be still.
        data = _read(source, spec.model_copy(update={"constant": "keep"}))
        histories = [_at_end(series, preprocessing) for series in data.series]
        for start in range(0, len(histories), CHUNK_WINDOWS):
            yield histories[start : start + CHUNK_WINDOWS]

    def load_preprocessing(self, folder: Path) -> ForecastPreprocessing:
        from seqkit.recipe import load_recipe
        from seqkit.tasks.forecast_inputs import ForecastPreprocessing

        return ForecastPreprocessing.load(folder, load_recipe(folder / "recipe.yaml"))

    def save_baselines(self, baselines: list[Baseline], folder: Path) -> None:
        from seqkit.tasks.forecast_baselines import save_baselines

        save_baselines(baselines, folder)

    def load_baselines(self, folder: Path) -> list[Baseline]:
        from seqkit.tasks.forecast_baselines import load_baselines

        return load_baselines(folder)

    def scorer(self, preprocessing: ForecastPreprocessing) -> Any:
        from seqkit.scores.forecast import ForecastScorer

        return ForecastScorer(
            preprocessing.data.horizon,
            preprocessing.model.quantiles,
            season=(*preprocessing.seasons, 1)[0],
        )

    def count(
        self, scorer: Any, examples: Examples, outputs: NDArray[np.floating]
    ) -> None:
        missing = 1 + len(scorer.quantiles) - outputs.shape[2]
        if missing:
            padding = np.full((*outputs.shape[:2], missing), np.nan)
            outputs = np.concatenate([outputs, padding], axis=2)
        histories: list[History] = examples.inputs
        scales = np.array([self._scales(history) for history in histories])
        scorer.update(
            [history.id for history in histories],
            np.array([history.origin for history in histories]),
            examples.truth,
            outputs,
            *scales.T,
        )

    def _scales(self, history: History) -> tuple[float, float]:
        """MASE's scale, and the spread of a series' training time."""
        if history.series.id not in self._known_scales:
            from seqkit.tasks.forecast_baselines import naive_scale

            seen = history.series.values[: history.train_end]
            scale = naive_scale(seen, history.season)
            spread = float(seen.std()) if len(seen) else np.nan
            self._known_scales[history.series.id] = (scale, spread)
        return self._known_scales[history.series.id]

    @cached_property
    def _known_scales(self) -> dict[str, tuple[float, float]]:
        return {}

    def lead(self, ours: Any, theirs: Any, metric: str) -> tuple[float, float, float]:
        from seqkit.scores.forecast import difference

        value, low, high = difference(ours, theirs, metric)
        return -value, -high, -low

    def decode(
        self,
        outputs: NDArray[np.floating],
        inputs: list[History],
        preprocessing: ForecastPreprocessing,
    ) -> pd.DataFrame:
        """A row a series and step: ``id``, ``timestamp``, ``forecast``, ``q10`` ...

        With ``data.timezone`` a ``timestamp`` of hours or shorter steps has its offset.
        Without timestamps it counts the steps of the series from 0.
        """
        import pandas as pd

        horizon = outputs.shape[1]
        columns: dict[str, Any] = {
            "id": np.repeat([history.id for history in inputs], horizon),
            "timestamp": _shown(
                [_stamps(history, horizon, preprocessing)[1:] for history in inputs],
                preprocessing,
            ),
        }
        flat = outputs.reshape(-1, outputs.shape[2])
        names = preprocessing.output_names
        columns |= {name: flat[:, place] for place, name in enumerate(names)}
        return pd.DataFrame(columns)

    def fan(
        self,
        history: History,
        outputs: NDArray[np.floating],
        preprocessing: ForecastPreprocessing,
    ) -> Figure:
        """A picture of a history and of what is to come."""
        import pandas as pd

        from seqkit.pictures import forecast_fan

        answers = self.decode(outputs, [history], preprocessing)
        start, frequency = history.series.start, preprocessing.frequency
        stamps = (
            np.arange(history.origin)
            if start is None or frequency is None
            else frequency.stamps(start, history.origin)
        )
        shown = _shown([stamps], preprocessing)
        past = pd.DataFrame({"timestamp": shown, "value": history.values})
        return forecast_fan(past, answers, unit=history.id)

    def backtested(
        self,
        examples: Examples,
        outputs: NDArray[np.floating],
        preprocessing: ForecastPreprocessing,
    ) -> pd.DataFrame:
        """A row a forecast value, with its ``origin``, ``step`` and true ``value``."""
        histories: list[History] = examples.inputs
        frame = self.decode(outputs, histories, preprocessing)
        horizon = outputs.shape[1]
        lasts = [_stamps(history, 0, preprocessing) for history in histories]
        frame.insert(1, "origin", _shown(lasts, preprocessing).repeat(horizon))
        frame.insert(2, "step", np.tile(np.arange(1, horizon + 1), len(histories)))
        frame.insert(4, "value", examples.truth.ravel())
        return frame

    def answers(
        self, outputs: NDArray[np.floating], inputs: list[Any], preprocessing: Any
    ) -> dict[str, list[Any]]:
        names = preprocessing.output_names
        return {name: outputs[:, :, i].tolist() for i, name in enumerate(names)}

    def raw_inputs(self, values: Sequence[Any], preprocessing: Any) -> list[History]:
        """One series as numbers, or several as lists of numbers."""
        data = preprocessing.data
        if data.needs_time or data.past or data.future or data.static:
            raise UsageError(
                "This model needs timestamps or covariates beside the values. Give "
                "predict a DataFrame or a file with the columns of the recipe."
            )
        one = all(np.ndim(value) == 0 for value in values)
        if one:
            return [_at_end(_typed_series(values, "series"), preprocessing)]
        series = [
            _typed_series(rows, f"series {number}" if len(values) > 1 else "series")
            for number, rows in enumerate(values, 1)
        ]
        return [_at_end(one, preprocessing) for one in series]

    def typed(self, words: list[str]) -> list[Any]:
        try:
            return [float(word) for word in words]
        except ValueError:
            raise UsageError(
                "A forecast is made from numbers (seqkit predict RUN 112 118 ...) or "
                f"a file (--data FILE), got {' '.join(words)[:60]!r}."
            ) from None


def _read(source: Source, spec: ForecastData) -> SeriesSet:
    """All series of a source, whatever parts it has."""
    from seqkit.data.series_frames import read_series

    return read_series(source, "train", spec)


def _of_training(
    spec: ForecastData, preprocessing: ForecastPreprocessing
) -> ForecastData:
    """``spec`` for other data than training's: their frequency is to be the same."""
    frequency = preprocessing.frequency
    return spec.model_copy(update={"frequency": frequency.alias if frequency else None})


class ForecastSeries(TaskData):
    """Series parted by time, with what this task fits on them."""

    def __init__(
        self, recipe: Recipe, series_set: SeriesSet, windows: bool = True
    ) -> None:
        assert isinstance(recipe.data, ForecastData)
        assert isinstance(recipe.model, ForecastModel)
        self.spec, self.model = recipe.data, recipe.model
        self.frequency = series_set.frequency
        self.name = series_set.name
        self.series = usable(series_set, self.spec)
        self.parts = [parts_of(len(series), self.spec) for series in self.series]
        self.fingerprint = series_set.fingerprint
        if windows:
            require_windows(self.series, self.parts, self.spec)

    @property
    def seasons(self) -> tuple[int, ...]:
        """Season lengths in steps, shortest first."""
        from seqkit.data.preparation import season_lengths

        return season_lengths(self.spec, self.frequency)

    def histories(self, part: str) -> Iterator[list[History]]:
        """The origins of a part, chunk by chunk."""
        season = (*self.seasons, 1)[0]
        chunk: list[History] = []
        for number, places in part_origins(self.parts, part, self.spec):
            series, end = self.series[number], self.parts[number].train_end
            for origin in places.tolist():
                chunk.append(History(series, origin, end, season))
                if len(chunk) == CHUNK_WINDOWS:
                    yield chunk
                    chunk = []
        if chunk:
            yield chunk

    def examples(self, part: str) -> Iterator[Examples]:
        steps = np.arange(self.spec.horizon)
        for chunk in self.histories(part):
            truth = [one.series.values[one.origin + steps] for one in chunk]
            yield Examples(chunk, np.stack(truth))

    def count(self, part: str) -> int:
        return sum(
            len(places) for _, places in part_origins(self.parts, part, self.spec)
        )

    def preprocessing(self) -> ForecastPreprocessing:
        from seqkit.data.covariates import Covariates
        from seqkit.data.preparation import fit_tables
        from seqkit.tasks.forecast_inputs import ForecastPreprocessing

        ends = [one.train_end for one in self.parts]
        tables = fit_tables(self.series, ends, self.spec, self.frequency)
        covariates = Covariates.fit(self.series, ends)
        return ForecastPreprocessing(
            self.spec, self.model, self.frequency, tables, covariates
        )

    def stores(self, preprocessing: Any, folder: Path) -> Mapping[str, WindowStore]:
        horizon = 1 if self.model.strategy == "recursive" else None
        return {
            part: preprocessing.store(self.series, self.parts, part, horizon)
            for part in ("train", "validation")
        }

    def baselines(self, seed: int) -> list[Baseline]:
        from seqkit.tasks.forecast_baselines import fit_baselines

        return fit_baselines(
            self.spec.horizon,
            self.seasons,
            self.model.quantiles,
            list(self.examples("validation")),
            self.count("test"),
        )


def _at_end(series: Series, preprocessing: ForecastPreprocessing) -> History:
    """The end of a series as an origin; raise DataError where it cannot be one."""
    data = preprocessing.data
    if len(series) < data.lookback:
        raise DataError(
            f"Series {series.id!r} has {len(series)} points, but a forecast is made "
            f"from the last {data.lookback}. Give at least {data.lookback}."
        )
    missing = len(series) + data.horizon - len(series.future)
    if data.future and missing > 0:
        raise DataError(
            f"The future covariates ({', '.join(data.future)}) of series "
            f"{series.id!r} end {missing} steps before the forecast does. Give "
            f"{data.horizon} rows beyond the last value, with the values left empty."
        )
    return History(series, len(series), len(series))


def _stamps(
    history: History, horizon: int, preprocessing: ForecastPreprocessing
) -> NDArray[Any]:
    """The timestamps (1 + horizon,) of the last known value and of the horizon's."""
    start, origin = history.series.start, history.origin
    if start is None or preprocessing.frequency is None:
        return np.arange(origin - 1, origin + horizon)
    return preprocessing.frequency.stamps(start, origin + horizon)[origin - 1 :]


def _shown(parts: list[NDArray[Any]], preprocessing: ForecastPreprocessing) -> Any:
    """Stamps, one series after another, as the clocks of the recipe's zone show them.

    Steps that are counted stay numbers.
    """
    from seqkit.data.time_zones import local_stamps

    stamps = np.concatenate(parts)
    if stamps.dtype.kind != "M":
        return stamps
    return local_stamps(stamps, preprocessing.data.timezone, preprocessing.frequency)


def _typed_series(values: Any, name: str) -> Series:
    try:
        numbers = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        numbers = np.full(1, np.nan)
    if numbers.ndim != 1 or not (abs(numbers) <= LARGEST).all():
        raise DataError(
            f"A series must be a list of finite numbers up to {LARGEST:.1e}, got "
            f"{str(values)[:60]}. Fill or leave out what is missing."
        )
    nothing = np.zeros((len(numbers), 0))
    return Series(name, numbers, None, nothing, nothing)
