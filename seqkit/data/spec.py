"""The ``data`` section of a recipe: what all tasks share, and what text adds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from seqkit.spec import ListOf, Positive, Rate, Spec

Label = Annotated[str, Field(min_length=1)]


class DataSpec(Spec):
    """Where the rows come from and how they are parted."""

    source: Annotated[str, Field(pattern=r"^[a-z_]+:.+|^frame$")] = Field(
        description="tfds:NAME, csv:PATH, parquet:PATH, jsonl:PATH or sample:NAME."
    )
    data_dir: str | None = Field(
        None, description="Folder of prepared TFDS data sets; null: TFDS_DATA_DIR."
    )
    encoding: str = Field("utf-8", description="Encoding of csv and jsonl files.")
    missing: Literal["error", "drop", "empty"] = Field(
        "error",
        description="What to do where the input is missing: stop, leave the row out, or "
        "take it as an empty sequence.",
    )
    validation: Rate = Field(
        0.1, description="Share of the training rows that decides when to stop."
    )
    test: Rate = Field(
        0.1, description="Share held out for the test where the source has no test part."
    )
    split_seed: Annotated[int, Field(ge=0)] = Field(
        0, description="Seeds the split, apart from the training's seed."
    )


class TextData(DataSpec):
    """Rows of text, cut into words or characters."""

    text: str = Field("text", description="The column that holds the text.")
    vocab_size: Annotated[int, Field(ge=3)] = Field(
        20000, description="Token ids, among them padding (0) and unknown (1)."
    )
    max_timesteps: Positive = Field(
        400, description="Longer texts are cut to this many tokens."
    )
    level: Literal["word", "character"] = Field("word", description="What a token is.")
    truncating: Literal["pre", "post", "middle"] = Field(
        "post", description="Where a text that is too long loses tokens."
    )
    lowercase: bool = Field(True, description="Fold letters to lower case.")


class LabelledText(TextData):
    """Rows of text with one label each."""

    label: str = Field("label", description="The column that holds the label.")
    class_names: ListOf[Label] | None = Field(
        None, description="Names for the label values in sorted order; null: the values."
    )
    class_weight: Literal["none", "balanced"] = Field(
        "none", description="balanced: rare classes weigh more in the loss."
    )
