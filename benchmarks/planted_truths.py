"""Verdicts of ``seqkit.tune`` on tasks whose right verdict is known beforehand.

python benchmarks/planted_truths.py [adding|noise|names|seeds|lstm|all]

adding   the adding problem over 100 steps: a gated cell wins
noise    labels drawn by lot: no cell wins, and none beats the majority class
names    one cell under three names: no real difference
seeds    40 times ten runs that differ in their seed alone, five against five
lstm     a task made so that the LSTM wins, by a margin that 100,000 new rows tell
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import planted

import seqkit
from seqkit.comparison import compared
from seqkit.registry import CELLS

WORKERS = 2


@dataclass(frozen=True)
class Shown:
    """What was found, and whether each thing that was planted is in it."""

    told: str
    claims: Mapping[str, bool]

    @property
    def as_planted(self) -> bool:
        """Whether all of it is."""
        return all(self.claims.values())

    def __str__(self) -> str:
        marks = {True: "yes", False: "NO "}
        lines = [f"{marks[held]}  {claim}" for claim, held in self.claims.items()]
        return "\n".join([self.told, "", *lines])


def adding(folder: Path) -> Shown:
    """Over 100 steps a simple RNN hardly learns to carry the first value through."""
    overrides = {
        "data.source": "sample:adding:100",
        "train.batch_size": 128,
        "tune.budget.trials": 3,
        "tune.model.units": {"choice": [[32]]},
        "tune.train.learning_rate": {"log": [0.003, 0.02]},
    }
    verdict = seqkit.tune(
        "adding_problem", overrides, out=folder / "adding", workers=WORKERS
    )
    taken = verdict.comparison.winner
    gap = verdict.comparison.difference(taken, "simple_rnn") if _gated(taken) else None
    return Shown(
        str(verdict),
        {
            "the winner is a gated cell": _gated(taken),
            "its interval against simple_rnn is clear of zero": (
                gap is not None and gap.low > 0
            ),
        },
    )


def _gated(cell: str) -> bool:
    return cell in ("lstm", "gru")


def noise(folder: Path, rows: int = 600) -> Shown:
    """Nothing can be learned but the share of each label."""
    verdict = seqkit.tune(
        planted.written(planted.NOISE, folder, "noise"),
        data=planted.noise(rows, seed=1),
        out=folder / "noise",
    )
    return Shown(
        str(verdict),
        {
            "no real difference between the cells": (
                not verdict.significant and "no real difference" in verdict.sentence
            ),
            "the verdict begins with the majority class, which nobody beats": (
                verdict.sentence.partition(".")[0].startswith("No cell is better")
                and "majority class" in verdict.sentence.split(":")[0]
            ),
        },
    )


def names(folder: Path, rows: int = 600) -> Shown:
    """The same cell twice, and once more with other first weights for each seed."""
    cells = {
        "gru_too": "seqkit.models.cells:gru",
        "gru_redrawn": "planted:redrawn_gru",
    }
    with _cells(cells):
        verdict = seqkit.tune(
            planted.written(planted.BLURRED, folder, "names"),
            {"tune.model.cell": {"choice": ["gru", *cells]}},
            data=planted.blurred(rows, seed=1),
            out=folder / "names",
        )
    found = verdict.comparison
    same = found.difference("gru", "gru_too")
    redrawn = found.difference("gru", "gru_redrawn")
    return Shown(
        str(verdict),
        {
            "one cell under two names gives the same runs": (
                (same.value, same.low, same.high) == (0, 0, 0)
            ),
            "other first weights give other runs": redrawn.low < redrawn.high,
            "no real difference": not verdict.significant
            and not any(one.significant for one in found.differences),
        },
    )


@contextmanager
def _cells(more: Mapping[str, str]) -> Iterator[None]:
    """Put cells into the table of cells for a while."""
    CELLS.entries.update(more)
    try:
        yield
    finally:
        for name in more:
            del CELLS.entries[name]


RUNS, SIDE = 100, 5
"""Runs of a search, all of one recipe; and runs of each side of a comparison."""


def seeds(folder: Path, repetitions: int = 40, rows: int = 400) -> Shown:
    """Five runs against five others of the same recipe, again and again.

    Each comparison has runs and test rows of its own; ten share their training rows.
    For contrast the first runs of both sides are compared without the others: then
    the test rows alone tell how sure the difference is.
    """
    false, alone, lines = 0, 0, []
    for number in range(repetitions):
        search, place = divmod(number, RUNS // (2 * SIDE))
        if place == 0:
            left = min(repetitions - number, RUNS // (2 * SIDE))
            runs = _runs(folder, search, 2 * SIDE * left, rows)
        ours = runs[2 * SIDE * place :][:SIDE]
        theirs = runs[2 * SIDE * place + SIDE :][:SIDE]
        new = planted.blurred(rows, seed=1000 + number)
        (found,) = compared({"one": ours, "two": theirs}, new).differences
        (lucky,) = compared({"one": ours[:1], "two": theirs[:1]}, new).differences
        false += found.significant
        alone += lucky.significant
        lines.append(f"{found.value:.4f} [{found.low:.4f}, {found.high:.4f}]")
    told = (
        f"{false} of {repetitions} comparisons of {SIDE} runs with {SIDE} others of the "
        f"same recipe call a difference real; of single runs {alone} do.\n"
        f"differences in accuracy: {'; '.join(lines)}"
    )
    return Shown(told, {"at most 1 in 10 is false": false <= repetitions / 10})


def _runs(folder: Path, number: int, runs: int, rows: int) -> list[seqkit.Run]:
    """So many runs of one recipe on the same training rows."""
    out = folder / f"seeds{number}"
    seqkit.tune(
        planted.written(planted.BLURRED, folder, "seeds"),
        {"tune.seeds": runs},
        data=planted.blurred(rows, seed=number),
        out=out,
    )
    return [seqkit.load(path) for path in sorted((out / "finals").iterdir())]


FRESH_ROWS = 100_000


def lstm(folder: Path, rows: int = 3000) -> Shown:
    """Half of the series ask for an exact count, which an LSTM keeps and a GRU loses."""
    verdict = seqkit.tune(
        planted.written(planted.COUNTING, folder, "lstm"),
        data=planted.counting(rows, seed=1),
        out=folder / "lstm",
        workers=WORKERS,
    )
    fresh = planted.counting(FRESH_ROWS, seed=2)
    accuracy = {"lstm": [], "gru": []}
    for final in verdict.finals:
        run = seqkit.load(folder / "lstm" / final["run"])
        answers = run.predict(fresh[["value"]])
        right = answers["label"].to_numpy() == fresh["label"].to_numpy()
        accuracy[final["arm"]].append(float(right.mean()))
    margin = fmean(accuracy["lstm"]) - fmean(accuracy["gru"])
    found = verdict.comparison.difference("lstm", "gru")
    shown = {cell: [f"{each:.4f}" for each in all_] for cell, all_ in accuracy.items()}
    told = f"{verdict}\nOn {FRESH_ROWS:,} new rows: {shown}; margin {margin:.4f}"
    return Shown(
        told,
        {
            "the LSTM wins": verdict.comparison.winner == "lstm",
            "its interval against the GRU is clear of zero": found.low > 0,
            "its interval holds the margin on new rows": (
                found.low <= margin <= found.high
            ),
        },
    )


TRUTHS: dict[str, Callable[[Path], Shown]] = {
    truth.__name__: truth for truth in (adding, noise, names, seeds, lstm)
}


def main(chosen: str = "all") -> int:
    """Show the chosen truths; 0 where all are as planted."""
    shown = []
    for name in TRUTHS if chosen == "all" else [chosen]:
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            shown.append(TRUTHS[name](Path(folder)))
        print(f"\n== {name} ({time.perf_counter() - started:.0f} s)\n{shown[-1]}")
    return 0 if all(each.as_planted for each in shown) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
