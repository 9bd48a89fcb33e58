"""A worker on the chief's own machine: ``python -m seqkit.tuning.worker_process JSON``.

It lives no longer than the process that started it, however that ends: its standard
input is a pipe that the other one holds open.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from seqkit.errors import SeqkitError
from seqkit.shared.files import write_json
from seqkit.tuning.protocol import packed
from seqkit.tuning.worker import Performing, work


def main(told: dict[str, Any]) -> int:
    """Work for the chief; ``told`` is what ``local.Team`` says. Gives the exit status.

    What keeps it from beginning lies in the file ``told["error"]`` then; what a job
    ends in, the chief hears from the worker.
    """
    _end_with_parent(told["parent"], Path(told["folder"]))
    module, _, attribute = told["performing"].partition(":")
    try:
        with _excused(Path(told["error"])):
            performer_of = getattr(import_module(module), attribute)(told)

        def begun(about: dict[str, Any]) -> Performing:
            with _excused(Path(told["error"])):
                performer: Performing = performer_of(about)
            return performer

        work(told["address"], begun, name=told["name"])
    except SeqkitError as error:
        print(f"seqkit: {error}", file=sys.stderr)
        return 1
    return 0


@contextmanager
def _excused(path: Path) -> Iterator[None]:
    """Leave the error that it ends in as JSON in a file."""
    try:
        yield
    except Exception as error:
        trace = "" if isinstance(error, SeqkitError) else traceback.format_exc()
        write_json(path, packed(error, trace))
        raise


def performing(told: dict[str, Any]) -> Callable[[dict[str, Any]], Performing]:
    """Load TensorFlow, and say how the performer is made once the chief is there."""
    from seqkit.shared.quiet import load_tensorflow

    load_tensorflow()
    from seqkit.tuning.trial import Performer

    def performer_of(about: dict[str, Any]) -> Performing:
        recipe = _recipe(about, Path(told["folder"]) / f"{told['name']}.yaml")
        return Performer(recipe, _data(told), Path(about["out"]))

    return performer_of


def _recipe(about: dict[str, Any], path: Path) -> Any:
    from seqkit.recipe import yaml as strict_yaml
    from seqkit.recipe.recipe import load_recipe
    from seqkit.shared.files import write_text

    write_text(path, strict_yaml.dump(about["recipe"]))
    return load_recipe(path).model_copy(update={"name": about["name"]})


def _data(told: dict[str, Any]) -> Any:
    """The chief's data: a path as it is, a DataFrame from its file."""
    if told["frame"] is None:
        return told["data"]
    from seqkit.tuning.frames import read_frame

    return read_frame(Path(told["frame"]))


def _end_with_parent(parent: int, folder: Path) -> None:
    """End this process, whatever it does, once the one that started it has ended."""

    def watch() -> None:
        while os.getppid() == parent:
            readable, _, _ = select.select([sys.stdin], [], [], 1.0)
            if readable:
                break
        # Nobody else is left to do it.
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    status = main(json.loads(sys.argv[1]))
    sys.stdout.flush()
    sys.stderr.flush()
    # Taking TensorFlow down in order takes a second that the chief would wait for.
    os._exit(status)
