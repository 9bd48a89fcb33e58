"""What a task tells of the keys of its recipes: changes, and where they must show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from seqkit.recipe.recipe import Recipe
from seqkit.registry import CORES


@dataclass(frozen=True)
class Change:
    """A changed value, and where the change must show."""

    value: Any
    shows: str
    base: dict[str, Any] = field(default_factory=dict)
    """What else the recipe needs so that the key has something to act on."""
    others: tuple[Any, ...] = ()
    """Further values: each shows something that no other one does."""
    also: dict[str, Any] = field(default_factory=dict)
    """What cannot but change with the key."""
    refused: bool = False
    """The data do not suit the base recipe; they suit each changed one."""


CORE_KEYS = set[str]().union(*(CORES.get(cell).model_fields for cell in CORES))
"""The keys of all cores: each model has those of its own."""


def lacking_keys(cell: str) -> set[str]:
    """The keys of other cores that the core of a cell has not."""
    return CORE_KEYS - set(CORES.get(cell).model_fields)


Changes = dict[str, Change | tuple[Change, ...]]
"""By key; several where it acts in several places."""

TRAIN: Changes = {
    "epochs": Change(3, shows="epochs"),
    "batch_size": Change(5, shows="weights"),
    "optimizer": Change("adam", shows="weights"),
    "learning_rate": Change(0.05, shows="weights"),
    "schedule": Change("linear", shows="weights"),
    "warmup": Change(0.5, shows="weights"),
    "weight_decay": Change(0.1, shows="weights"),
    "clip_norm": Change(0.01, shows="weights"),
    "clip_value": Change(0.001, shows="weights"),
    # So small a rate brings nothing better, as far as 32 bits tell.
    "patience": Change(
        1, shows="epochs", base={"train.learning_rate": 1e-12, "train.epochs": 3}
    ),
    # So large a decay that each step multiplies the weights by -1.5: the loss rises.
    "keep": Change(
        "last",
        shows="kept",
        base={"train.learning_rate": 0.5, "train.weight_decay": 5.0},
    ),
    "seed": Change(1, shows="weights"),
}
STACK: Changes = {
    "cell": Change("gru", shows="shapes", others=("lstm", "tcn")),
    "units": Change([3, 3], shows="shapes"),
    "bidirectional": (
        Change("concat", shows="shapes"),
        Change(
            "sum",
            shows="answers",
            base={"model.bidirectional": "mean"},
            others=("multiply",),
        ),
    ),
    "dropout": Change(0.5, shows="training"),
    "input_dropout": Change(0.5, shows="training"),
    "recurrent_dropout": Change(0.5, shows="training"),
    "layer_norm": Change(True, shows="shapes"),
    "kernel_size": Change(2, shows="shapes", base={"model.cell": "tcn"}),
}
"""The keys of all cores."""
TINY: dict[str, Any] = {
    "model.cell": "simple_rnn",
    "model.units": [4],
    "model.bidirectional": "none",
    "model.dropout": 0.0,
    "train.epochs": 2,
    "train.batch_size": 8,
    "train.optimizer": "sgd",
    "train.learning_rate": 0.5,
    "train.schedule": "constant",
    "train.clip_norm": None,
    "train.patience": None,
    "train.seed": 0,
}
"""A base recipe that trains in a second."""


@dataclass(frozen=True)
class TaskKeys:
    """The keys of one task, and how what they decide is looked at."""

    recipe: str
    base: dict[str, Any]
    """Overrides of the recipe; its source is one of ``frames``."""
    data: Changes
    model: Changes
    frames: Callable[[], dict[str, pd.DataFrame]]
    """What the csv files hold, by their names; ``rows`` and ``other`` among them."""
    prepared: Callable[[Any, Any, Any], dict[str, Any]]
    """All that a data section decides, from TaskData, Preprocessing and stores."""
    inputs: Callable[[Any], Any]
    """A batch of inputs for a model of the base recipe."""
    row: Callable[[Any], Any]
    """What one input is scored on and by, besides its truth, as plain data."""
    answers: Callable[[Any, Any], Any]
    """Raw answers to the test part, from TaskData and a function that gives them."""
    quick: tuple[str, ...] = ("data", "model", "train")
    """Sections and keys of the quick tests; what other tasks have alike is slow."""
    slow: tuple[str, ...] = ()
    """Keys that are slow all the same."""
    train: Changes = field(default_factory=lambda: TRAIN)
    decode: Changes = field(default_factory=dict)

    def cases(self, section: str) -> list[tuple[str, Change]]:
        """Each case of a section with its dotted key."""
        table: Changes = getattr(self, section)
        return [
            (f"{section}.{key}", case)
            for key, cases in table.items()
            for case in (cases if isinstance(cases, tuple) else (cases,))
        ]

    def is_quick(self, key: str) -> bool:
        """Whether a dotted key is among the quick tests."""
        if key in self.slow:
            return False
        return key in self.quick or key.partition(".")[0] in self.quick


def prepare_tfds(folder: Path, frame: pd.DataFrame) -> None:
    """A TFDS data set called tiny_rows, prepared in ``folder``."""
    import tensorflow_datasets as tfds

    rows = [{k: str(v) for k, v in row.items()} for row in frame.to_dict("records")]
    text = tfds.features.Text()
    tfds.dataset_builders.AdhocBuilder(
        name="tiny_rows",
        version="1.0.0",
        features=tfds.features.FeaturesDict(dict.fromkeys(frame.columns, text)),
        split_datasets={"train": list(enumerate(rows))},
        data_dir=folder,
        disable_shuffling=True,
    ).download_and_prepare()


def once(
    known: dict[Any, Any], name: str, make: Callable[[Recipe], Any]
) -> Callable[[Recipe], Any]:
    """``make``, which looks each recipe up in ``known`` first."""

    def look_up(recipe: Recipe) -> Any:
        if (name, recipe) not in known:
            known[name, recipe] = make(recipe)
        return known[name, recipe]

    return look_up


def sections(keys: dict[str, Any]) -> dict[str, Any]:
    """Overrides that replace whole sections: nothing of a shipped recipe is left there.

    ``{"model.cell": "gru"}`` becomes ``{"model": {"cell": "gru"}}``. What the core of
    that cell lacks is left out.
    """
    whole: dict[str, dict[str, Any]] = {}
    for path, value in keys.items():
        section, key = path.split(".")
        whole.setdefault(section, {})[key] = value
    model = whole.get("model", {})
    for key in lacking_keys(model["cell"]) & set(model) if "cell" in model else ():
        del model[key]
    return whole
