"""What data and models tell each other; neither knows more of the other."""

from __future__ import annotations

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

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Signature:
        """The signature that ``to_dict`` wrote."""
        return cls(**{**plain, "classes": tuple(plain["classes"])})
