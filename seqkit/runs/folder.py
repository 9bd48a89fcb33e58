"""The folder of a run: the files that training wrote, and what they hold.

recipe.yaml          the recipe, fully resolved
run.json             status, seed, signature, rows, cost, versions, data fingerprint
preprocessing.json   what was fitted on the training part
history.csv          one row an epoch
model.keras          the model of the epoch that is kept; none of a plain baseline
baselines.npz        the fitted baselines
samples.json         a few validation inputs, to compare an export with
lengths.json         histogram of the training sequences' lengths, where they differ
seen.npz             hashes of the rows or values that training and validation saw
rows.parquet         of a DataFrame: its test rows, or all that its forecasts need
files.json           all of these with their checksums
report.json, *.png   the last evaluation
log.txt, tensorboard/
local.json           where the data lie on this machine
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.data.rows.kept import ROWS, SEEN, kept_source, load_seen
from seqkit.errors import RunError
from seqkit.recipe.data_paths import located
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.registry import TASKS
from seqkit.shared.contents import Contents, readable
from seqkit.shared.files import read_json
from seqkit.shared.quiet import load_tensorflow
from seqkit.signature import Signature
from seqkit.tasks.base import BASELINE_FILE, PREPROCESSING_FILE

if TYPE_CHECKING:
    import keras
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.data.sources.base import Source
    from seqkit.data.stores.feed import Outputs
    from seqkit.tasks.base import (
        Answering,
        Baseline,
        Examples,
        Preprocessing,
        Scoring,
        Seen,
        Task,
    )

RECIPE, FACTS, MODEL = "recipe.yaml", "run.json", "model.keras"
HISTORY, SAMPLES, LENGTHS = "history.csv", "samples.json", "lengths.json"


def is_finished(folder: Path) -> bool:
    """True where ``folder`` holds a run that came to its end."""
    return (folder / FACTS).is_file() and facts_of(folder)["status"] == "finished"


def facts_of(folder: Path) -> dict[str, Any]:
    """What ``run.json`` holds.

    Raises:
        RunError: it cannot be read.
    """
    with readable(folder / FACTS):
        facts: dict[str, Any] = read_json(folder / FACTS)
        facts |= {key: str(facts[key]) for key in ("name", "status")}
    return facts


def recipe_of(folder: Path, facts: Mapping[str, Any]) -> Recipe:
    """The recipe of a run, with the paths of its data on this machine.

    Raises:
        RunError: it cannot be read.
    """
    with readable(folder / RECIPE):
        recipe = load_recipe(folder / RECIPE)
    return located(recipe.model_copy(update={"name": facts["name"]}), folder)


class RunFolder:
    """What the folder of a finished run holds.

    ``recipe`` is fully resolved, ``history`` a DataFrame with a row an epoch, ``model``
    the core Keras model (not compiled), ``path`` the folder. ``own_decode`` is the
    section of the folder's own recipe, where ``recipe`` may have another.

    Args:
        path: the folder.
        frame: the DataFrame that it was trained on, if there is one at hand.

    Raises:
        RunError: the folder is not a run's, is not finished, or lacks a file.
    """

    def __init__(self, path: Path, frame: pd.DataFrame | None = None) -> None:
        self.path = path
        self._contents = Contents(path)
        self._contents.present(RECIPE, "This is not a run's folder")
        self._contents.present(FACTS)
        self.facts = facts_of(path)
        self.frame = frame
        if self.facts["status"] != "finished":
            raise RunError(
                f"The run {path} has not finished. Continue it with: "
                f"seqkit fit --resume {path}"
            )
        for checked in (RECIPE, FACTS):
            self._file(checked)
        self.recipe = recipe_of(path, self.facts)
        self.own_decode = self.recipe.decode
        trained = (BASELINE_FILE,) if self.recipe.baseline else (MODEL, HISTORY)
        for needed in (*trained, PREPROCESSING_FILE):
            self._contents.present(needed)

    def _file(self, name: str) -> Path:
        """A file of the run, as training wrote it; raise RunError if it is not."""
        return self._contents.path(name)

    @contextmanager
    def _reading(self, name: str) -> Iterator[Path]:
        """The path of a file while it is read; raise RunError if it is damaged."""
        path = self._file(name)
        with readable(path):
            yield path

    @property
    def task(self) -> Task:
        """The run's task."""
        task: Task = TASKS.get(self.recipe.task)()
        return task

    @property
    def signature(self) -> Signature:
        """The true shapes of the run's data."""
        return Signature.from_dict(self.facts["signature"])

    @property
    def notes(self) -> list[str]:
        """Sentences on how the training went that its scores do not tell."""
        notes: list[str] = self.facts.get("notes", [])
        return notes

    @cached_property
    def preprocessing(self) -> Preprocessing:
        """What was fitted on the training part."""
        load_tensorflow()
        with self._reading(PREPROCESSING_FILE):
            return self.task.load_preprocessing(self.path)

    def baselines(self) -> list[Baseline]:
        """The plain competitors that were fitted on the same training rows."""
        return [one for one in self._baselines if one is not self.plain]

    @cached_property
    def _baselines(self) -> list[Baseline]:
        with self._reading(BASELINE_FILE):
            return self.task.load_baselines(self.path)

    @property
    def plain(self) -> Baseline | None:
        """The baseline that this run ships; None: it has a network of its own."""
        if self.recipe.baseline is None:
            return None
        return next(o for o in self._baselines if o.kind == self.recipe.baseline)

    def seen(self) -> Seen | None:
        """What training and validation saw; None where an old folder does not say."""
        if not self._contents.holds(SEEN):
            return None
        with self._reading(SEEN):
            return load_seen(self.path)

    def kept_source(self) -> Source | None:
        """What the folder keeps of a DataFrame: its test rows, or whole series."""
        # People may delete it, where rows must not travel.
        if not (self.path / ROWS).is_file():
            return None
        with self._reading(ROWS):
            return kept_source(self.path)

    @cached_property
    def model(self) -> keras.Model:
        """The core model, e.g. token ids to probabilities.

        Raises:
            RunError: the run ships a plain baseline.
        """
        if self.recipe.baseline is not None:
            raise RunError(
                f"The run {self.path} ships the baseline {self.recipe.baseline}, and "
                "has no network. Use it by predict, evaluate and export; or train one: "
                f"seqkit fit {self.recipe.name}"
            )
        load_tensorflow()
        import keras

        import seqkit.models.registered  # noqa: F401  registers the layers

        with self._reading(MODEL) as path:
            model: keras.Model = keras.saving.load_model(path, compile=False)
        return model

    @property
    def history(self) -> pd.DataFrame:
        """One row an epoch: losses, metrics, learning rate, seconds."""
        import pandas as pd

        if self.recipe.baseline is not None:
            return pd.DataFrame()
        with self._reading(HISTORY) as path:
            if not path.read_bytes().endswith(b"\n"):
                raise ValueError("its last line is not whole")
            return pd.read_csv(path)

    @property
    def lengths(self) -> tuple[list[float], list[float]] | None:
        """Edges and counts of a histogram: how long the training sequences are.

        None where all are of one length.
        """
        if not (self.path / LENGTHS).is_file():
            return None
        with self._reading(LENGTHS) as path:
            lengths = read_json(path)
            return lengths["edges"], lengths["counts"]

    def samples(self) -> dict[str, list[Any]]:
        """Inputs by name to compare an export on: validation ones and awkward ones."""
        with self._reading(SAMPLES) as path:
            return self.preprocessing.samples(read_json(path))

    @cached_property
    def _answering(self) -> Answering:
        if (plain := self.plain) is not None:
            return lambda inputs: plain.outputs(self.preprocessing.as_inputs(inputs))
        return self.preprocessing.answering(self.model, self.recipe.decode)

    @cached_property
    def _judging(self) -> Scoring:
        return self.preprocessing.judging(self.model)

    def scored(self, examples: Examples) -> Outputs:
        """The model's outputs as scores take them."""
        if (plain := self.plain) is not None:
            return plain.scored(examples)
        outputs = self.outputs(examples.inputs)
        if not self.preprocessing.judges:
            return outputs
        return {**outputs, **self._judging(examples)}

    def parts(self) -> dict[str, Scoring]:
        """What the models give alone that the model is put together from, by title."""
        if self.plain is not None:
            return {}
        spec, decode = self.recipe.model, self.recipe.decode
        members: dict[str, keras.Model] = {}
        if len(self.facts.get("members", ())) < 2:
            parts = self.task.parts(spec, lambda: self.model)
        else:
            from seqkit.models.averaged import averaged, members_of

            every = members_of(self.model)
            members = {f"member {place}": one for place, one in enumerate(every, 1)}
            each = [
                self.task.parts(spec, partial(members.__getitem__, name))
                for name in members
            ]
            parts = {name: averaged([one[name] for one in each]) for name in each[0]}
        scoring, apart = (
            self.preprocessing.scoring,
            self.preprocessing.of_parts().scoring,
        )
        return {
            **{title: scoring(member, decode) for title, member in members.items()},
            **{title: apart(part, decode) for title, part in parts.items()},
        }

    def outputs(self, inputs: list[Any]) -> Outputs:
        """The model's outputs for raw inputs, before they are decoded."""
        return self._answering(inputs)

    def pictures(self) -> dict[str, Figure]:
        """Matplotlib figures by name: learning curves and the sequences' lengths."""
        from seqkit import pictures

        drawn = {}
        if self.plain is None:
            drawn["learning_curves"] = pictures.learning_curves(self.history)
        lengths = self.lengths
        if lengths is not None:
            limit = self.signature.timesteps or int(max(lengths[0]))
            drawn["lengths"] = pictures.length_histogram(lengths, limit)
        return drawn
