"""The ``model`` section of a recipe: the recurrent stack that tasks share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from seqkit.recipe.spec import ListOf, Positive, Rate, Spec
from seqkit.registry import CELLS


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
