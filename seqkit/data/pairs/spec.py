"""The ``data`` section of a recipe that turns one text into another."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from seqkit.data.text.spec import SMALLEST_SUBWORD, TokenisedRows
from seqkit.recipe.spec import MEASURED, Positive

Column = Annotated[str, Field(min_length=1)]

SMALLEST_OUTPUT_VOCABULARY = 5
"""Token ids of outputs, at least: padding, unknown, begin, end and one more."""


class TextPairs(TokenisedRows):
    """Rows of two texts, and the columns that hold them."""

    # Equal inputs stay on one side of the split.
    input: Column = Field(
        "input",
        description="The column that holds the text to read, or a list of its "
        "sentences.",
        json_schema_extra=MEASURED,
    )
    output: Column = Field(
        "output",
        description="The column that holds the text to write; or a list of such "
        "texts, of which the first is learnt and all are references.",
        json_schema_extra=MEASURED,
    )
    title: Column | None = Field(
        None,
        description="A column that holds a title, read as the input's first line; "
        "null: none.",
        json_schema_extra=MEASURED,
    )
    groups: Column | None = Field(
        None,
        description="A column such as a document, or that of outputs: rows that are "
        "equal there stay in one part; null: equal inputs do.",
        json_schema_extra=MEASURED,
    )

    @model_validator(mode="after")
    def _columns_differ(self) -> TextPairs:
        named = [self.input, self.output, *([self.title] if self.title else [])]
        twice = next((one for one in named if named.count(one) > 1), None)
        if twice is not None:
            raise ValueError(
                f"names the column {twice!r} for two of input, output and title. Name "
                "another column for each."
            )
        return self


class PairData(TextPairs):
    """Rows of two texts: what goes in, and what comes out."""

    output_vocab_size: (
        Annotated[int, Field(ge=SMALLEST_OUTPUT_VOCABULARY, lt=2**31)] | None
    ) = Field(
        None,
        description="Token ids of outputs, among them padding (0), unknown (1), begin "
        "(2) and end (3); null: as vocab_size.",
    )
    shared: bool = Field(
        False, description="One vocabulary for inputs and outputs, learnt from both."
    )
    max_timesteps: Positive = Field(
        100, description="Longer inputs are cut to this many tokens."
    )
    max_output: Annotated[int, Field(ge=2, lt=2**31)] = Field(
        100,
        description="Tokens of an output, its end among them; longer ones are cut.",
    )
    lowercase: bool = Field(
        False, description="Fold letters of inputs and outputs to lower case."
    )

    @property
    def written_vocab_size(self) -> int:
        """Token ids of outputs."""
        return self.output_vocab_size or self.vocab_size

    @model_validator(mode="after")
    def _outputs_have_ids(self) -> PairData:
        size = self.output_vocab_size
        if self.shared and size is not None:
            raise ValueError(
                f"sets output_vocab_size {size}, but shares one vocabulary of "
                f"{self.vocab_size} (shared: true). Set output_vocab_size to null."
            )
        fewest = SMALLEST_OUTPUT_VOCABULARY
        if self.level == "subword":
            fewest = SMALLEST_SUBWORD
        if self.written_vocab_size < fewest:
            key = "vocab_size" if size is None else "output_vocab_size"
            raise ValueError(
                f"sets {key} {self.written_vocab_size}, but outputs at level "
                f"{self.level} need {fewest} or more. Raise {key}."
            )
        return self


class ExtractData(TextPairs):
    """Rows of a text, and of one that says the same in short."""

    output: Column = Field(
        "output",
        description="The column that holds the summary, or a list of such: sentences "
        "are likened to the one that they are nearest to.",
        json_schema_extra=MEASURED,
    )
    max_timesteps: Positive = Field(
        50, description="Longer sentences are cut to this many tokens."
    )
    max_sentences: Positive = Field(
        50, description="Sentences of an input that are read; further ones are not."
    )
