"""What the tasks about series of numbers share: the network, and baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from seqkit.data.series.spec import SeriesSpec, WholeSeries
from seqkit.models.specs import SeriesModel, StepsModel
from seqkit.signature import Signature
from seqkit.tasks.base import Baseline
from seqkit.tasks.inputs.series import SeriesInputs
from seqkit.tasks.names import graph_name
from seqkit.tasks.rows import RowData, RowTask

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

SeriesData = TypeVar("SeriesData", bound=SeriesSpec)
Model = TypeVar("Model", bound=StepsModel)
WholeData = TypeVar("WholeData", bound=WholeSeries)
WholeModel = TypeVar("WholeModel", bound=SeriesModel)


class NumbersTask(RowTask[SeriesData, Model]):
    """A task about series of numbers."""

    def network_inputs(self, signature: Signature) -> Any:
        """Scaled, padded steps (batch, steps, columns)."""
        import keras

        return keras.Input((None, signature.features), name="steps")

    def network(self, model: Model, signature: Signature, name: str) -> keras.Model:
        import keras

        inputs = self.network_inputs(signature)
        # Layers draw their seeds when they are made: here the head is the first.
        head = self.Answer.head(model, signature)
        outputs = head(self.encode(inputs, model, signature))
        return keras.Model(inputs, outputs, name=graph_name(name))


class SeriesTask(NumbersTask[WholeData, WholeModel]):
    """A task with one answer for a whole series."""

    Inputs = SeriesInputs

    def encode(self, inputs: Any, model: WholeModel, signature: Signature) -> Any:
        """Steps to vectors (batch, width)."""
        from seqkit.models.series import encode_series

        return encode_series(inputs, model)

    def baselines(self, rows: RowData, seed: int) -> list[Baseline]:
        from seqkit.tasks.baselines.series import series_baselines

        classes = len(rows.answer.shapes.get("classes", ()))
        truth = rows.rows.training_answers()
        return series_baselines(rows.examples("train"), truth, seed, classes)

    def older_baselines(self, arrays: dict[str, NDArray[Any]]) -> list[Baseline]:
        from seqkit.tasks.baselines.series import older_baselines

        return older_baselines(arrays)
