"""The common base of all typed sections of a recipe."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

T = TypeVar("T")


class Spec(BaseModel):
    """A frozen section of a recipe: unknown keys and loose types are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


ListOf = Annotated[tuple[T, ...], BeforeValidator(_as_tuple)]
"""A YAML list, held as a tuple so that a Spec stays frozen."""

Rate = Annotated[float, Field(ge=0, lt=1)]
"""A share from 0 up to, but not including, 1: dropout rates, parts of the data."""

Positive = Annotated[int, Field(gt=0)]


class TrainSpec(Spec):
    """How the weights are found; the same keys for every task."""

    epochs: Positive = Field(10, description="Passes over the training data, at most.")
    batch_size: Positive = Field(64, description="Sequences a step.")
    optimizer: Literal["adam", "adamw", "nadam", "rmsprop", "sgd"] = Field(
        "adam", description="Keras optimizer."
    )
    learning_rate: Annotated[float, Field(gt=0)] = Field(
        0.001, description="Step size after the warm-up, before any decay."
    )
    schedule: Literal["constant", "cosine", "linear", "exponential"] = Field(
        "constant",
        description="How the learning rate decays from its first value over all "
        "epochs: cosine and linear end at 0, exponential at a hundredth.",
    )
    warmup: Rate = Field(
        0.0, description="Share of all steps in which the learning rate rises from 0."
    )
    weight_decay: Annotated[float, Field(ge=0)] = Field(
        0.0, description="Decoupled weight decay a step (Loshchilov & Hutter 2019)."
    )
    clip_norm: Annotated[float, Field(gt=0)] | None = Field(
        None, description="Largest norm of all gradients together; null: no limit."
    )
    clip_value: Annotated[float, Field(gt=0)] | None = Field(
        None, description="Largest absolute value in a gradient; null: no limit."
    )
    patience: Annotated[int, Field(ge=0)] | None = Field(
        None,
        description="Epochs without a better validation loss before training stops; "
        "null: train all epochs. The best epoch's weights are kept either way.",
    )
    seed: Annotated[int, Field(ge=0, lt=2**31)] = Field(
        0, description="Seeds the first weights, dropout and the order of batches."
    )


class Reference(Spec):
    """A published figure that the report puts beside the run's own."""

    metric: str
    value: float
    source: str
    setting: str = ""


class Choice(Spec):
    """Search among listed values."""

    choice: Annotated[ListOf[Any], Field(min_length=1)]


class LogRange(Spec):
    """Search between two positive numbers on a logarithmic scale."""

    log: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] = Field(
        strict=False
    )


class LinearRange(Spec):
    """Search between two numbers on a linear scale."""

    linear: tuple[float, float] = Field(strict=False)


class IntRange(Spec):
    """Search among the whole numbers from one to another, both included."""

    int: tuple[int, int] = Field(strict=False)


SEARCHES: dict[str, type[Spec]] = {
    "choice": Choice,
    "log": LogRange,
    "linear": LinearRange,
    "int": IntRange,
}
