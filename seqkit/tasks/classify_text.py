"""The task ``classify_text``: one of several classes for a whole text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqkit.data.text.spec import LabelledText
from seqkit.errors import UsageError
from seqkit.models.specs import PooledTextModel
from seqkit.shared.vectors import Vectors, vectors_of
from seqkit.signature import Signature
from seqkit.tasks.answers.classes import Classes
from seqkit.tasks.base import Baseline
from seqkit.tasks.inputs.text import TextInputs
from seqkit.tasks.rows import RowData, RowTask
from seqkit.tasks.rules.text import TextRule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import keras
    from numpy.typing import NDArray

    from seqkit.data.stores.store import Store


class ClassifyText(RowTask[LabelledText, PooledTextModel]):
    """Many tokens in, one class out."""

    name = "classify_text"
    summary = "One of two or more classes for a whole text."
    Data = LabelledText
    Model = PooledTextModel
    Inputs = TextInputs
    Answer = Classes
    Rule = TextRule
    has_folds = True

    def check(self, data: LabelledText, model: PooledTextModel) -> None:
        if data.letters and model.wide != "blend":
            raise UsageError(
                f"data.letters serves model.wide: blend alone, which is {model.wide}. "
                "Set one of them."
            )

    def network_inputs(self, signature: Signature) -> Any:
        """Token ids (batch, timesteps), 0 where padded."""
        import keras

        return keras.Input((None,), dtype="int32", name="tokens")

    def encode(self, inputs: Any, model: PooledTextModel, signature: Signature) -> Any:
        """Token ids to vectors (batch, width)."""
        from seqkit.models.text import encode_tokens

        assert signature.vocabulary
        return encode_tokens(inputs, signature.vocabulary, model)

    def network(
        self, model: PooledTextModel, signature: Signature, name: str
    ) -> keras.Model:
        network = super().network(model, signature, name)
        if model.wide == "none":
            return network
        assert signature.vocabulary
        if model.wide == "blend":
            from seqkit.models.blend import with_blend

            return with_blend(
                network, signature.vocabulary, signature.detail("letters")
            )
        from seqkit.models.wide import with_ngrams

        return with_ngrams(network, signature.vocabulary)

    def first_vectors(
        self, spec: PooledTextModel, preprocessing: Any
    ) -> Vectors | None:
        if spec.pretrained_vectors is None:
            return None
        encoder = preprocessing.inputs.encoder
        path = spec.pretrained_vectors
        return vectors_of(path, encoder.vocabulary, encoder.lowercase)

    def settle(
        self,
        spec: PooledTextModel,
        model: keras.Model,
        stores: Mapping[str, Store],
        seed: int,
    ) -> None:
        if spec.wide == "ngrams":
            from seqkit.tasks.wide import place_ngrams, settle_shares

            place_ngrams(model, stores["train"], seed)
            settle_shares([model], [stores.get("validation")])
        elif spec.wide == "blend":
            from seqkit.tasks.blend import fit_blend

            fit_blend(model, stores)

    def settle_folds(
        self,
        spec: PooledTextModel,
        models: Sequence[keras.Model],
        stores: Sequence[Mapping[str, Any]],
        seeds: Sequence[int],
    ) -> None:
        if spec.wide == "ngrams":
            from seqkit.tasks.wide import place_ngrams, settle_folds

            settle_folds(models, stores, seeds, place_ngrams)

    def take_choices(
        self, spec: PooledTextModel, model: keras.Model, other: keras.Model
    ) -> None:
        if spec.wide == "ngrams":
            from seqkit.models.wide import set_shares, shares_of

            set_shares(model, *shares_of(other))
        elif spec.wide == "blend":
            from seqkit.models import blend

            blend.set_shares(model, blend.shares_of(other))

    def parts(
        self, spec: PooledTextModel, model: Callable[[], keras.Model]
    ) -> dict[str, keras.Model]:
        if spec.wide == "none":
            return {}
        from seqkit.models import blend, wide

        if spec.wide == "blend":
            return blend.parts(model())
        return wide.parts(model(), "n-grams")

    def baselines(self, rows: RowData, seed: int) -> list[Baseline]:
        from seqkit.tasks.baselines.constant import MajorityClass
        from seqkit.tasks.baselines.ratios import RatioLogistic
        from seqkit.tasks.baselines.text import TfidfLogistic

        classes = len(rows.answer.shapes["classes"])
        return [
            MajorityClass.fit(rows.rows.training_answers(), classes),
            TfidfLogistic.fit(rows.examples("train"), classes, seed),
            RatioLogistic.fit(rows.examples("train"), classes, seed),
        ]

    def older_baselines(self, arrays: dict[str, NDArray[Any]]) -> list[Baseline]:
        from seqkit.tasks.baselines.text import older_baselines

        return older_baselines(arrays)
