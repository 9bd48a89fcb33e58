"""What runs in a Dask worker: one job of a search, from JSON and bytes to the same.

A worker shares no disk with the search: the weights that a trial goes on from come
with the job, and what a job leaves (a final's run, weights) goes back with its result.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.errors import UsageError
from seqkit.runs.writing import versions as made_with
from seqkit.shared.files import write_text
from seqkit.tuning.job_files import (
    FINALS,
    WEIGHTS,
    Files,
    input_folder,
    output_folder,
    place_files,
    read_files,
)

if TYPE_CHECKING:
    from seqkit.tuning.jobs import Job
    from seqkit.tuning.trial import Performer


def perform(
    search_text: str, job_text: str, inputs: Files, frame: bytes | None
) -> tuple[str, Files]:
    """Do a job; gives its result as JSON, and the files that it left.

    Args:
        search_text: JSON: the search's ``id``, ``recipe`` (YAML), ``name`` and
            ``versions``.
        job_text: the Job as JSON.
        inputs: weights to go on from.
        frame: a pickled DataFrame in place of the recipe's source.

    Raises:
        UsageError: this worker has other versions than the search.
        SeqkitError: the recipe or the data are not usable.
    """
    # A worker may have several threads, but models live in the one that built them.
    return _TRAINING.submit(
        _performed, json.loads(search_text), json.loads(job_text), inputs, frame
    ).result()


def _performed(
    search: dict[str, Any], job: Job, inputs: Files, frame: bytes | None
) -> tuple[str, Files]:
    check_versions(search["versions"])
    give_dask_a_generator()
    performer = _performer_for(search, frame)
    place_files(inputs, performer.out, input_folder(job))
    try:
        result = performer.perform(job)
        return json.dumps(result), read_files(performer.out, output_folder(job))
    finally:
        for folder in (FINALS, WEIGHTS):
            shutil.rmtree(performer.out / folder, ignore_errors=True)


def give_dask_a_generator() -> None:
    """Let Dask's threads draw from a random generator of their own.

    They draw (to guess sizes) while a model is built, and Keras takes the seeds of its
    weights from Python's generator: those of a trial would hang on the moment.
    """
    own, shared = random.Random(), getattr(random.seed, "__self__", None)
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in ("dask", "distributed", "tornado"):
            continue
        for key, value in list(vars(module).items()):
            if value is random:
                setattr(module, key, own)
            elif callable(value) and getattr(value, "__self__", None) is shared:
                setattr(module, key, getattr(own, value.__name__))


def warm_up() -> None:
    """Load what the first job would wait for."""
    from seqkit.shared.quiet import load_tensorflow

    load_tensorflow()


def release(search_id: str) -> None:
    """Let go of a search's data and models."""
    if _open and _open[0].search_id == search_id:
        _TRAINING.submit(_close).result()


def versions() -> dict[str, str]:
    """The versions with others of which a trial would be another one."""
    own = made_with()
    # A worker of another Python does not come so far, but for its last number.
    del own["python"]
    return own


def check_versions(expected: dict[str, str]) -> None:
    """See that this process has the versions of the search.

    Raises:
        UsageError: it has others; the text names the first.
    """
    own = versions()
    for name, other in expected.items():
        if own.get(name) != other:
            raise UsageError(
                f"A worker has {name} {own.get(name)}, the search {other}: its trials "
                "would not be the same. Install the same versions on all machines."
            )


@dataclass
class _Open:
    """What a worker keeps from job to job of the same search."""

    search_id: str
    performer: Performer
    folder: Path


_TRAINING = ThreadPoolExecutor(1, "seqkit")
_open: list[_Open] = []
"""One at most: a worker does the jobs of one search after those of another."""


def _performer_for(search: dict[str, Any], frame: bytes | None) -> Performer:
    if _open and _open[0].search_id == search["id"]:
        return _open[0].performer
    _close()
    warm_up()
    from seqkit.recipe.recipe import load_recipe
    from seqkit.tuning.trial import Performer

    folder = Path(tempfile.mkdtemp(prefix=f"seqkit-worker-{os.getpid()}-"))
    write_text(folder / "recipe.yaml", search["recipe"])
    recipe = load_recipe(folder / "recipe.yaml")
    recipe = recipe.model_copy(update={"name": search["name"]})
    data = None if frame is None else pickle.loads(frame)
    _open.append(_Open(search["id"], Performer(recipe, data, folder), folder))
    return _open[0].performer


def _close() -> None:
    while _open:
        last = _open.pop()
        last.performer.close()
        shutil.rmtree(last.folder, ignore_errors=True)
