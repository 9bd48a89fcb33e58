"""A run on disk: load it, evaluate it, predict with it, export it.

recipe.yaml          the recipe, fully resolved
run.json             status, seed, signature, rows, cost, versions, data fingerprint
preprocessing.json   what was fitted on the training part
history.csv          one row an epoch
model.keras          the model of the epoch that is kept
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

import html
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.kept import ROWS, SEEN, kept_source, load_seen
from seqkit.errors import DataError, RunError, UsageError
from seqkit.recipe.data_paths import located
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.registry import TASKS, did_you_mean
from seqkit.shared.contents import Contents, readable
from seqkit.shared.files import read_json
from seqkit.shared.quiet import load_tensorflow
from seqkit.shortened import shortened
from seqkit.signature import Signature
from seqkit.tasks.base import BASELINE_FILE, PREPROCESSING_FILE

if TYPE_CHECKING:
    import keras
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.data.sources.base import Source
    from seqkit.runs.report import Report
    from seqkit.tasks.base import Answering, Baseline, Preprocessing, Seen, Task

RECIPE, FACTS, MODEL = "recipe.yaml", "run.json", "model.keras"
HISTORY, SAMPLES, LENGTHS = "history.csv", "samples.json", "lengths.json"
SHOWN_EPOCHS = 12
"""Notebooks show so many rows of the history: its beginning and its end."""


def load(folder: str | Path) -> Run:
    """Load a finished run from its folder.

    Raises:
        RunError: the folder is not a run's, is not finished, or lacks a file.
    """
    return Run(Path(folder))


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


class Run:
    """A trained model with all that made it.

    ``recipe`` is fully resolved, ``history`` a DataFrame with a row an epoch, ``model``
    the core Keras model (not compiled), ``path`` the folder.

    Args:
        path: the folder.
        frame: the DataFrame that it was trained on, if there is one at hand.
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
        for needed in (MODEL, HISTORY, PREPROCESSING_FILE):
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
        with self._reading(BASELINE_FILE):
            return self.task.load_baselines(self.path)

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
        """The core model, e.g. token ids to probabilities."""
        load_tensorflow()
        import keras

        import seqkit.layers  # noqa: F401  registers the layers

        with self._reading(MODEL) as path:
            model: keras.Model = keras.saving.load_model(path, compile=False)
        return model

    @property
    def history(self) -> pd.DataFrame:
        """One row an epoch: losses, metrics, learning rate, seconds."""
        import pandas as pd

        with self._reading(HISTORY) as path:
            if not path.read_bytes().endswith(b"\n"):
                raise ValueError("its last line is not whole")
            return pd.read_csv(path)

    @cached_property
    def _answering(self) -> Answering:
        return self.preprocessing.answering(self.model)

    def outputs(self, inputs: list[Any]) -> NDArray[np.floating]:
        """The model's outputs for raw inputs, before they are decoded."""
        return self._answering(inputs)

    def predict(self, inputs: Any = None) -> pd.DataFrame:
        """Answer raw inputs: one row an input, or an input and step.

        Args:
            inputs: inputs (texts, series) as a list, a Series or an array; a DataFrame
                that holds the recipe's input columns; a csv, parquet or jsonl file; or
                None for all that the recipe's own source holds. (Of a DataFrame, a run
                that is loaded from its folder has the test part, or whole series.)

        Returns:
            For classifiers ``label``, ``probability`` and ``p_CLASS`` for each; for
            numbers ``prediction``; for forecasts ``id``, ``timestamp``, ``forecast``
            and a column for each quantile.
        """
        import pandas as pd

        frames = [answers for _, answers in self.predict_chunks(inputs)]
        return pd.concat(frames, ignore_index=True)

    def predict_chunks(self, inputs: Any) -> Iterator[tuple[list[Any], pd.DataFrame]]:
        """Answer inputs of any number chunk by chunk: pairs of inputs and answers."""
        given = inputs is not None and not isinstance(inputs, (str, Path))
        if given and not hasattr(inputs, "__len__"):
            raise UsageError(
                "predict takes a list of inputs, a DataFrame or a file, got "
                f"{type(inputs).__name__}. Write it as a list: predict([...])."
            )
        if given and not len(inputs):
            raise UsageError("There is nothing to predict: give at least one input.")
        answered = False
        for chunk in self._input_chunks(inputs):
            if chunk:
                answered = True
                outputs = self.outputs(chunk)
                yield chunk, self.task.decode(outputs, chunk, self.preprocessing)
        if not answered:
            raise DataError(
                "There is nothing to predict: every input was left out. Give others."
            )

    def _input_chunks(self, inputs: Any) -> Iterator[list[Any]]:
        if hasattr(inputs, "tolist"):
            inputs = inputs.tolist()
        if isinstance(inputs, Sequence) and not isinstance(inputs, str):
            yield self.task.raw_inputs(inputs, self.preprocessing)
            return
        if isinstance(inputs, str) and not _looks_like_data(inputs):
            raise UsageError(
                "predict takes a list of inputs, a DataFrame or a file, got the text "
                f"{shortened(inputs)}. Write it as a list: predict([...])."
            )
        source = self._source(inputs)
        yield from self.task.inputs(self.recipe.data, self.preprocessing, source)

    def _source(self, data: Any) -> Source:
        """Where inputs come from: what is given, or for None the run's own data."""
        from seqkit.data.sources.given import given_source

        if data is not None or self.recipe.data.source != "frame":
            return given_source(data, self.recipe.data)
        kept = self.kept_source()
        # Of rows, the folder keeps the test part alone.
        if kept and (self.frame is None or self.task.by_time):
            return kept
        return given_source(self.frame, self.recipe.data)

    def evaluate(
        self,
        data: Any = None,
        out: str | Path | None = None,
        overwrite: bool = False,
    ) -> Report:
        """Score the run and its baselines on held-out rows.

        Args:
            data: labelled rows: a DataFrame, a path, or None for the data that the run
                was trained on. Of these (given again, too) the test part is scored; of
                others, their test part if they have one, without what training and
                validation saw. The report counts what was left out.
            out: where ``report.json`` and the pictures go; None: the run's folder.
            overwrite: replace files there that no earlier report wrote.

        Returns:
            A Report: metrics with 95% intervals, the baselines and the recipe's
            reference beside them.

        Raises:
            UsageError: a file is in the way.
            DataError: the data cannot be read, hold labels that training did not, or
                hold nothing that training did not see.
            RunError: the run held out no test rows, or its data have changed.
        """
        from seqkit.runs.evaluate import evaluated

        folder = Path(out) if out else self.path
        return evaluated(self, self.recipe, data, folder, overwrite=overwrite)

    def backtest(
        self,
        data: Any = None,
        stride: int | None = None,
        out: str | Path | None = None,
        overwrite: bool = False,
    ) -> Report:
        """Forecast from one origin after another, and score against what came.

        The model stays as it was trained; each origin sees the values before it.

        Args:
            data: series: a DataFrame, a path, or None for the run's own; their test
                part is forecast, but for values that training saw.
            stride: steps from one origin to the next; None: the recipe's.
            out: where ``backtest.csv`` (a row a forecast value: id, origin, step,
                timestamp, value, forecast, quantiles), ``report.json`` and the pictures
                go; None: ``RUN/backtest``.
            overwrite: replace files there that no earlier backtest wrote.

        Raises:
            UsageError: the run's task is no forecast, or a file is in the way.
            DataError, RunError: as ``evaluate``.
        """
        from seqkit.runs.evaluate import backtested

        self._require_forecast("backtested")
        folder = Path(out) if out else self.path / "backtest"
        return backtested(self, data, stride, folder, overwrite)

    def _require_forecast(self, done: str) -> None:
        if self.recipe.task != "forecast":
            raise UsageError(
                f"Only forecasts can be {done}; this run's task is {self.recipe.task}. "
                f"Use: seqkit evaluate {self.path}"
            )

    def plot(self, inputs: Any = None, id: str | None = None) -> Figure:
        """A series' history, its forecast and the fan of its intervals.

        Args:
            inputs: as for ``predict``.
            id: which series; None: the first.

        Raises:
            UsageError: the run's task is no forecast, or there is no such series.
        """
        from seqkit.tasks.forecast.answers import fan

        self._require_forecast("plotted")
        known: list[str] = []
        for chunk in self._input_chunks(inputs):
            for one in chunk:
                if id in (None, one.id):
                    return fan(one, self.outputs([one]), self.preprocessing)
                known.append(one.id)
        raise UsageError(f"There is no series {id!r}. {did_you_mean(str(id), known)}")

    def pictures(self) -> dict[str, Figure]:
        """Matplotlib figures by name: learning curves and the sequences' lengths."""
        from seqkit import pictures

        drawn = {"learning_curves": pictures.learning_curves(self.history)}
        if (self.path / LENGTHS).is_file():
            with self._reading(LENGTHS) as path:
                lengths = read_json(path)
                bins = (lengths["edges"], lengths["counts"])
            limit = self.signature.timesteps or int(max(bins[0]))
            drawn["lengths"] = pictures.length_histogram(bins, limit)
        return drawn

    def export(
        self, folder: str | Path, format: str = "savedmodel", overwrite: bool = False
    ) -> Path:
        """Ship the run; gives the export's folder.

        Before it returns, the artefact was loaded in a fresh process and gave the run's
        own answers. It is written whole or not at all.

        Args:
            folder: where the export goes; must not exist unless ``overwrite``.
            format: ``savedmodel`` (raw inputs in, decoded answers out), ``keras``,
                ``onnx`` or ``litert``.
            overwrite: replace an export that stands there.

        Raises:
            UsageError: the folder exists, or is no export.
            ExportError: the format cannot hold this model, the disk is full, or the
                artefact's answers differ.
        """
        from seqkit.export import export
        from seqkit.export.shipment import Shipment
        from seqkit.runs.card import model_card

        serving = self.preprocessing.serving(self.model)
        shipment = Shipment(
            name=self.recipe.name,
            serving=serving,
            streaming=self.preprocessing.streaming(serving),
            core=self.model,
            files=self.preprocessing.files(),
            samples=self._samples(),
            predict=self._named_answers,
            card=model_card(self, self._last_report()),
        )
        return export(shipment, Path(folder), format, overwrite)

    def _last_report(self) -> dict[str, Any] | None:
        """What the last evaluation or backtest wrote; None: there was none."""
        for folder in (self.path, self.path / "backtest"):
            path = folder / "report.json"
            if path.is_file():
                with readable(path, "Evaluate again."):
                    report: dict[str, Any] = read_json(path)
                return report
        return None

    def _samples(self) -> dict[str, list[Any]]:
        with self._reading(SAMPLES) as path:
            return self.preprocessing.samples(read_json(path))

    def _named_answers(self, samples: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
        inputs = self.preprocessing.named(samples)
        outputs = self.outputs(inputs)
        return self.task.answers(outputs, inputs, self.preprocessing)

    def __repr__(self) -> str:
        return f"<Run {self.recipe.name} at {self.path}>"

    def _repr_html_(self) -> str:
        from seqkit.pictures import as_html

        history = self.history.round(4)
        table = history.to_html(index=False, border=0, max_rows=SHOWN_EPOCHS)
        curves = as_html(self.pictures()["learning_curves"])
        return f"<b>{html.escape(repr(self))}</b>{table}{curves}"


def _looks_like_data(text: str) -> bool:
    """A path or KIND:ADDRESS rather than an input typed in."""
    return "\n" not in text and (
        Path(text).suffix != "" and " " not in Path(text).suffix
    )
