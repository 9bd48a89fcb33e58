"""Load an artefact in a fresh process and compare its answers with the run's own."""

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

TOLERANCE = 1e-5
"""Largest difference between a number of the run's and the artefact's."""

SECONDS = 600


def verified(kind: Format, folder: Path, shipment: Shipment, wanted: Answers) -> float:
    """Return the largest difference between the artefact's answers and ``wanted``.

    Raises:
        ExportError: the artefact cannot be loaded, or it answers differently.
    """
    (samples,) = shipment.samples.values()
    worst = 0.0
    for answers in _answers(kind, folder, dict(shipment.samples)):
        worst = max(worst, compare(kind.name, samples, wanted, answers))
    return worst


def compare(
    format: str, samples: list[Any], wanted: Answers, got: Answers, at_most=TOLERANCE
) -> float:
    """The largest difference of any number; row i of ``got`` answers sample i mod n.

    Labels must be the same, unless the two likeliest classes are as good as equal.
    """
    if set(got) != set(wanted):
        raise ExportError(
            f"The {format} export gives other outputs ({', '.join(sorted(got))}) than "
            f"the run ({', '.join(sorted(wanted))})."
        )
    worst = 0.0
    for name, values in got.items():
        for row, value in enumerate(values):
            sample = row % len(samples)
            apart = _apart(value, wanted[name][sample])
            if isinstance(value, str) and _tied(wanted, sample, at_most):
                continue
            if not apart <= at_most:
                raise ExportError(
                    f"The {format} export answers differently from the run: for the "
                    f"input {_short(samples[sample])} it gives {name} {value!r} in "
                    f"place of {wanted[name][sample]!r} (numbers may differ by "
                    f"{at_most:g}). Nothing was written."
                )
            worst = max(worst, apart)
    return worst
