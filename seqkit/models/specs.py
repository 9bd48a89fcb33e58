"""The ``model`` and ``decode`` sections of recipes about texts and series."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from seqkit.models.cores.spec import CoreSpec
from seqkit.recipe.spec import FIXED, ListOf, Positive, Rate, Spec

FILTERS = (128, 256, 128)
KERNEL_SIZES = (8, 5, 3)
"""The convolutions of Karim et al. 2018, figure 1."""


class TextModel(CoreSpec):
    """A core upon token embeddings."""

    embedding: Positive = Field(128, description="Width of the token embeddings.")
    embedding_dropout: Rate = Field(
        0.0, description="Drops whole embedding features, one mask a sequence."
    )
    token_dropout: Rate = Field(
        0.0, description="Share of tokens that training takes as unknown."
    )


class VectorModel(TextModel):
    """The same; the embeddings may begin as vectors that were trained elsewhere."""

    embedding: Positive | None = Field(  # type: ignore[assignment]
        128,
        description="Width of the token embeddings; null: that of pretrained_vectors.",
    )
    pretrained_vectors: str | None = Field(
        None,
        description="File of word vectors (word2vec, GloVe, fastText) that embeddings "
        "begin with; null: random ones.",
        json_schema_extra=FIXED,
    )
    frozen_vectors: bool = Field(
        False, description="Leave the embeddings as they begin, vectors or not."
    )

    @model_validator(mode="after")
    def _vectors_are_there(self) -> VectorModel:
        if self.pretrained_vectors is not None:
            return self
        if self.frozen_vectors:
            raise ValueError(
                "sets frozen_vectors, but has no pretrained_vectors. Name a file of "
                "them, or set frozen_vectors to false."
            )
        if self.embedding is None:
            raise ValueError(
                "sets embedding to null, but has no pretrained_vectors to take the "
                "width of. Set embedding to a number."
            )
        return self


class Pooled(CoreSpec):
    """Many steps in, one vector out."""

    pooling: Literal["last", "mean", "max", "attention"] = Field(
        "last", description="How the steps of the last layer become one vector."
    )

    @model_validator(mode="after")
    def _residual_acts(self) -> Pooled:
        residual = getattr(self, "residual", False)
        if residual and self.pooling == "last" and len(self.units) == 1:
            raise ValueError(
                "sets residual, but a single layer under pooling: last gives no steps "
                "to add its input to. Choose another pooling or add a layer to units."
            )
        return self


class PooledTextModel(Pooled, VectorModel):
    """Many tokens in, one vector out."""

    wide: Literal["none", "ngrams", "blend"] = Field(
        "none",
        description="ngrams: a linear model of tokens, pairs and triples beside the "
        "network, fitted and mixed in once this is trained (Cheng et al. 2016); blend: "
        "one of TF-IDF as well and, with data.letters, one of runs of letters.",
    )


class StepsModel(CoreSpec):
    """A core upon a series, with a vector for each step."""

    embedding: Positive | None = Field(
        None,
        description="Width of a linear layer (with ReLU) before the encoder; null: "
        "none.",
    )
    noise: Annotated[float, Field(ge=0)] = Field(
        0.0,
        description="Standard deviation of noise on the scaled inputs in training.",
    )


class MeasuredStepsModel(StepsModel):
    """The same, for numbers as the answers."""

    loss: Literal["mse", "mae", "huber"] = Field("mse", description="The loss.")


class SeriesModel(Pooled, StepsModel):
    """A core upon a whole series, pooled to one vector."""

    architecture: Literal["recurrent", "lstm_fcn"] = Field(
        "recurrent",
        description="recurrent: the core alone; lstm_fcn: beside it three convolutions "
        "over time, whose mean is read along (Karim et al. 2018).",
    )
    filters: Annotated[ListOf[Positive], Field(min_length=3, max_length=3)] | None = (
        Field(
            None,
            description="lstm_fcn: filters of each convolution, which read 8, 5 and 3 "
            "steps; null: 128, 256 and 128.",
        )
    )
    scaling_noise: Annotated[float, Field(ge=0)] = Field(
        0.0,
        description="Standard deviation of the factor around 1 by which training "
        "multiplies each column of a series.",
    )
    window_warp: Rate = Field(
        0.0,
        description="Share of each series that training plays at half or twice its "
        "speed, another window each time.",
    )
    wide: Literal["none", "kernels"] = Field(
        "none",
        description="kernels: many small convolutions with ridge regression beside the "
        "network, fitted and mixed in once this is trained (Dempster et al. 2021).",
    )

    @model_validator(mode="after")
    def _filters_act(self) -> SeriesModel:
        if self.filters is not None and self.architecture != "lstm_fcn":
            raise ValueError(
                f"sets filters ({list(self.filters)}), but architecture: "
                f"{self.architecture} has no convolutions. Set filters to null, or "
                "architecture to lstm_fcn."
            )
        return self


class MeasuredSeriesModel(SeriesModel):
    """The same, for one number as the answer."""

    loss: Literal["mse", "mae", "huber"] = Field("mse", description="The loss.")


class TaggerModel(VectorModel):
    """A core upon words and their letters, with a tag for every step."""

    characters: Literal["none", "cnn", "lstm"] = Field(
        "lstm", description="How a word's letters become a vector beside its embedding."
    )
    character_embedding: Positive = Field(
        30, description="Width of the embeddings of letters."
    )
    character_units: Positive = Field(
        50, description="Width of the vector that is made of a word's letters."
    )
    casing: bool = Field(
        True, description="Tell how a word is written: lower, Title, UPPER, digits."
    )
    unknown_rate: Rate = Field(
        0.5,
        description="Share of the words seen once that training takes as unknown ones "
        "of their class (Lample et al. 2016).",
    )
    head: Literal["softmax", "crf"] = Field(
        "crf", description="Each tag by itself, or the best path through all of them."
    )

    @model_validator(mode="after")
    def _two_directions(self) -> TaggerModel:
        if self.characters == "lstm" and self.character_units % 2:
            raise ValueError(
                "reads letters both ways (characters: lstm), so character_units must "
                f"be even, got {self.character_units}. Add 1."
            )
        return self


class TaggerDecode(Spec):
    """How tags are read off a tagger that is trained."""

    method: Literal["viterbi", "argmax"] = Field(
        "viterbi",
        description="viterbi: the best path that the scheme allows; argmax: each "
        "token's most probable tag, whatever stands beside it.",
    )


class ExtractorModel(TextModel):
    """A core upon the sentences of a text, which are read word by word before."""

    embedding_dropout: Rate = Field(
        0.0, description="Dropout of the numbers of token embeddings."
    )
    sentence_encoder: Literal["cnn", "lstm"] = Field(
        "cnn",
        description="How the tokens of a sentence become a vector: filters over three "
        "tokens and the highest value of each, or an LSTM that reads both ways.",
    )
    sentence_units: Positive = Field(128, description="Width of that vector.")

    @model_validator(mode="after")
    def _two_directions(self) -> ExtractorModel:
        if self.sentence_encoder == "lstm" and self.sentence_units % 2:
            raise ValueError(
                "reads sentences both ways (sentence_encoder: lstm), so sentence_units "
                f"must be even, got {self.sentence_units}. Add 1."
            )
        return self


class ExtractDecode(Spec):
    """How a summary is made by a model that is trained."""

    sentences: Positive = Field(
        1, description="Sentences of a summary: the likeliest ones, in their order."
    )
