"""The ``model`` section of a recipe: the recurrent stack that tasks share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from seqkit.registry import CELLS
from seqkit.spec import ListOf, Positive, Rate, Spec


class StackSpec(Spec):
    """Recurrent layers upon each other, one entry of ``units`` a layer."""

    cell: Annotated[str, AfterValidator(CELLS.check)] = Field(
        "lstm",
        description="The recurrent cell: see `seqkit show --cells`.",
        json_schema_extra={"enum": list(CELLS)},
    )
    units: Annotated[ListOf[Positive], Field(min_length=1)] = Field(
        (64,), description="Width of each recurrent layer, from the input upwards."
    )
    bidirectional: Literal["none", "concat", "sum", "mean", "multiply"] = Field(
        "none", description="Read both ways, and how the two directions merge."
    )
    dropout: Rate = Field(0.0, description="Dropout after every recurrent layer.")
    input_dropout: Rate = Field(
        0.0, description="Dropout of each cell's inputs, one mask a sequence."
    )
    recurrent_dropout: Rate = Field(
        0.0, description="Dropout of each cell's state (Gal & Ghahramani 2016); slow."
    )
    layer_norm: bool = Field(
        False, description="Layer normalisation after every recurrent layer."
    )
    residual: bool = Field(
        False,
        description="Add each layer's input to its output, through a linear projection "
        "where their widths differ; not where only a last state leaves the layer.",
    )


class TextModel(StackSpec):
    """A stack upon token embeddings."""

    embedding: Positive = Field(128, description="Width of the token embeddings.")
    embedding_dropout: Rate = Field(
        0.0, description="Drops whole embedding features, one mask a sequence."
    )
    token_dropout: Rate = Field(
        0.0, description="Share of tokens that training takes as unknown."
    )


class PooledTextModel(TextModel):
    """Many tokens in, one vector out."""

    pooling: Literal["last", "mean", "max", "attention"] = Field(
        "last", description="How the steps of the last layer become one vector."
    )

    @model_validator(mode="after")
    def _residual_acts(self) -> PooledTextModel:
        if self.residual and self.pooling == "last" and len(self.units) == 1:
            raise ValueError(
                "sets residual, but a single layer under pooling: last gives no steps "
                "to add its input to. Choose another pooling or add a layer to units."
            )
        return self
