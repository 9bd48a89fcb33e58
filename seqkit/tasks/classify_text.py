"""The task ``classify_text``: one of several classes for a whole text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.text.spec import LabelledText
from seqkit.models.specs import PooledTextModel
from seqkit.recipe.recipe import Recipe
from seqkit.signature import Signature
from seqkit.tasks.answers.classes import ClassifierTask
from seqkit.tasks.base import (
    Baseline,
    Examples,
    Preprocessing,
    Seen,
    TaskData,
    graph_name,
)

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.sources.base import Source
    from seqkit.data.stores.store import SequenceStore, Store
    from seqkit.data.text.labelled import LabelledTexts


class ClassifyText(ClassifierTask):
    """Many tokens in, one class out."""

    name = "classify_text"
    summary = "One of two or more classes for a whole text."
    Data = LabelledText
    Model = PooledTextModel

    def declared(self, recipe: Recipe) -> Signature:
        data = recipe.data
        assert isinstance(data, LabelledText)
        return Signature(
            timesteps=data.max_timesteps,
            vocabulary=data.vocab_size,
            classes=data.class_names or ("0", "1"),
        )

    def build(self, recipe: Recipe, signature: Signature) -> keras.Model:
        """Token ids (batch, timesteps) to class probabilities (batch, classes)."""
        import keras

        from seqkit.models.text import encode_tokens

        assert isinstance(recipe.model, PooledTextModel) and signature.vocabulary
        tokens = keras.Input((None,), dtype="int32", name="tokens")
        encoded = encode_tokens(tokens, signature.vocabulary, recipe.model)
        head = keras.layers.Dense(
            len(signature.classes), activation="softmax", name="probabilities"
        )
        return keras.Model(tokens, head(encoded), name=graph_name(recipe.name))

    def store_remarks(
        self, recipe: Recipe, preprocessing: Any, stores: Mapping[str, Store]
    ) -> list[str]:
        from seqkit.tasks.inputs.text import unknown_tokens

        assert isinstance(recipe.data, LabelledText)
        encoder, size = preprocessing.encoder, recipe.data.vocab_size
        return unknown_tokens(encoder, stores["validation"], size)

    def open(self, recipe: Recipe, source: Source) -> ClassifyTextData:
        from seqkit.data.text.labelled import LabelledTexts

        assert isinstance(recipe.data, LabelledText)
        return ClassifyTextData(recipe, LabelledTexts(source, recipe.data))

    def labelled(
        self, recipe: Recipe, preprocessing: Any, source: Source
    ) -> Iterator[Examples]:
        from seqkit.data.rows.labels import label_codes
        from seqkit.data.text.rows import read_rows

        assert isinstance(recipe.data, LabelledText)
        spec, part = recipe.data, source.test_part
        for rows in read_rows(source, part, spec, spec.label, tell=True):
            truth = label_codes(rows.labels, preprocessing.values, source.name)
            yield Examples(rows.texts, truth)

    def saw(
        self, seen: Seen, examples: Examples, preprocessing: Any
    ) -> NDArray[np.bool_]:
        from seqkit.data.rows.seen import among
        from seqkit.data.text.labelled import hash_text

        return among([hash_text(text) for text in examples.inputs], seen["rows"])

    def inputs(
        self, recipe: Recipe, preprocessing: Any, source: Source
    ) -> Iterator[list[str]]:
        from seqkit.data.text.rows import read_rows

        assert isinstance(recipe.data, LabelledText)
        for rows in read_rows(source, source.test_part, recipe.data, tell=True):
            yield rows.texts

    def load_preprocessing(self, folder: Path) -> Preprocessing:
        from seqkit.tasks.inputs.text import TextPreprocessing

        return TextPreprocessing.load(folder)

    def save_baselines(self, baselines: list[Baseline], folder: Path) -> None:
        from seqkit.tasks.baselines.text import save_baselines

        save_baselines(baselines, folder)

    def load_baselines(self, folder: Path) -> list[Baseline]:
        from seqkit.tasks.baselines.text import load_baselines

        return load_baselines(folder)

    def lines(self, inputs: list[str], answers: pd.DataFrame) -> list[str]:
        shown = zip(answers["label"], answers["probability"], inputs, strict=True)
        return [f"{label}  {sure:.3f}  {text[:60]!r}" for label, sure, text in shown]

    def raw_inputs(self, values: Sequence[Any], preprocessing: Any) -> list[str]:
        from seqkit.tasks.inputs.text import check_texts

        return check_texts(values, preprocessing.missing)


class ClassifyTextData(TaskData):
    """Labelled texts with what this task fits on them."""

    def __init__(self, recipe: Recipe, texts: LabelledTexts) -> None:
        assert isinstance(recipe.data, LabelledText)
        self.texts = texts
        self.spec = recipe.data
        self.source = texts.source
        self.fingerprint = texts.scan.fingerprint

    def examples(self, part: str) -> Iterator[Examples]:
        from seqkit.data.rows.labels import label_codes

        for rows in self.texts.rows(part):
            name = self.texts.source.name
            yield Examples(
                rows.texts, label_codes(rows.labels, self.texts.scan.values, name)
            )

    def count(self, part: str) -> int:
        return self.texts.count(part)

    def why_empty(self, part: str) -> str:
        return self.texts.why_empty(part)

    def remarks(self) -> list[str]:
        return self.texts.remarks()

    def seen(self) -> Seen:
        return {"rows": self.texts.seen}

    def held_out_frame(self) -> pd.DataFrame:
        return self.texts.as_frame("test")

    def preprocessing(self) -> Preprocessing:
        from seqkit.tasks.inputs.text import TextPreprocessing

        encoder = self.texts.fit_encoder()
        classes, values = self.texts.classes, self.texts.scan.values
        return TextPreprocessing(encoder, classes, values, self.spec.missing)

    def stores(self, preprocessing: Any, folder: Path) -> dict[str, SequenceStore]:
        from seqkit.data.rows.labels import balanced_weights

        stores = {
            part: self.texts.store(part, preprocessing.encoder, folder / f"{part}.ids")
            for part in ("train", "validation")
        }
        if self.spec.class_weight == "balanced":
            train = stores["train"]
            train.weights[:] = balanced_weights(
                train.targets, len(preprocessing.classes)
            )
        return stores

    def baselines(self, seed: int) -> list[Baseline]:
        from seqkit.tasks.baselines.text import MajorityClass, TfidfLogistic

        classes = len(self.texts.classes)
        return [
            MajorityClass.fit(self.texts.training_labels(), classes),
            TfidfLogistic.fit(self.examples("train"), classes, seed),
        ]
