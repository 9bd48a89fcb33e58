"""Which rows a run can be scored on: those that its training did not see."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqkit.errors import DataError, DataWarning, RunError

if TYPE_CHECKING:
    from seqkit.data.sources.base import Source
    from seqkit.recipe.recipe import Recipe
    from seqkit.runs.run import Run
    from seqkit.tasks.base import Examples, TaskData


@dataclass(frozen=True)
class Rows:
    """Rows to score, and what they are of, in words."""

    examples: Iterable[Examples]
    name: str
    own: bool = True
    """Whether they are of the data that the run was trained on."""


def own_rows(run: Run, recipe: Recipe, frame: Any = None) -> Rows:
    """The test part of the data that a run was trained on.

    ``frame`` is that data, where it is a DataFrame at hand; of others the run's folder
    keeps what is needed.

    Raises:
        RunError: the data have changed since, or have no test part.
        UsageError: they are a DataFrame, of which no rows were kept.
    """
    from seqkit.data.sources.given import given_source

    if recipe.data.source != "frame" or frame is not None:
        return unchanged(run, recipe, given_source(frame, recipe.data))
    kept = run.kept_source()
    if kept is None:
        if run.facts.get("no_test"):
            raise _untested(run, run.facts["no_test"])
        return unchanged(run, recipe, given_source(run.frame, recipe.data))
    if run.task.by_time:
        return unchanged(run, recipe, kept)
    examples = run.task.labelled(recipe.data, recipe.model, run.preprocessing, kept)
    return Rows(examples, f"{kept.name}, test part")


def unchanged(run: Run, recipe: Recipe, source: Source) -> Rows:
    """The test part of ``source``, if that has not changed since the run was trained.

    Raises:
        RunError: it has, or has no test part.
    """
    data = run.task.open(recipe.data, recipe.model, source)
    if data.fingerprint != run.facts["fingerprint"]:
        raise RunError(
            f"{source.name} has changed since this run was trained: its test part "
            "may hold training rows. Evaluate on other data: seqkit evaluate "
            f"{run.path} --data FILE"
        )
    return _test_part(run, data)


def given_rows(run: Run, recipe: Recipe, data: Any) -> Rows:
    """What can be scored of data that are given, in place of the run's own.

    Of the data that the run was trained on it is their test part. Of others it is all,
    or their official test part, but for what training and validation saw.

    Raises:
        DataError: they cannot be read, or hold nothing else.
        RunError: they are the run's own, and have no test part.
    """
    from seqkit.data.sources.given import given_source

    source = given_source(data, recipe.data)
    own = trained_on(run, recipe, source)
    if own:
        return _test_part(run, own)
    examples = run.task.labelled(recipe.data, recipe.model, run.preprocessing, source)
    unseen = Unseen(run, examples, source.name)
    return Rows(unseen, part_name(run, source), own=False)


def part_name(run: Run, source: Source) -> str:
    """What is scored of other data, in words: of series the end alone is forecast."""
    is_part = run.task.by_time or source.test_part == "test"
    return f"{source.name}, test part" if is_part else source.name


def trained_on(run: Run, recipe: Recipe, source: Source) -> TaskData | None:
    """``source`` as the run read it, if it holds the data that it was trained on."""
    if run.facts.get("parts", list(source.parts)) != list(source.parts):
        return None
    with warnings.catch_warnings():
        # Whoever reads them as other data is told the same again.
        warnings.simplefilter("ignore", DataWarning)
        try:
            data = run.task.open(recipe.data, recipe.model, source)
        except DataError:
            # Nothing can be trained on them, so nothing was.
            return None
    return data if data.fingerprint == run.facts["fingerprint"] else None


def _test_part(run: Run, data: TaskData) -> Rows:
    if not data.count("test"):
        raise _untested(run, data.why_empty("test"))
    examples: Iterable[Examples] = data.examples("test")
    if not run.task.by_time and "test" in data.source.parts:
        # Published figures are of all rows of such a part.
        examples = Unseen(run, examples, data.source.name, official=True)
    return Rows(examples, f"{data.source.name}, test part")


def _untested(run: Run, why: str) -> RunError:
    return RunError(
        f"This run held out no test rows: {why}. Evaluate on other data: "
        f"seqkit evaluate {run.path} --data FILE"
    )


class Unseen:
    """Rows without those that a run's training or validation saw, which it counts.

    Of an ``official`` test part they are counted alone. Raises DataError at its end
    where no row was left.
    """

    def __init__(
        self,
        run: Run,
        examples: Iterable[Examples],
        name: str,
        official: bool = False,
    ) -> None:
        self._run, self._examples, self._name = run, examples, name
        self._official = official
        self.rows = self.left_out = 0
        self._seen = run.seen()

    def __iter__(self) -> Iterator[Examples]:
        task, preprocessing = self._run.task, self._run.preprocessing
        for chunk in self._examples:
            self.rows += len(chunk.inputs)
            if self._seen is None or not chunk.inputs:
                yield chunk
                continue
            saw = task.saw(self._seen, chunk, preprocessing)
            self.left_out += int(saw.sum())
            yield chunk if self._official else chunk.taken(~saw)
        if self._official:
            return
        if self.left_out and self.left_out == self.rows:
            raise DataError(
                f"{self._name} holds nothing to evaluate on: {self._why} all of its "
                f"{self.rows:,} {task.unit}. Give others, or score the run's test "
                f"part: seqkit evaluate {self._run.path}"
            )

    @property
    def _why(self) -> str:
        by_time = self._run.task.by_time
        return "training saw the targets of" if by_time else "training saw"

    @property
    def notes(self) -> list[str]:
        """What was left out, in a sentence, once the rows have been read."""
        if self._seen is None and self._official:
            return []
        if self._seen is None:
            return [
                "This run's folder does not say what training saw: some of these "
                f"{self._run.task.unit} may be among it. Train it again to be sure."
            ]
        if not self.left_out:
            return []
        if self._official:
            return [
                f"{self.left_out:,} of {self.rows:,} rows of the official test part "
                "stand in the training part, too. They are scored, as in published "
                "figures."
            ]
        whose = "their targets" if self._run.task.by_time else "them"
        return [
            f"{self.left_out:,} of {self.rows:,} {self._run.task.unit} were left out: "
            f"training saw {whose}."
        ]
