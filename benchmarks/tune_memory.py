"""Peak memory of many trials in one process: after 10, and after all of them.

    python benchmarks/tune_memory.py [TRIALS]

Cells, widths, depths and learning rates vary, so that hardly a model serves twice. The
data are the airline months that seqkit ships.
"""

from __future__ import annotations

import resource
import sys
import warnings
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from seqkit.recipe.recipe import load_recipe
from seqkit.tuning.jobs import Job, new_job
from seqkit.tuning.trial import Performer

FIRST = 10
SHORT = {"train.epochs": 3, "model.conformal": False}


def jobs(count: int) -> list[Job]:
    """So many trials, each of another architecture or learning rate."""
    units = [[width] * depth for depth in (1, 2) for width in range(4, 40, 4)]
    found = []
    for number, (cell, width) in enumerate(product(("lstm", "gru"), units)):
        found.append({"model.cell": cell, "model.units": width})
        found.append({**found[-1], "train.learning_rate": 0.001 * (number + 1)})
    return [
        new_job(f"trial-{number}", "trial", overrides["model.cell"], number, overrides)
        for number, overrides in enumerate(found[:count], 1)
    ]


def peak() -> float:
    """The most memory that this process has had so far, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def peaks(count: int, out: Path) -> dict[int, float]:
    """Peak memory after each of ``count`` trials in this process."""
    performer = Performer(load_recipe("airline_forecast", SHORT), None, out)
    found = {}
    for job in jobs(count):
        assert performer.perform(job)["status"] == "finished"
        found[job["number"]] = peak()
    performer.close()
    return found


def main() -> None:
    warnings.simplefilter("ignore")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with TemporaryDirectory() as folder:
        found = peaks(count, Path(folder))
    for number in sorted({1, FIRST, *range(FIRST, count, FIRST), count}):
        print(f"after {number:3d} trials: {found[number]:6.0f} MB")
    print(f"ratio {found[count] / found[FIRST]:.3f} (to be below 1.3)")


if __name__ == "__main__":
    main()
