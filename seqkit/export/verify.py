"""Load an artefact in a fresh process and compare its answers with the run's own.

The fresh process runs ``check_FORMAT.py``, which imports what that format needs alone,
reads ``samples.json`` in a data folder, asks the artefact in more than one way, and
writes ``answers.json``: for each way the named outputs, in which row i answers sample i
modulo their number.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from seqkit.errors import ExportError
from seqkit.export.base import Format
from seqkit.export.shipment import Answers, Shipment
from seqkit.shortened import shortened

TOLERANCE = 1e-5
"""Largest difference allowed between a number of the run's and the artefact's."""

SECONDS = 900
"""How long an artefact may take to load and to answer the samples."""


def verified(kind: Format, folder: Path, shipment: Shipment, wanted: Answers) -> float:
    """Return the largest difference between the artefact's answers and ``wanted``.

    Raises:
        ExportError: the artefact cannot be loaded, or it answers differently.
    """
    return max(
        difference(kind.name, shipment, wanted, got)
        for got in _answers(kind, folder, shipment)
    )


def difference(format: str, shipment: Shipment, wanted: Answers, got: Answers) -> float:
    """The largest difference of any number; row i of ``got`` answers sample i mod n.

    Numbers above 1 differ by their share, so that no unit is harder than another. Texts
    must be the same, unless the shipment says that they might as well be others.

    Raises:
        ExportError: the outputs have other names, a text is another, or a number
            differs by more than TOLERANCE.
    """
    if set(got) != set(wanted):
        raise ExportError(
            f"The {format} export gives the outputs {_listed(got)}, but the run gives "
            f"{_listed(wanted)}, so it was not kept."
        )
    worst, where, row = 0.0, "", 0
    rows = shipment.rows
    tied = [shipment.tied(wanted, sample, TOLERANCE) for sample in range(rows)]
    for name, values in got.items():
        if len(values) < rows:
            raise ExportError(
                f"The {format} export gives {len(values)} rows of {name} for "
                f"{rows} inputs, so it was not kept."
            )
        for position, value in enumerate(values):
            sample = position % rows
            apart = _apart(value, wanted[name][sample])
            if apart > worst and name not in tied[sample]:
                worst, where, row = apart, name, sample
    if worst > TOLERANCE:
        size = f"by {worst:.2g}" if math.isfinite(worst) else "entirely"
        asked = [inputs[row] for inputs in shipment.samples.values()]
        raise ExportError(
            f"The {format} export answers differently from the run, so it was not "
            f"kept: {where} differs {size} (at most {TOLERANCE:g} is allowed) for the "
            f"input {shortened(asked[0] if len(asked) == 1 else asked)}."
        )
    return worst


def _apart(one: Any, other: Any) -> float:
    """How far apart two values are; infinitely if they are text or not a number."""
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        # Behind a number NaN is the end of a sequence; a list that begins so is wrong.
        ended = [
            bool(i) and _is_nan(a, b)
            for i, (a, b) in enumerate(zip(one, other, strict=True))
        ]
        pairs = zip(one, other, ended, strict=True)
        return max((0.0 if end else _apart(a, b) for a, b, end in pairs), default=0.0)
    if not isinstance(one, (int, float)) or not isinstance(other, (int, float)):
        return 0.0 if one == other else math.inf
    apart = abs(one - other) / max(1.0, abs(other))
    return math.inf if math.isnan(apart) else float(apart)


def _is_nan(*values: Any) -> bool:
    return all(isinstance(value, float) and math.isnan(value) for value in values)


def _answers(kind: Format, folder: Path, shipment: Shipment) -> list[Answers]:
    """The artefact's answers in a fresh process, one ``Answers`` each time it is asked.

    Data pass through JSON files, so that nothing printed on the way can spoil them.
    """
    with TemporaryDirectory(prefix="seqkit-check-") as data:
        samples, answers = Path(data, "samples.json"), Path(data, "answers.json")
        samples.write_text(json.dumps(dict(shipment.samples)), encoding="utf-8")
        command = [sys.executable, "-P", "-B", str(kind.check), str(folder), data]
        try:
            done = subprocess.run(
                command,
                env=_environment(kind),
                cwd=data,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise ExportError(
                f"The {kind.name} export did not answer all samples within {SECONDS} "
                "seconds of being loaded back, so it was not kept."
            ) from None
        if done.returncode != 0 or not answers.is_file():
            raise ExportError(
                f"The {kind.name} export could not be loaded back and asked, so it was "
                f"not kept ({_last_line(done.stderr, done.returncode)}). Use the "
                f"format {kind.instead!r} instead."
            )
        passes: list[Answers] = json.loads(answers.read_text(encoding="utf-8"))
        return passes


def _environment(kind: Format) -> dict[str, str]:
    """The environment of a check: quiet, on the CPU, with seqkit only where needed."""
    environment = {
        **os.environ,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # This process may hold all the memory of a GPU.
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    if kind.needs_seqkit:
        here = str(Path(__file__).parents[2])
        paths = [here, os.environ.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return environment


def _last_line(stderr: bytes, status: int) -> str:
    lines = stderr.decode("utf-8", "replace").split("\n")
    spoken = [line.strip() for line in lines if line.strip()]
    return spoken[-1] if spoken else f"the process ended with status {status}."


def _listed(answers: Answers) -> str:
    return ", ".join(sorted(answers))
