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
    from collections.abc import Callable, Mapping, Sequence

    import keras
    from numpy.typing import NDArray

    from seqkit.data.series.rows import Values
    from seqkit.data.stores.store import Store

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
    has_folds = True

    def encode(self, inputs: Any, model: WholeModel, signature: Signature) -> Any:
        """Steps to vectors (batch, width)."""
        from seqkit.models.series import encode_series

        return encode_series(inputs, model)

    def network(
        self, model: WholeModel, signature: Signature, name: str
    ) -> keras.Model:
        network = super().network(model, signature, name)
        if model.wide == "none":
            return network
        from seqkit.models.wide import with_kernels

        return with_kernels(network, numbers=not signature.classes)

    def settle(
        self,
        spec: WholeModel,
        model: keras.Model,
        stores: Mapping[str, Store],
        seed: int,
    ) -> None:
        if spec.wide == "kernels":
            from seqkit.tasks.wide import place_kernels, settle_shares

            place_kernels(model, stores["train"], seed)
            settle_shares([model], [stores.get("validation")])

    def settle_folds(
        self,
        spec: WholeModel,
        models: Sequence[keras.Model],
        stores: Sequence[Mapping[str, Any]],
        seeds: Sequence[int],
    ) -> None:
        if spec.wide == "kernels":
            from seqkit.tasks.wide import place_kernels, settle_folds

            settle_folds(models, stores, seeds, place_kernels)

    def take_choices(
        self, spec: WholeModel, model: keras.Model, other: keras.Model
    ) -> None:
        if spec.wide == "kernels":
            from seqkit.models.wide import set_shares, shares_of

            set_shares(model, *shares_of(other))

    def parts(
        self, spec: WholeModel, model: Callable[[], keras.Model]
    ) -> dict[str, keras.Model]:
        if spec.wide == "none":
            return {}
        from seqkit.models.wide import parts

        return parts(model(), "kernels")

    def own_scale_tells(
        self, series: list[Values], truth: NDArray[Any], classes: int
    ) -> bool:
        """Whether series say more where each is scaled by itself: see the rule."""
        from seqkit.tasks.baselines.nearest_series import tells_more_by_itself

        return tells_more_by_itself(series, truth, classes)

    def baselines(self, rows: RowData, seed: int) -> list[Baseline]:
        from seqkit.tasks.baselines.series import series_baselines

        classes = len(rows.answer.shapes.get("classes", ()))
        truth = rows.rows.training_answers()
        return series_baselines(rows.examples("train"), truth, seed, classes)

    def older_baselines(self, arrays: dict[str, NDArray[Any]]) -> list[Baseline]:
        from seqkit.tasks.baselines.series import older_baselines

        return older_baselines(arrays)
