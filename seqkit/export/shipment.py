"""What a finished run hands over to be exported, whatever its task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras
    import pandas as pd

Answers = dict[str, list[Any]]
"""Named outputs, one value a row each: ``{"label": ["pos"], "p_pos": [0.9]}``."""


@dataclass(frozen=True)
class Shipment:
    """A model with what belongs to it: the export needs nothing else.

    ``predict`` gives the run's own answers, one row for each sample; its columns are
    the outputs of ``serving``.
    """

    name: str
    serving: keras.Model
    """Named raw inputs (batch, ...) to a dict of named outputs (batch,)."""
    core: keras.Model
    """Token ids (batch, timesteps), int32, 0 = padding, to (batch, classes)."""
    files: Mapping[str, str | bytes]
    """What goes beside ``core`` alone, by file name: vocabulary, classes, ..."""
    samples: Mapping[str, list[Any]]
    """Raw inputs by the name of the input, to compare answers on; JSON values."""
    predict: Callable[[list[Any]], pd.DataFrame]
    card: str
    """The model card: recipe, data, scores and limits, as Markdown."""

    def __post_init__(self) -> None:
        if [len(rows) > 0 for rows in self.samples.values()] != [True]:
            raise ValueError(
                "A shipment's samples must hold one input with at least one row, got "
                f"{ {name: len(rows) for name, rows in self.samples.items()} }."
            )

    def answers(self) -> Answers:
        """The run's own answers for the samples."""
        frame = self.predict(*self.samples.values())
        return {str(name): frame[name].tolist() for name in frame.columns}

    def example(self) -> Any:
        """A sample that is short enough to stand in a README."""
        (samples,) = self.samples.values()
        texts = [sample for sample in samples if str(sample).strip()] or samples
        fitting = [text for text in texts if len(str(text)) <= 72]
        return fitting[0] if fitting else texts[0][:72]
