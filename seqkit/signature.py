"""What data and models tell each other; neither knows more of the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Signature:
    """Shapes of a task's inputs and outputs.

    A recipe alone declares one (``task.declared``), so that a model can be built before
    any data are read; preparing the data gives the true one.
    """

    timesteps: int | None = None
    """Longest sequence, in steps; None: any."""
    features: int | None = None
    """Numbers a step, for numeric sequences."""
    vocabulary: int | None = None
    """Token ids, with padding (0) and unknown (1), for token sequences."""
    classes: tuple[str, ...] = ()
    """Names of the classes in the order of the output."""
    horizon: int | None = None
    """Steps to forecast."""
    future_features: int = 0
    """Numbers a step that are known over the horizon."""
    static_features: int = 0
    """Numbers that say something of a whole series."""
    series: int = 0
    """Series that training sees."""
    differenced: bool = False
    """Whether the steps are differences of what is forecast."""
    steps_per_epoch: int | None = None
    """Training steps an epoch; schedules of the learning rate plan with it."""

    details: tuple[tuple[str, Any], ...] = ()
    """What one kind of inputs or answers alone has, by name."""

    @classmethod
    def of(cls, *parts: Mapping[str, Any]) -> Signature:
        """Made of fields by name, in several parts; each may have ``details``."""
        details = tuple(pair for part in parts for pair in part.get("details", ()))
        fields = {name: value for part in parts for name, value in part.items()}
        return cls(**fields | {"details": details})

    def detail(self, name: str) -> Any:
        """One of ``details``; None where there is no such."""
        return dict(self.details).get(name)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Signature:
        """The signature that ``to_dict`` wrote."""
        frozen = {name: _frozen(value) for name, value in plain.items()}
        return cls(**frozen)


def _frozen(value: Any) -> Any:
    """Lists, as JSON has them, as tuples."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
