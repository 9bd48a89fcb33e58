"""The ``data`` sections of recipes about whole series of numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from seqkit.recipe.spec import FIXED, MEASURED, ListOf, Positive, RowsSpec

Column = Annotated[str, Field(min_length=1)]


class WholeSeries(RowsSpec):
    """Whole series, each with one answer."""

    layout: Literal["nested", "long"] = Field(
        "nested",
        description="nested: a row a series, each cell a list of numbers; long: a row "
        "a step, `id` tells the series.",
        json_schema_extra=MEASURED,
    )
    id: Column | None = Field(
        None,
        description="long: the column that names the series.",
        json_schema_extra=MEASURED,
    )
    # Equal series stay on one side of the split.
    values: Annotated[ListOf[Column], Field(min_length=1)] | None = Field(
        None,
        description="The columns of numbers; null: all that no other key names and "
        "that neither count, tell times nor name rows.",
        json_schema_extra=MEASURED,
    )
    missing: Literal["error", "drop", "interpolate"] = Field(
        "error",
        description="Where a series lacks values: stop, leave the series out, or "
        "interpolate.",
        json_schema_extra=MEASURED,
    )
    max_timesteps: Positive | None = Field(
        None, description="Longer series are cut to this many steps; null: none is."
    )
    truncating: Literal["pre", "post"] = Field(
        "post", description="Where a series that is too long loses steps."
    )
    scale: Literal["none", "standard", "minmax", "series"] = Field(
        "standard",
        description="Of each column, by all training series; series: each series by "
        "its own mean and standard deviation.",
    )

    @model_validator(mode="after")
    def _id_for_long(self) -> WholeSeries:
        if (self.layout == "long") != (self.id is not None):
            raise ValueError(
                f"has layout: {self.layout} and id: {self.id or 'null'}. layout: long "
                "needs the column that names the series, layout: nested has none."
            )
        return self


class LabelledSeries(WholeSeries):
    """Whole series with one class each."""

    label: Column = Field(
        "label",
        description="The column that holds the label.",
        json_schema_extra=MEASURED,
    )
    class_names: ListOf[Column] | None = Field(
        None,
        description="Names for the label values in sorted order; null: the values.",
        json_schema_extra=FIXED,
    )
    class_weight: Literal["none", "balanced"] = Field(
        "none", description="balanced: rare classes weigh more in the loss."
    )


class MeasuredSeries(WholeSeries):
    """Whole series with one number each."""

    target: Column = Field(
        "target",
        description="The column that holds the number.",
        json_schema_extra=MEASURED,
    )
    target_scale: Literal["none", "standard"] = Field(
        "standard", description="What the model learns the number in."
    )
