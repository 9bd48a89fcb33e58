"""The ``model`` and ``decode`` sections of recipes that write sequences."""

from __future__ import annotations

import warnings
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from seqkit.models.cores.spec import CoreSpec
from seqkit.models.specs import TextModel
from seqkit.recipe.spec import ListOf, Positive, Seed, Spec
from seqkit.registry import CELLS, CORES

Share = Annotated[float, Field(ge=0, le=1)]


with warnings.catch_warnings():
    # An old method of pydantic's models, which nothing calls, has the field's name.
    warnings.filterwarnings("ignore", message='Field name "copy"')

    class CopyingModel(TextModel):
        """Token embeddings, and what may be copied."""

        copy: bool = Field(  # type: ignore[assignment]
            False,
            description="Tokens may be copied from the input (See et al. 2017), under "
            "data.shared.",
        )


class EncoderDecoderModel(CopyingModel):
    """An encoder of the input, and a decoder that writes the output."""

    decoder_cell: Annotated[str, AfterValidator(CELLS.check)] | None = Field(
        None,
        description="The decoder's recurrent cell; null: as cell.",
        json_schema_extra={"enum": [*CELLS, None]},
    )
    decoder_units: Annotated[ListOf[Positive], Field(min_length=1)] | None = Field(
        None, description="Width of each layer of the decoder; null: as units."
    )
    attention: Literal["none", "dot", "general", "additive"] = Field(
        "additive",
        description="How the decoder looks at the input: dot and general (Luong et al. "
        "2015), additive (Bahdanau et al. 2015).",
    )
    attention_units: Positive | None = Field(
        None,
        description="Width of the vector that attention and decoder make together, and "
        "of additive attention; null: as the decoder's last layer.",
    )
    input_feeding: bool = Field(
        False,
        description="The decoder reads the vector of the step before as well (Luong et "
        "al. 2015, section 3.3); slower in training.",
    )
    tie: Literal["none", "output", "all"] = Field(
        "none",
        description="Which matrices are one: output: those of the decoder's tokens, in "
        "and out; all: that of the encoder's tokens as well, under data.shared.",
    )
    coverage: Annotated[float, Field(ge=0)] = Field(
        0.0,
        description="Weight of a loss on attention that comes to a place again, which "
        "attention then knows of (See et al. 2017); 0: neither.",
    )
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0, description="Share of the target that goes to all tokens alike."
    )
    scheduled_sampling: Literal["none", "constant", "linear", "inverse_sigmoid"] = (
        Field(
            "none",
            description="How the share of its own tokens that the decoder reads in "
            "training rises (Bengio et al. 2015).",
        )
    )
    sampling_rate: Share = Field(
        0.25, description="The largest share of the decoder's own tokens."
    )
    sampling_steps: Positive = Field(
        10000, description="Training steps until the share is there."
    )

    @property
    def encoder(self) -> CoreSpec:
        """The encoder's stack."""
        return self._stack(self.cell, {})

    @property
    def decoder(self) -> CoreSpec:
        """The decoder's stack, which reads one way."""
        own = {"units": self.decoder_units or self.units, "bidirectional": "none"}
        return self._stack(self.decoder_cell or self.cell, own)

    def _stack(self, cell: str, own: dict[str, Any]) -> CoreSpec:
        """The keys of a cell's core, as far as this section has them."""
        core = CORES.get(cell)
        keys = {key: getattr(self, key, None) for key in core.model_fields}
        keys |= {key: own[key] for key in own if key in keys}
        there = {key: value for key, value in keys.items() if value is not None}
        stack: CoreSpec = core(**{**there, "cell": cell})
        return stack

    @property
    def stack_dropout(self) -> float:
        """Dropout of what stacks give, where their core has such a key."""
        return float(getattr(self, "dropout", 0.0))

    @property
    def memory_width(self) -> int:
        """Width of what the encoder gives for each token."""
        return self.encoder.width(len(self.units) - 1)

    @property
    def vector_width(self) -> int:
        """Width of what the head reads."""
        last = self.decoder.units[-1]
        return last if self.attention == "none" else self.attention_units or last

    @model_validator(mode="after")
    def _consistent(self) -> EncoderDecoderModel:
        queried, remembered = self.decoder.units[-1], self.memory_width
        if self.attention == "dot" and queried != remembered:
            raise ValueError(
                f"has attention: dot between a decoder of width {queried} and an "
                f"encoder of width {remembered}. Set attention to general or make the "
                "widths equal."
            )
        if self.attention == "none":
            for key, value in self._needs_attention().items():
                if value:
                    raise ValueError(
                        f"sets {key} without attention, by which it works. Set "
                        f"attention to additive or leave out {key}."
                    )
        return self

    def _needs_attention(self) -> dict[str, object]:
        return {
            "attention_units": self.attention_units,
            "input_feeding": self.input_feeding,
            "copy": self.copy,
            "coverage": self.coverage,
        }


class PairDecode(Spec):
    """How outputs are written by a model that is trained."""

    method: Literal["greedy", "beam", "sample"] = Field(
        "beam",
        description="greedy: the likeliest token each time; beam: the best of several "
        "outputs that are followed at once; sample: tokens are drawn.",
    )
    beam: Positive = Field(5, description="Outputs that a beam follows at once.")
    length_penalty: Annotated[float, Field(ge=0)] = Field(
        0.6,
        description="Exponent by which long outputs are favoured in a beam (Wu et al. "
        "2016); 0: none.",
    )
    n_best: Positive = Field(1, description="Outputs of a beam that are given.")
    no_repeat: Annotated[int, Field(ge=0, lt=2**31)] = Field(
        0, description="No run of so many tokens comes twice; 0: any may."
    )
    temperature: Annotated[float, Field(ge=0)] = Field(
        1.0, description="Divides the logits of a draw; 0: the likeliest token."
    )
    top_k: Annotated[int, Field(ge=0, lt=2**31)] = Field(
        0, description="Draw among so many of the likeliest tokens; 0: among all."
    )
    top_p: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0,
        description="Draw among the fewest tokens that have so much probability "
        "together (Holtzman et al. 2020).",
    )
    seed: Seed = Field(0, description="Seeds the draws, with the input itself.")

    @model_validator(mode="after")
    def _n_best_in_beam(self) -> PairDecode:
        if self.method == "beam" and self.n_best > self.beam:
            raise ValueError(
                f"has n_best {self.n_best} with a beam of {self.beam}. Widen beam or "
                "lower n_best."
            )
        return self
