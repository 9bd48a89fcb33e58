"""The ``model`` sections of recipes about series of numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from seqkit.models.spec import StackSpec
from seqkit.spec import ListOf, Positive

Level = Annotated[float, Field(gt=0, lt=1)]


class ForecastModel(StackSpec):
    """A recurrent encoder of the past and what makes the horizon of its state."""

    strategy: Literal["direct", "recursive", "encoder_decoder", "segments"] = Field(
        "direct",
        description="direct: one layer gives all steps; recursive: one step at a time, "
        "fed back; encoder_decoder: a second recurrent layer runs over the horizon; "
        "segments: it runs over segments of the horizon in parallel (SegRNN, Lin et "
        "al. 2023).",
    )
    segment: Positive = Field(
        1, description="Steps of the past that enter the encoder as one."
    )
    embedding: Positive | None = Field(
        None,
        description="Width of a linear layer (with ReLU) before the encoder; null: "
        "none.",
    )
    window_norm: Literal["none", "last", "mean", "standard"] = Field(
        "none",
        description="Normalises each window by itself, undone in the output: takes off "
        "its last value; divides by its mean absolute value; or standardises it "
        "(Kim et al. 2022).",
    )
    highway: Annotated[int, Field(ge=0, lt=2**31)] = Field(
        0,
        description="So many last steps go to the output by a linear layer as well "
        "(LSTNet, Lai et al. 2018); 0: none.",
    )
    series_embedding: Annotated[int, Field(ge=0, lt=2**31)] = Field(
        0, description="Width of a vector learned for each series; 0: none."
    )
    output: Literal["point", "quantile", "gaussian"] = Field(
        "point", description="What the model gives for each step."
    )
    loss: Literal["mae", "mse", "huber"] = Field(
        "mae", description="What a point output learns by."
    )
    quantiles: Annotated[ListOf[Level], Field(min_length=1)] = Field(
        (0.1, 0.5, 0.9), description="The quantiles that a forecast comes with."
    )
    conformal: bool = Field(
        True,
        description="Shift the quantiles so that they hold on the validation part "
        "(split-conformal; Romano et al. 2019). A point output has no others.",
    )

    @property
    def output_width(self) -> int:
        """Numbers that the model gives for each step."""
        widths = {"point": 1, "quantile": len(self.quantiles), "gaussian": 2}
        return widths[self.output]

    @property
    def point_channel(self) -> int:
        """Which of them is the forecast: the median of quantiles, mu of a gaussian."""
        return self.quantiles.index(0.5) if self.output == "quantile" else 0

    @model_validator(mode="after")
    def _consistent(self) -> ForecastModel:
        if list(self.quantiles) != sorted(set(self.quantiles)):
            raise ValueError(
                f"has quantiles {list(self.quantiles)}. List them rising, each once."
            )
        if self.output == "quantile" and 0.5 not in self.quantiles:
            raise ValueError(
                f"has output: quantile without 0.5 among quantiles "
                f"{list(self.quantiles)}. Add 0.5: it is the forecast."
            )
        if self.output != "point" and self.loss != "mae":
            raise ValueError(
                f"sets loss, which a point output alone learns by, with output: "
                f"{self.output}. Leave out loss."
            )
        if self.strategy == "segments" and self.segment == 1:
            raise ValueError(
                "has strategy: segments with segment 1. Set segment to the steps of "
                "one segment, e.g. 24."
            )
        if self.residual and len(self.units) == 1:
            raise ValueError(
                "sets residual, but a single layer gives its last state alone, and no "
                "steps to add its input to. Add a layer to units."
            )
        return self


class SeriesModel(StackSpec):
    """A recurrent encoder of a whole series, pooled to one vector."""

    embedding: Positive | None = Field(
        None,
        description="Width of a linear layer (with ReLU) before the encoder; null: "
        "none.",
    )
    noise: Annotated[float, Field(ge=0)] = Field(
        0.0,
        description="Standard deviation of noise on the scaled inputs in training.",
    )
    pooling: Literal["last", "mean", "max", "attention"] = Field(
        "last", description="How the steps of the last layer become one vector."
    )

    @model_validator(mode="after")
    def _residual_acts(self) -> SeriesModel:
        if self.residual and self.pooling == "last" and len(self.units) == 1:
            raise ValueError(
                "sets residual, but a single layer under pooling: last gives no steps "
                "to add its input to. Choose another pooling or add a layer to units."
            )
        return self


class MeasuredSeriesModel(SeriesModel):
    """The same, for one number as the answer."""

    loss: Literal["mse", "mae", "huber"] = Field("mse", description="The loss.")
