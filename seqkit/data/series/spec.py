"""The ``data`` sections of recipes about whole series of numbers."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import Field, model_validator

from seqkit.recipe.spec import FIXED, MEASURED, ListOf, Positive, Rate, RowsSpec

Column = Annotated[str, Field(min_length=1)]


class SeriesSpec(RowsSpec):
    """Series of numbers, nested or long."""

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

    @model_validator(mode="after")
    def _id_for_long(self) -> SeriesSpec:
        if (self.layout == "long") != (self.id is not None):
            raise ValueError(
                f"has layout: {self.layout} and id: {self.id or 'null'}. layout: long "
                "needs the column that names the series, layout: nested has none."
            )
        return self


class WholeSeries(SeriesSpec):
    """Whole series, each with one answer."""

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


class SteppedSeries(SeriesSpec):
    """Series with an answer for each of their steps."""

    max_timesteps: Positive | None = Field(
        None,
        description="Training reads longer series in pieces of so many steps; null: "
        "whole. None is left out, and what is answered is always read whole.",
    )
    overlap: Rate = Field(
        0.25,
        description="Share of a piece that neighbouring pieces share; a step counts in "
        "the piece in which it is farthest from an edge.",
    )
    scale: Literal["none", "standard", "minmax", "series"] = Field(
        "standard",
        description="Of each column, by all training series; series: each whole series "
        "by its own mean and standard deviation.",
    )

    @property
    def answers(self) -> tuple[str, ...]:
        """The columns of answers."""
        raise NotImplementedError

    @property
    def has_texts(self) -> bool:
        """Whether answers are text, and not numbers."""
        return False


class LabelledSteps(SteppedSeries):
    """Series with a class, or several labels, for each step."""

    labels: Literal["single", "multi"] = Field(
        "single",
        description="single: one class a step; multi: any number of labels a step.",
        json_schema_extra=MEASURED,
    )
    label: Column = Field(
        "label",
        description="single: the column that holds each step's label.",
        json_schema_extra=MEASURED,
    )
    label_columns: Annotated[ListOf[Column], Field(min_length=1)] | None = Field(
        None,
        description="multi: a column of 0 and 1 for each label.",
        json_schema_extra=MEASURED,
    )
    class_names: ListOf[Column] | None = Field(
        None,
        description="single: names for the label values in sorted order; null: the "
        "values.",
        json_schema_extra=FIXED,
    )
    class_weight: Literal["none", "balanced"] = Field(
        "none", description="single, balanced: rare classes weigh more in the loss."
    )

    @model_validator(mode="after")
    def _columns_for_multi(self) -> LabelledSteps:
        if (self.labels == "multi") != (self.label_columns is not None):
            raise ValueError(
                f"has labels: {self.labels} and label_columns: "
                f"{list(self.label_columns or ()) or 'null'}. labels: multi needs a "
                "column of 0 and 1 for each label, labels: single has none."
            )
        if self.labels == "multi" and self.class_names:
            raise ValueError(
                "has labels: multi and class_names. There the columns name the labels: "
                "set class_names to null."
            )
        if self.labels == "multi" and self.class_weight != "none":
            raise ValueError(
                f"has labels: multi and class_weight: {self.class_weight}. Where a "
                "step has several labels none is its class: set class_weight to none."
            )
        return _distinct(self, self.answers)

    @property
    def answers(self) -> tuple[str, ...]:
        return self.label_columns or (self.label,)

    @property
    def has_texts(self) -> bool:
        return self.labels == "single"


class MeasuredSteps(SteppedSeries):
    """Series with one or several numbers for each step."""

    targets: Annotated[ListOf[Column], Field(min_length=1)] = Field(
        ("target",),
        description="The columns that hold each step's numbers.",
        json_schema_extra=MEASURED,
    )
    target_scale: Literal["none", "standard"] = Field(
        "standard", description="What the model learns each column of targets in."
    )

    @model_validator(mode="after")
    def _distinct_targets(self) -> MeasuredSteps:
        return _distinct(self, self.targets)

    @property
    def answers(self) -> tuple[str, ...]:
        return self.targets


Stepped = TypeVar("Stepped", bound=SteppedSeries)


def _distinct(spec: Stepped, columns: tuple[str, ...]) -> Stepped:
    """The same; raise ValueError where a column is named twice."""
    for column in columns:
        if columns.count(column) > 1 or column in (spec.values or ()):
            raise ValueError(
                f"names the column {column!r} twice among values and answers. Name it "
                "once."
            )
    return spec
