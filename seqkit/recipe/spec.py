"""The base of all typed sections of a recipe, and the sections that tasks share."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Never, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

from seqkit.recipe.nodes import shown
from seqkit.registry import SOURCES, did_you_mean

T = TypeVar("T")
Value = TypeVar("Value")


class Spec(BaseModel):
    """A frozen section of a recipe: unknown keys and loose types are mistakes.

    A check across keys is a ``model_validator`` that raises ValueError; its text goes
    on from the section's name: "(train) sets both clip_norm and clip_value."
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False
    )
    typed_by: ClassVar[str] = ""
    """The key whose value decides which others there are; empty: no key does."""

    @classmethod
    def variants(cls) -> dict[str, type[Self]]:
        """The types of this section by the values of ``typed_by``."""
        return {}

    @classmethod
    def typed(cls, value: Any) -> type[Self]:
        """The type under a value of ``typed_by``; under its default if unknown."""
        types = cls.variants()
        if not types:
            return cls
        is_known = isinstance(value, str) and value in types
        return types[value if is_known else cls.model_fields[cls.typed_by].default]


class Frozen(dict[str, Value]):
    """A mapping that cannot be changed, so that a recipe can be shared and hashed."""

    def _refuse(self, *_: Any, **__: Any) -> Never:
        raise TypeError("A recipe is frozen: recipe.with_({...}) gives a changed one.")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type, tuple[dict[str, Value]]]:
        return type(self), (dict(self),)


def frozen(value: Any) -> Any:
    """Plain data with lists as tuples and dicts as ``Frozen``, all the way down."""
    if isinstance(value, (list, tuple)):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return Frozen({key: frozen(item) for key, item in value.items()})
    return value


ListOf = Annotated[tuple[T, ...], BeforeValidator(frozen)]
"""A YAML list, held as a tuple so that a Spec stays frozen."""

Rate = Annotated[float, Field(ge=0, lt=1)]
"""A share from 0 up to, but not including, 1: dropout rates, parts of the data."""

Positive = Annotated[int, Field(gt=0, lt=2**31)]
"""A count that TensorFlow can hold in 32 bits."""

Seed = Annotated[int, Field(ge=0, lt=2**31)]
"""What every random generator of the stack takes."""


def _known_source(source: str) -> str:
    kind = source.partition(":")[0]
    if source != "frame" and kind not in SOURCES:
        raise ValueError(
            f"must begin with one of {', '.join(SOURCES)}, got {shown(source)}. "
            f"{did_you_mean(kind, list(SOURCES))}".rstrip()
        )
    return source


MEASURED: dict[str, JsonValue] = {"measured": True}
"""Marks a key that decides what is measured: which rows, which truth, which error.

What a recipe says of itself, and the published figure beside it, hold for its own
values of these keys alone.
"""


PARTED: dict[str, JsonValue] = {**MEASURED, "parted": True}
"""Marks a measured key that says which rows of its data are the test part."""

ASKED: dict[str, JsonValue] = {**PARTED, "asked": True}
"""Marks a key that also says what is asked of a row, and so counts for other data."""

FIXED: dict[str, JsonValue] = {"fixed": True}
"""Marks a further key that is never searched.

By it rows are read, trials are judged, or classes are named; and to search among seeds
is to search for luck.
"""


def marked_keys(type_: type[Spec], *marks: str) -> list[str]:
    """The keys of a section that have one of some marks, e.g. ``measured``."""
    return [
        key
        for key, field in type_.model_fields.items()
        if isinstance(extra := field.json_schema_extra, dict)
        if any(extra.get(mark) for mark in marks)
    ]


class DataSpec(Spec):
    """Where the data come from."""

    source: Annotated[
        str, Field(pattern=r"^[a-z_]+:.+|^frame$"), AfterValidator(_known_source)
    ] = Field(
        description="tfds:NAME, csv:PATH, tsv:PATH, parquet:PATH, jsonl:PATH, ts:PATH, "
        "conll:PATH, parallel:PATH,PATH or sample:NAME.",
        json_schema_extra=MEASURED,
    )
    data_dir: str | None = Field(
        None,
        description="Folder of prepared TFDS data sets; null: TFDS_DATA_DIR.",
        json_schema_extra=FIXED,
    )
    encoding: str = Field(
        "utf-8",
        description="Encoding of files of text.",
        json_schema_extra=FIXED,
    )

    @classmethod
    def search_conflicts(
        cls, written: Mapping[str, Any], searched: Collection[str]
    ) -> Iterator[tuple[str, str]]:
        """Searched keys of the section that go together with others of it in no way.

        Args:
            written: the section as it was written, which may have mistakes.
            searched: the keys, without ``data.``.

        Yields:
            a key, and what is wrong with searching it.
        """
        yield from ()


class RowsSpec(DataSpec):
    """Rows that are independent of each other, parted by chance."""

    validation: Rate = Field(
        0.1,
        description="Share of the training rows that decides when to stop.",
        json_schema_extra=FIXED,
    )
    test: Rate = Field(
        0.1,
        description="Share held out for the test where the source has no test part.",
        json_schema_extra=PARTED,
    )
    split_seed: Seed = Field(
        0,
        description="Seeds the split, apart from the training's seed.",
        json_schema_extra=PARTED,
    )


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
    patience: Annotated[int, Field(ge=0, lt=2**31)] | None = Field(
        None,
        description="Epochs without a better validation loss before training stops; "
        "null: train all epochs.",
    )
    keep: Literal["best", "last"] = Field(
        "best",
        description="Which epoch's weights are kept: those of the lowest validation "
        "loss, or the last ones, where a small validation part says little.",
    )
    members: Annotated[int, Field(gt=0, le=100)] = Field(
        1,
        description="Models that are trained with a seed each, and answer as one: by "
        "the mean of their outputs.",
        json_schema_extra=FIXED,
    )
    folds: bool = Field(
        False,
        description="Each member is validated on another part of the training and "
        "validation rows, and trained on the rest: all of them say what is chosen.",
        json_schema_extra=FIXED,
    )
    refit: bool = Field(
        False,
        description="Once the epochs are settled on the validation part, train anew "
        "for as many on both parts together.",
        json_schema_extra=FIXED,
    )
    mend: bool = Field(
        False,
        description="Train anew where nothing was learnt: half the dropouts, twice the "
        "learning rate and the epochs.",
        json_schema_extra=FIXED,
    )
    minutes: Annotated[float, Field(gt=0)] = Field(
        10.0,
        description="What values that are auto are chosen for: roughly the time of "
        "training on two cores.",
        json_schema_extra=FIXED,
    )
    seed: Seed = Field(
        0,
        description="Seeds the first weights, dropout and the order of batches.",
        json_schema_extra=FIXED,
    )

    @model_validator(mode="after")
    def _members_for_folds(self) -> TrainSpec:
        if self.folds and self.members < 2:
            raise ValueError(
                f"sets folds, of which each member has one, but members is "
                f"{self.members}. Set members to 2 or more."
            )
        return self

    @model_validator(mode="after")
    def _one_limit(self) -> TrainSpec:
        if self.clip_norm is not None and self.clip_value is not None:
            raise ValueError(
                f"sets both clip_norm ({self.clip_norm}) and clip_value "
                f"({self.clip_value}). Set one of them to null."
            )
        return self


class Reference(Spec):
    """A published figure that the report puts beside the run's own."""

    metric: str
    value: float
    source: str
    setting: str = ""
