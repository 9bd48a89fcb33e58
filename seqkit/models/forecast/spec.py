"""The ``model`` sections of recipes about series of numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from seqkit.errors import UsageError
from seqkit.models.cores.spec import CoreSpec
from seqkit.recipe.spec import FIXED, ListOf, Positive
from seqkit.signature import Signature

LEAST_STEPS = 4
"""Theta needs so many steps of a window."""

Level = Annotated[float, Field(gt=0, lt=1)]


class ForecastModel(CoreSpec):
    """A core that reads the past, and what makes the horizon of its state."""

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
    highway_start: Literal["zeros", "season"] = Field(
        "zeros",
        description="What the highway's weights begin as: zeros; or, of values that "
        "are not differenced, the last cycle of the longest season that the highway "
        "holds, so that training begins from it.",
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
    level: Level = Field(
        0.5,
        description="Which quantile a point learned by mae is: 0.5 the median, less "
        "where forecasts that are too high cost more, as in MAPE.",
    )
    wide: ListOf[Literal["theta", "ridge", "trees", "last", "seasonal_naive"]] = Field(
        (),
        description="Plain forecasts from the same window, mixed with the network's by "
        "validation windows once this is trained (Bates & Granger 1969).",
    )
    naive_start: bool = Field(
        False,
        description="Start the head at zero: before training, the forecast is the one "
        "that the preparation takes off.",
    )
    quantiles: Annotated[ListOf[Level], Field(min_length=1)] = Field(
        (0.1, 0.5, 0.9),
        description="The quantiles that a forecast comes with.",
        json_schema_extra=FIXED,
    )
    conformal: bool = Field(
        True,
        description="Move point and quantiles so that they hold on the validation part "
        "(split-conformal; Romano et al. 2019). A point output has no others.",
    )

    move_point: bool = Field(
        True,
        description="Whether conformal moves a point output too, or the quantiles "
        "around it alone: few blocks of validation time say little of where the next "
        "one lies.",
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

    @property
    def point_level(self) -> float | None:
        """Which quantile the forecast is; None: the mean."""
        return None if self.output == "point" and self.loss == "mse" else self.level

    @property
    def level_place(self) -> int | None:
        """Which of the quantiles is the forecast; None: none of them."""
        level = self.point_level
        return self.quantiles.index(level) if level in self.quantiles else None

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
        if self.level != 0.5 and (self.output != "point" or self.loss != "mae"):
            raise ValueError(
                f"sets level {self.level}, which a point learned by mae alone has, "
                f"with output: {self.output} and loss: {self.loss}. Set level to 0.5."
            )
        if self.strategy == "segments" and self.segment == 1:
            raise ValueError(
                "has strategy: segments with segment 1. Set segment to the steps of "
                "one segment, e.g. 24."
            )
        if len(set(self.wide)) < len(self.wide):
            raise ValueError(
                f"names a method twice in wide {list(self.wide)}. Name each once."
            )
        if self.wide and self.output != "point":
            raise ValueError(
                f"mixes points by wide {list(self.wide)} with output: {self.output}. "
                "Set output to point, or wide to []."
            )
        if self.wide and self.strategy == "recursive":
            raise ValueError(
                f"mixes whole horizons by wide {list(self.wide)} with strategy: "
                "recursive, which learns a single step. Set strategy to direct, "
                "segments or encoder_decoder, or wide to []."
            )
        if getattr(self, "residual", False) and len(self.units) == 1:
            raise ValueError(
                "sets residual, but a single layer gives its last state alone, and no "
                "steps to add its input to. Add a layer to units."
            )
        return self

    def check(self, signature: Signature) -> None:
        """Raise UsageError for what windows of this signature cannot give."""
        assert signature.timesteps and signature.features and signature.horizon
        ahead = 1 + signature.future_features
        if self.strategy == "recursive" and signature.features > ahead:
            raise UsageError(
                f"model.strategy recursive must know every covariate of the steps that "
                f"it goes on from, but {signature.features - ahead} of them end with "
                "the past. Choose another strategy, or leave out data.past."
            )
        if self.highway > signature.timesteps:
            raise UsageError(
                f"model.highway {self.highway} is longer than the window that the "
                f"model reads ({signature.timesteps} steps). Shorten highway or "
                "lengthen data.lookback."
            )
        if self.wide and signature.differenced:
            raise UsageError(
                f"model.wide {list(self.wide)} forecasts from the values of a window, "
                "which differencing takes away. Set data.difference and "
                "data.seasonal_difference to 0, or wide to []."
            )
        if "theta" in self.wide and signature.timesteps < LEAST_STEPS:
            raise UsageError(
                f"model.wide theta needs {LEAST_STEPS} steps, and data.lookback gives "
                f"{signature.timesteps}. Lengthen data.lookback, or leave out theta."
            )
        if self.window_norm == "last" and not self.shifts(signature):
            raise UsageError(
                "model.window_norm last takes off a value that outputs summed up from "
                "differences cannot be given back. Set window_norm to none, mean or "
                "standard, or leave out the differencing."
            )

    def shifts(self, signature: Signature) -> bool:
        """Whether a window's shift can be added to the outputs.

        Outputs are sums of forecast differences where the steps are differences, save
        that a single step is one difference.
        """
        return not signature.differenced or self.strategy == "recursive"
