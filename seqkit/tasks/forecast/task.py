"""The task ``forecast``: what comes next in a series, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.series import History
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.forecast.typed import typed_series
from seqkit.data.forecast.windows import window_signature
from seqkit.errors import DataError, UsageError
from seqkit.models.forecast.spec import ForecastModel
from seqkit.shortened import shortened
from seqkit.signature import Signature
from seqkit.tasks.base import Baseline, Examples, Seen, Task
from seqkit.tasks.forecast.data import (
    CHUNK_WINDOWS,
    ForecastSeries,
    as_in_training,
    ends,
    read_all,
)
from seqkit.tasks.names import graph_name
from seqkit.tasks.rules.forecast import ForecastRule

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.sources.base import Source
    from seqkit.scores.forecast.scorer import ForecastScorer
    from seqkit.tasks.forecast.fitted import ForecastPreprocessing


class Forecast(Task[ForecastData, ForecastModel]):
    """Past values in, future values with quantiles out."""

    name = "forecast"
    summary = "The next values of one series or many, with intervals."
    unit = "windows"
    by_time = True
    run_kind = "forecast"
    stream_note = "Forecasts are NaN until the window is full."
    Data = ForecastData
    Model = ForecastModel
    Rule = ForecastRule
    primary_metric = "mase"
    idle_answer = "the same answer for every window, before preparation is undone"
    # A window's own normalisation is undone in the output, so it is none of them; a
    # recursive model is validated on one step, the others on the whole horizon.
    loss_keys = (
        "model.loss",
        "model.level",
        "model.output",
        "model.strategy",
        "data.transform",
        "data.decompose",
        "data.difference",
        "data.seasonal_difference",
        "data.scale",
    )

    def declared(self, data: ForecastData) -> Signature:
        from seqkit.data.forecast.preparation import season_lengths

        seasons = season_lengths(data, None)
        return window_signature(data, len(data.static), series=1, seasons=seasons)

    def data_key(self, data: ForecastData, model: ForecastModel) -> Hashable:
        windows = (model.strategy == "recursive", bool(model.series_embedding))
        # The way back from what the model gives to raw forecasts and quantiles.
        moves = (model.conformal, model.move_point)
        answers = (model.output, model.quantiles, moves, model.point_level)
        return data, windows, answers

    def check(self, data: ForecastData, model: ForecastModel) -> None:
        model.check(self.declared(data))

    def network(
        self, model: ForecastModel, signature: Signature, name: str
    ) -> keras.Model:
        """A window's prepared steps to (batch, horizon, outputs)."""
        from seqkit.models.forecast.build import build_forecaster

        network = build_forecaster(model, signature, graph_name(name))
        if not model.wide:
            return network
        from seqkit.models.forecast.wide import with_plain

        return with_plain(network, model, signature)

    def settle(
        self,
        spec: ForecastModel,
        model: keras.Model,
        stores: Mapping[str, Any],
        seed: int,
    ) -> None:
        if spec.wide:
            from seqkit.tasks.forecast.wide import fit_plain

            fit_plain(spec, model, stores)

    def take_choices(
        self, spec: ForecastModel, model: keras.Model, other: keras.Model
    ) -> None:
        if spec.wide:
            from seqkit.models.forecast.wide import set_shares, shares_of

            set_shares(model, shares_of(other))

    def parts(
        self, spec: ForecastModel, model: Callable[[], keras.Model]
    ) -> dict[str, keras.Model]:
        if not spec.wide:
            return {}
        from seqkit.models.forecast.wide import parts

        return parts(model(), spec)

    def compile_options(
        self, model: ForecastModel, network: keras.Model
    ) -> dict[str, Any]:
        from seqkit.models.forecast.losses import loss_for

        return {"loss": loss_for(model)}

    def idle_outputs(
        self,
        model: ForecastModel,
        preprocessing: Any,
        targets: NDArray[Any],
        weights: NDArray[Any],
    ) -> NDArray[np.floating]:
        """(steps, outputs): of each step the mean, quantiles, or mean and spread."""
        weights = weights.reshape(*weights.shape, *[1] * (targets.ndim - weights.ndim))
        steps = np.where(weights > 0, targets, np.nan)
        if model.output == "gaussian":
            spread = np.maximum(np.nanstd(steps, axis=0), 1e-4)
            return np.stack([np.nanmean(steps, axis=0), spread], axis=-1)
        if model.output == "point" and model.loss != "mae":
            return np.nanmean(steps, axis=0)[:, np.newaxis]
        levels = model.quantiles if model.output == "quantile" else (model.level,)
        return np.nanquantile(steps, levels, axis=0).T

    def open(
        self, data: ForecastData, model: ForecastModel, source: Source
    ) -> ForecastSeries:
        return ForecastSeries(data, model, read_all(source, data), source)

    def labelled(
        self,
        data: ForecastData,
        model: ForecastModel,
        preprocessing: Any,
        source: Source,
    ) -> Iterator[Examples]:
        spec = as_in_training(data, preprocessing)
        series_set = read_all(source, spec, preprocessing.choice)
        series = ForecastSeries(data, model, series_set, source, windows=False)
        if not series.count("test"):
            raise DataError(
                f"{source.name} holds no window to score: the test part of its series "
                f"is shorter than the horizon ({data.horizon}). Give longer "
                "series or set data.test in the recipe."
            )
        return series.examples("test")

    def saw(
        self, seen: Seen, examples: Examples, preprocessing: ForecastPreprocessing
    ) -> NDArray[np.bool_]:
        """Windows whose targets lie in the time that was seen of the same series."""
        from seqkit.data.forecast.seen import SeenTimes

        times = SeenTimes(seen, preprocessing.frequency)
        return times.covers(examples.inputs, preprocessing.data.horizon)

    def places(self, examples: Examples, start: int) -> list[Hashable]:
        return [(one.id, one.origin) for one in examples.inputs]

    def inputs(
        self, data: ForecastData, preprocessing: Any, source: Source
    ) -> Iterator[list[History]]:
        spec = as_in_training(preprocessing.data, preprocessing)
        if spec.constant == "error":
            # A series to go on from may be still.
            spec = spec.model_copy(update={"constant": "keep"})
        series_set = read_all(source, spec, preprocessing.choice)
        histories = ends(series_set.series, preprocessing, series_set.name)
        for start in range(0, len(histories), CHUNK_WINDOWS):
            yield histories[start : start + CHUNK_WINDOWS]

    def load_preprocessing(self, folder: Path) -> ForecastPreprocessing:
        from seqkit.recipe.recipe import load_recipe
        from seqkit.tasks.forecast.fitted import ForecastPreprocessing

        return ForecastPreprocessing.load(folder, load_recipe(folder / "recipe.yaml"))

    def older_baselines(self, arrays: dict[str, NDArray[Any]]) -> list[Baseline]:
        from seqkit.tasks.forecast.baselines import older_baselines

        return older_baselines(arrays)

    @property
    def scorer_type(self) -> type[ForecastScorer]:
        from seqkit.scores.forecast.scorer import ForecastScorer

        return ForecastScorer

    def scorer(self, preprocessing: ForecastPreprocessing) -> ForecastScorer:
        return self.scorer_type(
            preprocessing.data.horizon,
            preprocessing.model.quantiles,
            season=preprocessing.season,
        )

    def count(self, scorer: Any, examples: Examples, outputs: Any) -> None:
        missing = 1 + len(scorer.quantiles) - outputs.shape[2]
        if missing:
            padding = np.full((*outputs.shape[:2], missing), np.nan)
            outputs = np.concatenate([outputs, padding], axis=2)
        histories: list[History] = examples.inputs
        scorer.unscored += examples.unscored
        scales = np.array([self._scales(history) for history in histories])
        scorer.update(
            [history.id for history in histories],
            np.array([history.origin for history in histories]),
            examples.truth,
            outputs,
            *scales.T,
        )

    def _scales(self, history: History) -> tuple[float, float]:
        """MASE's scale, and the spread of a series' training time.

        The scale is of all that comes before the scored part, as in the M4 competition.
        """
        series = history.series
        end = history.scored_from or history.train_end
        if (series.id, end) in self._scale_cache:
            owner, *statistics = self._scale_cache[series.id, end]
            # Other data may have a series of the same name.
            if owner is series:
                return statistics[0], statistics[1]
        from seqkit.tasks.forecast.baselines import naive_scale

        scale = naive_scale(series.observed[:end], history.season)
        seen = series.observed[: history.train_end]
        seen = seen[~np.isnan(seen)]
        spread = float(seen.std()) if len(seen) else np.nan
        self._scale_cache[series.id, end] = (series, scale, spread)
        return scale, spread

    @cached_property
    def _scale_cache(self) -> dict[tuple[str, int], tuple[Any, float, float]]:
        return {}

    def remarks(self, ours: Any, theirs: Mapping[str, Any]) -> list[str]:
        from seqkit.tasks.forecast.remarks import remarks

        return remarks(ours, theirs, self.primary_metric)

    def decode(
        self,
        outputs: Any,
        inputs: list[History],
        preprocessing: ForecastPreprocessing,
    ) -> pd.DataFrame:
        from seqkit.tasks.forecast.answers import decoded

        return decoded(outputs, inputs, preprocessing)

    def lines(self, inputs: list[Any], answers: pd.DataFrame) -> list[str]:
        from seqkit.tasks.forecast.answers import shown_lines

        return shown_lines(answers)

    def answers(
        self, outputs: Any, inputs: list[Any], preprocessing: Any
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
        rows = [values] if one else values
        series = [
            typed_series(row, f"series {number}" if len(rows) > 1 else "series")
            for number, row in enumerate(rows, 1)
        ]
        return ends(series, preprocessing, "the input")

    def typed(self, words: list[str]) -> list[Any]:
        try:
            return [float(word) for word in words]
        except ValueError:
            raise UsageError(
                "A forecast is made from numbers (seqkit predict RUN 112 118 ...) or "
                f"a file (--data FILE), got {shortened(' '.join(words))}."
            ) from None
