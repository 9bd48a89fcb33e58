"""The ``tune`` section of a recipe: what is searched, how, and at what expense.

In YAML settings and searches stand side by side: a key without a dot is a setting, a
dotted one is the recipe's key that it searches.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializeAsAny,
    model_serializer,
    model_validator,
)

from seqkit.recipe.nodes import shown
from seqkit.recipe.spec import Frozen, ListOf, Positive, Seed, Spec, frozen

TRIALS = 8
"""Trials of each competitor where ``budget.trials`` is null; a grid tries all."""

MOST_SEEDS = 100


class Choice(Spec):
    """Search among listed values."""

    choice: Annotated[ListOf[Any], Field(min_length=1, max_length=1000)] = Field(
        description="The values, e.g. [lstm, gru]."
    )

    @model_validator(mode="after")
    def _distinct(self) -> Choice:
        seen: set[str] = set()
        for value in self.choice:
            # 1 == True in Python, but not in a recipe.
            if repr(value) in seen:
                raise ValueError(f"lists {shown(value)} twice.")
            seen.add(repr(value))
        return self


class _Range(Spec):
    """Search between two numbers."""

    @model_validator(mode="after")
    def _rises(self) -> _Range:
        ((low, high),) = self.model_dump().values()
        if low >= high:
            raise ValueError(f"must go from low to high, got {shown([low, high])}.")
        return self


_Above0 = Annotated[float, Field(gt=0)]
_Int = int


class LogRange(_Range):
    """Search between two positive numbers on a logarithmic scale."""

    log: Annotated[tuple[_Above0, _Above0], BeforeValidator(frozen)] = Field(
        description="Two positive numbers, low and high."
    )


class LinearRange(_Range):
    """Search between two numbers on a linear scale."""

    linear: Annotated[tuple[float, float], BeforeValidator(frozen)] = Field(
        description="Two numbers, low and high."
    )


class IntRange(_Range):
    """Search among the whole numbers from one to another, both included."""

    # `int` is a name of this class, so the type needs another one.
    int: Annotated[tuple[_Int, _Int], BeforeValidator(frozen)] = Field(
        description="Two whole numbers, low and high."
    )


SEARCHES: dict[str, type[Spec]] = {
    "choice": Choice,
    "log": LogRange,
    "linear": LinearRange,
    "int": IntRange,
}


class Budget(Spec):
    """What a search may spend."""

    trials: Positive | None = Field(
        default=None,
        description=f"Trials of each competitor; null: {TRIALS}, or a whole grid.",
    )
    epochs: Positive | None = Field(
        default=None, description="Epochs of a trial; null: train.epochs."
    )
    seconds: Annotated[float, Field(gt=0)] | None = Field(
        default=None,
        description="Of the whole search: after them no new trials begin; null: no "
        "limit.",
    )


def _known_seeds(value: Any) -> Any:
    """See that ``value`` is a number of seeds or a list of seeds; say what it lacks."""
    listed = isinstance(value, (list, tuple))
    if not listed and type(value) is not int:
        raise ValueError(
            f"must be a number of seeds or a list of seeds, got {shown(value)}."
        )
    number = len(value) if listed else value
    if number < 2:
        raise ValueError(
            f"must be at least 2, got {shown(value)}: a single run of each competitor "
            "does not tell a difference from luck."
        )
    if number > MOST_SEEDS:
        raise ValueError(
            f"must be at most {MOST_SEEDS}, got {number}. To name seeds, list them."
        )
    for seed in value if listed else ():
        if type(seed) is not int or not 0 <= seed < 2**31:
            raise ValueError(
                f"must list whole numbers from 0 to {2**31 - 1}, got {shown(seed)}."
            )
    if listed and len(set(value)) < number:
        twice = next(seed for seed in value if value.count(seed) > 1)
        raise ValueError(f"lists {twice} twice: its two runs would be the same.")
    return value


Seeds = Annotated[
    Annotated[int, Field(ge=2, le=MOST_SEEDS)]
    | Annotated[
        ListOf[Seed],
        Field(
            min_length=2, max_length=MOST_SEEDS, json_schema_extra={"uniqueItems": True}
        ),
    ],
    BeforeValidator(_known_seeds),
]


class TuneSettings(Spec):
    """How the search goes; its keys have no dots."""

    search: Literal["random", "hyperband", "bayesian", "grid"] = Field(
        default="random",
        description="How trials are chosen: at random; hyperband: many short ones, of "
        "which the better go on (Li et al. 2018); bayesian: where a model of the "
        "earlier ones hopes for the most; grid: all, a range in 10 steps.",
    )
    budget: Budget = Field(
        default=Budget(),
        description="What the search may spend: trials, epochs, seconds.",
    )
    seeds: Seeds = Field(
        default=5,
        description="Seeds that the best trial of each competitor is trained with "
        "again: so many that follow train.seed, or a list.",
    )
    match: Literal["none", "parameters"] = Field(
        default="none",
        description="parameters: model.units of a trial are scaled so that all "
        "competitors have equal numbers of parameters.",
    )
    compare: str = Field(
        default="model.cell",
        description="The key whose values compete; where it is not searched, there is "
        "one competitor alone.",
    )
    stop: Literal["median", "none"] = Field(
        default="median",
        description="median: stop a trial whose best validation loss is above the "
        "median that earlier trials had by then (Golovin et al. 2017).",
    )
    margin: Annotated[float, Field(gt=0)] | None = Field(
        default=None,
        description="Competitors whose difference lies within it for sure are "
        "equivalent, in the metric's units; null: 10% of the sure lead over the best "
        "baseline, at most 2% of what the metric can range over.",
    )


class TuneSpec(TuneSettings):
    """The settings, and the search of each dotted key."""

    space: Annotated[dict[str, SerializeAsAny[Spec]], AfterValidator(Frozen)] = Frozen()

    @model_serializer(mode="wrap")
    def _flat(self, handler: Any) -> dict[str, Any]:
        plain: dict[str, Any] = handler(self)
        space: dict[str, Any] = plain.pop("space")
        return plain | space

    @property
    def competitors(self) -> tuple[Any, ...]:
        """The values of ``compare``; empty where it is not searched."""
        search = self.space.get(self.compare)
        return search.choice if isinstance(search, Choice) else ()

    def final_seeds(self, seed: int) -> tuple[int, ...]:
        """The seeds of the final runs of a recipe whose ``train.seed`` is ``seed``."""
        if isinstance(self.seeds, int):
            return tuple((seed + 1 + i) % 2**31 for i in range(self.seeds))
        return self.seeds
