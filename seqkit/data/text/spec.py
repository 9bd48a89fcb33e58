"""The ``data`` section of a recipe about text."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from seqkit.recipe.spec import FIXED, MEASURED, ListOf, Positive, RowsSpec

SMALLEST_SUBWORD = 300
"""Token ids at level ``subword``, at least: bytes alone take 242."""

Label = Annotated[str, Field(min_length=1)]


class TokenisedRows(RowsSpec):
    """Rows of text, cut into words, characters or pieces of words."""

    missing: Literal["error", "drop", "empty"] = Field(
        "error",
        description="What to do where the text is missing: stop, leave the row out, "
        "or take it as an empty sequence.",
        json_schema_extra=MEASURED,
    )
    vocab_size: Annotated[int, Field(ge=3, lt=2**31)] = Field(
        20000, description="Token ids, among them padding (0) and unknown (1)."
    )
    max_timesteps: Positive = Field(
        400, description="Longer texts are cut to this many tokens."
    )
    level: Literal["word", "character", "subword"] = Field(
        "word",
        description="What a token is; subword: pieces of words, learnt as byte pairs.",
    )
    truncating: Literal["pre", "post", "middle"] = Field(
        "post", description="Where a text that is too long loses tokens."
    )
    lowercase: bool = Field(True, description="Fold letters to lower case.")

    @model_validator(mode="after")
    def _bytes_have_ids(self) -> TokenisedRows:
        if self.level == "subword" and self.vocab_size < SMALLEST_SUBWORD:
            raise ValueError(
                f"sets vocab_size {self.vocab_size}, but level subword needs "
                f"{SMALLEST_SUBWORD} or more: each byte has an id. Raise vocab_size."
            )
        return self


class TextData(TokenisedRows):
    """Rows with a text each."""

    # Equal texts stay on one side of the split.
    text: str = Field(
        "text",
        description="The column that holds the text.",
        json_schema_extra=MEASURED,
    )


class LabelledText(TextData):
    """Rows of text with one label each."""

    label: str = Field(
        "label",
        description="The column that holds the label.",
        json_schema_extra=MEASURED,
    )
    class_names: ListOf[Label] | None = Field(
        None,
        description="Names for the label values in sorted order; null: the values.",
        json_schema_extra=FIXED,
    )
    class_weight: Literal["none", "balanced"] = Field(
        "none", description="balanced: rare classes weigh more in the loss."
    )
    letters: bool = Field(
        False,
        description="Read texts letter by letter as well, for model.wide: blend.",
    )
