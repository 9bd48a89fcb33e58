"""The ``data`` section of a recipe that gives each token a tag."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from seqkit.recipe.spec import MEASURED, ListOf, Positive, Rate, RowsSpec

Name = Annotated[str, Field(min_length=1)]


class TaggedText(RowsSpec):
    """Rows of tokens with a tag each."""

    tokens: Name = Field(
        "tokens",
        description="The column that holds the tokens: a list, or text that is cut at "
        "its spaces (level: word) or into its letters (level: character).",
        json_schema_extra=MEASURED,
    )
    tags: Name = Field(
        "tags",
        description="The column that holds a tag for each token, written likewise.",
        json_schema_extra=MEASURED,
    )
    tag_names: ListOf[Name] | None = Field(
        None,
        description="Names for tags that are whole numbers, from 0 on; null: what the "
        "source calls them.",
        json_schema_extra=MEASURED,
    )
    scheme: Literal["auto", "plain", "iob1", "iob2", "iobes"] = Field(
        "auto",
        description="How tags spell spans: plain: not at all; iob2: BIO; iobes: BIOES; "
        "auto: what the training tags are in.",
        json_schema_extra=MEASURED,
    )
    groups: Name | None = Field(
        None,
        description="A column such as a document: rows that are equal there stay in "
        "one part; null: equal sentences do.",
        json_schema_extra=MEASURED,
    )
    missing: Literal["error", "drop"] = Field(
        "error",
        description="What to do with a row without tokens, or with a blank token or "
        "tag: stop, or leave the row out.",
        json_schema_extra=MEASURED,
    )
    level: Literal["word", "character"] = Field(
        "word", description="What a token is.", json_schema_extra=MEASURED
    )
    lowercase: bool = Field(
        True, description="Fold tokens to lower case for the vocabulary."
    )
    vocab_size: Annotated[int, Field(ge=3, lt=2**31)] = Field(
        20000, description="Token ids, among them padding (0) and unknown (1)."
    )
    max_timesteps: Positive = Field(
        400,
        description="Longer sentences are read in pieces of so many tokens; none is "
        "left out.",
    )
    overlap: Rate = Field(
        0.25,
        description="Share of a piece that neighbouring pieces share; a token is "
        "answered by the piece in which it is farthest from an edge.",
    )

    @model_validator(mode="after")
    def _two_columns(self) -> TaggedText:
        if self.tokens == self.tags:
            raise ValueError(
                f"names the column {self.tokens!r} for both tokens and tags. Name two."
            )
        return self
