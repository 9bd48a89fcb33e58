"""A run that was trained: evaluate it, predict with it, export it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from seqkit.errors import DataError, MissingVerbError, UsageError
from seqkit.registry import RUNS
from seqkit.runs.card import model_card
from seqkit.runs.evaluate import evaluated
from seqkit.runs.folder import RunFolder
from seqkit.runs.report import REPORT, Report
from seqkit.shared.contents import readable
from seqkit.shared.files import read_json
from seqkit.shortened import shortened

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.data.sources.base import Source
    from seqkit.export.shipment import Shipment

DECODE_FOLDER = "decode"
"""In a run's folder, where reports on other decodings go."""
SHOWN_EPOCHS = 12
"""Notebooks show so many rows of the history: its beginning and its end."""


def load(folder: str | Path) -> Run:
    """Load a finished run from its folder; it has the verbs of its task.

    Raises:
        RunError: the folder is not a run's, is not finished, or lacks a file.
    """
    return run_at(Path(folder))


def run_at(path: Path, frame: pd.DataFrame | None = None) -> Run:
    """The run in a folder, of the class that its task names.

    Args:
        path: the folder.
        frame: the DataFrame that it was trained on, if there is one at hand.
    """
    kind: type[Run] = RUNS.get(RunFolder(path).task.run_kind)
    return kind(path, frame)


class Run(RunFolder):
    """A trained model with all that made it, and what can be done with it.

    ``recipe`` is fully resolved, ``history`` a DataFrame with a row an epoch, ``model``
    the core Keras model (not compiled), ``path`` the folder. Runs of some tasks can do
    more: ``seqkit.load`` gives a run of the class that its task names.
    """

    verbs: ClassVar[Mapping[str, str]] = {}
    """Methods that only such runs have, each with a sentence's beginning that says so,
    for runs that lack them."""

    decoding: ClassVar[tuple[str, ...]] = ("_answering",)
    """Cached properties that hold for one way to decode."""

    def decoded(self, **keys: Any) -> Self:
        """The same trained model, with its answers read off otherwise.

        Nothing is trained or written: ``run.decoded(method="argmax").evaluate()``.

        Args:
            keys: of the recipe's ``decode`` section; others stay as they are.

        Returns:
            A Run with all verbs, of the same folder and weights; its reports go to
            ``RUN/decode/KEY=VALUE``.

        Raises:
            RecipeError: the task has no such section, or the section no such key.
        """
        recipe = self.recipe.with_({f"decode.{key}": keys[key] for key in keys})
        # Loaded before the copy, so that both have the same weights in memory.
        _ = self.model, self.preprocessing
        run = copy(self)
        run.recipe = recipe
        for cached in self.decoding:
            vars(run).pop(cached, None)
        return run

    @property
    def decode_changes(self) -> dict[str, Any]:
        """The ``decode`` keys that are other than the run was trained with."""
        if self.recipe.decode is None:
            return {}
        own = dict(self.own_decode or ())
        return {k: v for k, v in dict(self.recipe.decode).items() if v != own.get(k)}

    @property
    def report_folder(self) -> Path:
        """Where its report goes, unless it is told otherwise."""
        return self._report_folders[0]

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
        in_memory = inputs is not None and not isinstance(inputs, (str, Path))
        if in_memory and not hasattr(inputs, "__len__"):
            raise UsageError(
                "predict takes a list of inputs, a DataFrame or a file, got "
                f"{type(inputs).__name__}. Write it as a list: predict([...])."
            )
        if in_memory and not len(inputs):
            raise UsageError("There is nothing to predict: give at least one input.")
        rows = 0
        for chunk in self._input_chunks(inputs):
            if chunk:
                outputs = self.outputs(chunk)
                answers = self.task.decode(outputs, chunk, self.preprocessing)
                if self.task.row_number in answers:
                    answers[self.task.row_number] += rows
                rows += len(chunk)
                yield chunk, answers
        if not rows:
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
        held_out = self.kept_source()
        # Of rows, the folder keeps the test part alone.
        if held_out and (self.frame is None or self.task.by_time):
            return held_out
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
            out: where ``report.json`` and the pictures go; None: ``report_folder``, for
                most runs their own folder.
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
        folder = Path(out) if out else self.report_folder
        return evaluated(self, self.recipe, data, folder, overwrite=overwrite)

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

        return export(self._shipment(), Path(folder), format, overwrite)

    def _shipment(self) -> Shipment:
        """All that an export needs."""
        from seqkit.export.shipment import Shipment

        fitted, decode = self.preprocessing, self.recipe.decode
        samples = self.samples()
        more: dict[str, Any] = {}
        if (plain := self.plain) is not None:
            serving = core = fitted.shipped(plain)
        else:
            serving, core = fitted.serving(self.model, decode), self.model
            more["streaming"] = fitted.streaming(serving)
            more["beside"] = fitted.beside(serving, core, decode)
        return Shipment(
            name=self.recipe.name,
            serving=serving,
            core=core,
            files=fitted.files(),
            samples={name: samples[name] for name in serving.input},
            predict=self._named_answers,
            card=model_card(self, self._last_report()),
            stream_note=self.task.stream_note,
            tied=self.task.tied_outputs,
            **more,
        )

    @property
    def _report_folders(self) -> tuple[Path, ...]:
        """Where reports on this run are written, the foremost first."""
        changes = self.decode_changes
        words = [f"{key}={json.dumps(changes[key])}" for key in sorted(changes)]
        name = re.sub(r"[^A-Za-z0-9=.,_-]", "", ",".join(words))
        return (self.path / DECODE_FOLDER / name if words else self.path,)

    def _last_report(self) -> dict[str, Any] | None:
        """The foremost report that was written; None: there is none."""
        for folder in self._report_folders:
            path = folder / REPORT
            if path.is_file():
                with readable(path, "Evaluate again."):
                    report: dict[str, Any] = read_json(path)
                return report
        return None

    def _named_answers(self, samples: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
        inputs = self.preprocessing.named(samples)
        outputs = self.outputs(inputs)
        return self.task.answers(outputs, inputs, self.preprocessing)

    def __getattr__(self, name: str) -> Any:
        """Say of a verb that this run lacks which runs have it."""
        for kind in RUNS if not name.startswith("_") else ():
            only = RUNS.get(kind).verbs.get(name)
            if only is None:
                continue
            if kind == self.task.run_kind:
                raise MissingVerbError(
                    f"A plain Run has no {name}. Load this one by seqkit.load: it has "
                    "the verbs of its task."
                )
            raise MissingVerbError(
                f"{only}; this run's task is {self.recipe.task}. "
                f"Use: seqkit evaluate {self.path}"
            )
        # Once more, for the error of a property that failed.
        return object.__getattribute__(self, name)

    def __repr__(self) -> str:
        return f"<Run {self.recipe.name} at {self.path}>"

    def _repr_html_(self) -> str:
        from seqkit.pictures import as_html

        if self.plain is not None:
            return f"<b>{html.escape(repr(self))}</b>: {html.escape(self.plain.title)}"
        history = self.history.round(4)
        table = history.to_html(index=False, border=0, max_rows=SHOWN_EPOCHS)
        curves = as_html(self.pictures()["learning_curves"])
        return f"<b>{html.escape(repr(self))}</b>{table}{curves}"


def _looks_like_data(text: str) -> bool:
    """A path or KIND:ADDRESS rather than an input typed in."""
    return "\n" not in text and (
        Path(text).suffix != "" and " " not in Path(text).suffix
    )
