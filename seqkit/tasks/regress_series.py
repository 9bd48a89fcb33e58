"""The task ``regress_series``: one number for a whole series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.series.spec import MeasuredSeries
from seqkit.models.specs import MeasuredSeriesModel
from seqkit.recipe.recipe import Recipe
from seqkit.shared.files import read_json
from seqkit.signature import Signature
from seqkit.tasks.base import PREPROCESSING_FILE, Baseline, Examples, graph_name
from seqkit.tasks.inputs.series import (
    SeriesPreprocessing,
    SeriesTask,
    SeriesTaskData,
)

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.series.whole import NumberedSeries, Scale
    from seqkit.data.sources.base import Source
    from seqkit.data.stores.store import SequenceStore
    from seqkit.layers.series_padding import SeriesEncoder
    from seqkit.scores.numbers import RegressionScorer

LOSSES = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "huber": "huber"}


class RegressSeries(SeriesTask):
    """Many steps in, one number out."""

    name = "regress_series"
    summary = "One number for a whole series of numbers."
    Data = MeasuredSeries
    Model = MeasuredSeriesModel
    primary_metric = "mse"
    other_metrics = ("mae",)
    loss_keys = ("model.loss", "data.target_scale")
    idle_answer = "answering the same number for every series"

    def declared(self, recipe: Recipe) -> Signature:
        data = recipe.data
        assert isinstance(data, MeasuredSeries)
        return Signature(
            timesteps=data.max_timesteps, features=len(data.values or ("value",))
        )

    def build(self, recipe: Recipe, signature: Signature) -> keras.Model:
        """Scaled, padded steps (batch, steps, columns) to scaled numbers (batch, 1)."""
        import keras

        from seqkit.models.series import encode_series

        assert isinstance(recipe.model, MeasuredSeriesModel)
        steps = keras.Input((None, signature.features), name="steps")
        head = keras.layers.Dense(1, name="number")
        encoded = encode_series(steps, recipe.model)
        return keras.Model(steps, head(encoded), name=graph_name(recipe.name))

    def compile_options(self, recipe: Recipe) -> dict[str, Any]:
        assert isinstance(recipe.model, MeasuredSeriesModel)
        return {"loss": LOSSES[recipe.model.loss]}

    def idle_outputs(
        self,
        recipe: Recipe,
        preprocessing: Any,
        targets: NDArray[Any],
        weights: NDArray[Any],
    ) -> NDArray[np.floating]:
        assert isinstance(recipe.model, MeasuredSeriesModel)
        middle = np.mean if recipe.model.loss == "mse" else np.median
        return np.array([middle(targets)])

    def open(self, recipe: Recipe, source: Source) -> RegressSeriesData:
        from seqkit.data.series.whole import NumberedSeries

        assert isinstance(recipe.data, MeasuredSeries)
        return RegressSeriesData(NumberedSeries(source, recipe.data))

    def labelled(
        self, recipe: Recipe, preprocessing: NumberPreprocessing, source: Source
    ) -> Iterator[Examples]:
        from seqkit.data.series.rows import read_series
        from seqkit.data.series.whole import numbers

        spec = recipe.data
        assert isinstance(spec, MeasuredSeries)
        part, columns = source.test_part, preprocessing.columns
        for rows in read_series(source, part, spec, columns, spec.target, tell=True):
            yield Examples(rows.series, numbers(rows, source, spec.target))

    def load_preprocessing(self, folder: Path) -> NumberPreprocessing:
        return NumberPreprocessing.load(folder)

    def load_baselines(self, folder: Path) -> list[Baseline]:
        from seqkit.tasks.baselines.series import load_number_baselines

        return load_number_baselines(folder)

    @property
    def scorer_type(self) -> type[RegressionScorer]:
        from seqkit.scores.numbers import RegressionScorer

        return RegressionScorer

    def scorer(self, preprocessing: NumberPreprocessing) -> RegressionScorer:
        return self.scorer_type()

    def decode(
        self,
        outputs: NDArray[np.floating],
        inputs: list[Any],
        preprocessing: NumberPreprocessing,
    ) -> pd.DataFrame:
        """``prediction``, in the unit of the target column."""
        import pandas as pd

        return pd.DataFrame({"prediction": outputs})


class NumberPreprocessing(SeriesPreprocessing):
    """Fitted on the training part: how series and their numbers are scaled."""

    def __init__(
        self,
        encoder: SeriesEncoder,
        columns: tuple[str, ...],
        missing: str,
        target: Scale,
    ) -> None:
        super().__init__(encoder, columns, missing)
        self.target = target
        self.signature = Signature(
            timesteps=encoder.max_timesteps, features=len(columns)
        )

    def plain(self) -> dict[str, Any]:
        target = {"center": self.target.center, "unit": self.target.unit}
        return {**super().plain(), "target": target}

    @classmethod
    def load(cls, folder: Path) -> NumberPreprocessing:
        """Read what ``save`` wrote."""
        from seqkit.data.series.whole import Scale
        from seqkit.layers.series_padding import SeriesEncoder

        plain = read_json(folder / PREPROCESSING_FILE)
        target = plain["target"]
        return cls(
            SeriesEncoder(**plain["encoder"]),
            tuple(plain["columns"]),
            plain["missing"],
            Scale(tuple(target["center"]), tuple(target["unit"])),
        )

    def undone(self, outputs: NDArray[np.float32]) -> NDArray[np.floating]:
        """Numbers (rows,) float64 in the unit of the data, from outputs (rows, 1)."""
        scaled = outputs[:, 0].astype(np.float64)
        return scaled * self.target.unit[0] + self.target.center[0]

    def decoded(self, outputs: Any) -> dict[str, Any]:
        import keras

        # In float64, as the center may be large beside the unit; Keras rounds Python's
        # own numbers to float32.
        unit, center = (
            np.float64(self.target.unit[0]),
            np.float64(self.target.center[0]),
        )
        rescale = keras.layers.Rescaling(
            unit, center, dtype="float64", name="rescaling"
        )
        flat = keras.layers.Reshape((), dtype="float64", name="prediction")
        return {"prediction": flat(rescale(outputs))}


class RegressSeriesData(SeriesTaskData):
    """Measured series with what this task fits on them."""

    series: NumberedSeries

    def preprocessing(self) -> NumberPreprocessing:
        spec = self.series.spec
        assert isinstance(spec, MeasuredSeries)
        return NumberPreprocessing(
            self.encoder(),
            self.series.columns,
            spec.missing,
            self.series.target_scale(spec.target_scale),
        )

    def stores(
        self, preprocessing: NumberPreprocessing, folder: Path
    ) -> Mapping[str, SequenceStore]:
        return {
            part: self.series.store(
                part,
                preprocessing.encoder,
                folder / f"{part}.steps",
                targets=preprocessing.target,
            )
            for part in ("train", "validation")
        }

    def baselines(self, seed: int) -> list[Baseline]:
        from seqkit.tasks.baselines.series import number_baselines

        return number_baselines(
            self.examples("train"), self.series.training_answers(), seed
        )
