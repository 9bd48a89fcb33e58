"""The task ``classify_series``: one of several classes for a whole series."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.series.spec import LabelledSeries
from seqkit.models.specs import SeriesModel
from seqkit.recipe.recipe import Recipe
from seqkit.shared.files import read_json
from seqkit.signature import Signature
from seqkit.tasks.answers.classes import CALIBRATION_LIMIT, ClassifierTask
from seqkit.tasks.base import PREPROCESSING_FILE, Baseline, Examples, graph_name
from seqkit.tasks.inputs.series import (
    SeriesPreprocessing,
    SeriesTask,
    SeriesTaskData,
)

if TYPE_CHECKING:
    import keras

    from seqkit.data.series.whole import ClassedSeries
    from seqkit.data.sources.base import Source
    from seqkit.data.stores.store import SequenceStore
    from seqkit.layers.series_padding import SeriesEncoder


class ClassifySeries(ClassifierTask, SeriesTask):
    """Many steps in, one class out."""

    name = "classify_series"
    summary = "One of two or more classes for a whole series of numbers."
    Data = LabelledSeries
    Model = SeriesModel

    def declared(self, recipe: Recipe) -> Signature:
        data = recipe.data
        assert isinstance(data, LabelledSeries)
        return Signature(
            timesteps=data.max_timesteps,
            features=len(data.values or ("value",)),
            classes=data.class_names or ("0", "1"),
        )

    def build(self, recipe: Recipe, signature: Signature) -> keras.Model:
        """Scaled, padded steps (batch, steps, columns) to (batch, classes)."""
        import keras

        from seqkit.models.series import encode_series

        assert isinstance(recipe.model, SeriesModel)
        steps = keras.Input((None, signature.features), name="steps")
        head = keras.layers.Dense(
            len(signature.classes), activation="softmax", name="probabilities"
        )
        encoded = encode_series(steps, recipe.model)
        return keras.Model(steps, head(encoded), name=graph_name(recipe.name))

    def open(self, recipe: Recipe, source: Source) -> ClassifySeriesData:
        from seqkit.data.series.whole import ClassedSeries

        assert isinstance(recipe.data, LabelledSeries)
        return ClassifySeriesData(ClassedSeries(source, recipe.data))

    def labelled(
        self, recipe: Recipe, preprocessing: ClassPreprocessing, source: Source
    ) -> Iterator[Examples]:
        from seqkit.data.rows.labels import label_codes
        from seqkit.data.series.rows import read_series
        from seqkit.data.series.whole import raw_labels

        spec = recipe.data
        assert isinstance(spec, LabelledSeries)
        part, columns = source.test_part, preprocessing.columns
        for rows in read_series(source, part, spec, columns, spec.label, tell=True):
            labels = raw_labels(rows, source, spec.label)
            truth = label_codes(labels, preprocessing.values, source.name)
            yield Examples(rows.series, truth)

    def load_preprocessing(self, folder: Path) -> ClassPreprocessing:
        return ClassPreprocessing.load(folder)

    def load_baselines(self, folder: Path) -> list[Baseline]:
        from seqkit.tasks.baselines.series import load_class_baselines

        return load_class_baselines(folder)


class ClassPreprocessing(SeriesPreprocessing):
    """Fitted on the training series: how they are scaled, and the classes."""

    def __init__(
        self,
        encoder: SeriesEncoder,
        columns: tuple[str, ...],
        missing: str,
        classes: tuple[str, ...],
        values: tuple[str, ...],
    ) -> None:
        super().__init__(encoder, columns, missing)
        self.classes = classes
        self.values = values
        """What stands in the label column for each class."""
        self.signature = Signature(
            timesteps=encoder.max_timesteps, features=len(columns), classes=classes
        )

    def plain(self) -> dict[str, Any]:
        return {**super().plain(), "classes": self.classes, "values": self.values}

    @classmethod
    def load(cls, folder: Path) -> ClassPreprocessing:
        """Read what ``save`` wrote."""
        from seqkit.layers.series_padding import SeriesEncoder

        plain = read_json(folder / PREPROCESSING_FILE)
        return cls(
            SeriesEncoder(**plain["encoder"]),
            tuple(plain["columns"]),
            plain["missing"],
            tuple(plain["classes"]),
            tuple(plain["values"]),
        )

    def undone(self, outputs: NDArray[np.float32]) -> NDArray[np.floating]:
        return outputs

    def decoded(self, outputs: Any) -> dict[str, Any]:
        from seqkit.layers.decode import LabelDecoder

        answers: dict[str, Any] = LabelDecoder(self.classes)(outputs)
        return answers

    def limits(self) -> list[str]:
        return [*super().limits(), CALIBRATION_LIMIT]

    def files(self) -> dict[str, str]:
        return {**super().files(), "classes.json": json.dumps(self.classes)}


class ClassifySeriesData(SeriesTaskData):
    """Labelled series with what this task fits on them."""

    series: ClassedSeries

    def preprocessing(self) -> ClassPreprocessing:
        series = self.series
        return ClassPreprocessing(
            self.encoder(),
            series.columns,
            series.spec.missing,
            series.classes,
            series.values,
        )

    def stores(
        self, preprocessing: ClassPreprocessing, folder: Path
    ) -> Mapping[str, SequenceStore]:
        from seqkit.data.rows.labels import balanced_weights

        stores = {
            part: self.series.store(
                part, preprocessing.encoder, folder / f"{part}.steps", targets=None
            )
            for part in ("train", "validation")
        }
        spec = self.series.spec
        assert isinstance(spec, LabelledSeries)
        if spec.class_weight == "balanced":
            train = stores["train"]
            train.weights[:] = balanced_weights(
                train.targets, len(preprocessing.classes)
            )
        return stores

    def baselines(self, seed: int) -> list[Baseline]:
        from seqkit.tasks.baselines.series import class_baselines

        return class_baselines(
            self.examples("train"),
            self.series.training_answers(),
            len(self.series.classes),
            seed,
        )
