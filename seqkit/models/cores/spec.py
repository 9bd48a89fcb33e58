"""The ``model`` section of a recipe, typed by the core that its ``cell`` names."""

from __future__ import annotations

from functools import cache
from types import new_class
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field

from seqkit.recipe.spec import ListOf, Positive, Rate, Spec
from seqkit.registry import CELLS, CORES


class CoreSpec(Spec):
    """What every core has: layers upon each other, one entry of ``units`` a layer.

    The keys of a task are a subclass, which is made whole by the keys of a core:
    ``TaggerModel.typed("gru")`` is a type with both, and ``TaggerModel(cell="gru")``
    an instance of it.
    """

    typed_by: ClassVar[str] = "cell"
    is_whole: ClassVar[bool] = False
    """Whether it has the keys of a core."""
    task_keys: ClassVar[type[CoreSpec] | None] = None
    """The type of the task's keys alone, of a type that has a core's as well."""

    cell: Annotated[str, AfterValidator(CELLS.check)] = Field(
        "lstm",
        description="The recurrent cell: see `seqkit show --cells`.",
        json_schema_extra={"enum": list(CELLS)},
    )
    units: Annotated[ListOf[Positive], Field(min_length=1)] = Field(
        (64,), description="Width of each recurrent layer, from the input upwards."
    )

    def layer_options(self, depth: int) -> dict[str, Any]:
        """What the layer of a depth, from 0 on, is made with besides its units."""
        return {}

    def width(self, depth: int) -> int:
        """Of what leaves the layer of a depth."""
        return self.units[depth]

    def __new__(cls, **values: Any) -> Self:
        whole = cls if cls.is_whole else cls.typed(values.get("cell"))
        return super().__new__(whole)

    def __reduce__(self) -> tuple[Any, ...]:
        # A type that is made of two cannot be looked up by its name.
        return _remade, (self.task_keys or type(self), dict(self))

    @classmethod
    def variants(cls) -> dict[str, type[Self]]:
        keys = cls.task_keys or cls
        if keys.is_whole:
            return {}
        return {cell: _joined(keys, CORES.get(cell)) for cell in CORES}


@cache
def _joined(keys: type[CoreSpec], core: type[CoreSpec]) -> Any:
    """A type with the keys of a core, then those of a task."""
    own = {"__module__": keys.__module__, "__doc__": keys.__doc__, "task_keys": keys}
    return new_class(
        keys.__name__,
        (keys, core),
        exec_body=lambda body: body.update(own | {"is_whole": True}),
    )


def _remade(type_: type[CoreSpec], values: dict[str, Any]) -> CoreSpec:
    return type_(**values)


class StackSpec(CoreSpec):
    """Recurrent layers upon each other."""

    is_whole: ClassVar[bool] = True

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

    def layer_options(self, depth: int) -> dict[str, Any]:
        return {
            "dropout": self.input_dropout,
            "recurrent_dropout": self.recurrent_dropout,
        }

    def width(self, depth: int) -> int:
        return self.units[depth] * (1 + (self.bidirectional == "concat"))


class TcnSpec(CoreSpec):
    """Blocks of dilated causal convolutions (Bai et al. 2018)."""

    is_whole: ClassVar[bool] = True

    dropout: Rate = Field(
        0.0, description="Dropout of whole filters after every convolution."
    )
    kernel_size: Annotated[int, Field(ge=2, lt=2**31)] = Field(
        3,
        description="Steps that each convolution reads; from layer to layer they lie "
        "twice as far apart.",
    )

    def layer_options(self, depth: int) -> dict[str, Any]:
        return {
            "dropout": self.dropout,
            "kernel_size": self.kernel_size,
            "dilation": 2**depth,
        }
