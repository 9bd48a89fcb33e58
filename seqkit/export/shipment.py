"""What a finished run hands over to be exported, whatever its task."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

Answers = dict[str, list[Any]]
"""Named outputs, one value a row each: ``{"label": ["pos"], "p_pos": [0.9]}``."""


def nothing_tied(answers: Answers, row: int, tolerance: float) -> Collection[str]:
    """No output of a row might as well be another."""
    return ()


@dataclass(frozen=True)
class Shipment:
    """A model with what belongs to it: the export needs nothing else.

    ``predict`` gives the run's own answers to named samples, by the names that
    ``serving`` gives its outputs.
    """

    name: str
    serving: keras.Model
    """Named raw inputs (batch, ...) to a dict of named outputs (batch,)."""
    core: keras.Model
    """What was trained: prepared inputs, e.g. token ids, to outputs."""
    files: Mapping[str, str | bytes]
    """What goes beside ``core`` alone, by file name: how inputs are prepared, ..."""
    samples: Mapping[str, list[Any]]
    """Raw inputs by the name of the input, to compare answers on; JSON values."""
    predict: Callable[[Mapping[str, list[Any]]], Answers]
    card: str
    """The model card: recipe, data, scores and limits, as Markdown."""
    streaming: keras.Model | None = None
    """``serving`` one step at a time, its state in and out."""
    stream_note: str = ""
    """What must be known of the answers of a stream, as a sentence."""
    beside: Mapping[str, keras.Model] = field(default_factory=dict)
    """Models of other raw inputs that answer as ``serving``, by their names."""
    tied: Callable[[Answers, int, float], Collection[str]] = nothing_tied
    """Outputs of a row that might as well be others, since numbers that decide them
    differ by no more than a tolerance; of these another answer is no fault."""

    def __post_init__(self) -> None:
        sizes = {name: len(rows) for name, rows in self.samples.items()}
        if len(set(sizes.values())) != 1 or not all(sizes.values()):
            raise ValueError(
                "A shipment's samples must hold as many rows for each input, one at "
                f"least, got {sizes}."
            )

    @property
    def rows(self) -> int:
        """How many samples there are."""
        return len(next(iter(self.samples.values())))

    def answers(self) -> Answers:
        """The run's own answers for the samples."""
        return self.predict(self.samples)

    def example(self) -> dict[str, Any]:
        """The first sample by the names of the inputs, for a README."""
        return {name: rows[0] for name, rows in self.samples.items()}
