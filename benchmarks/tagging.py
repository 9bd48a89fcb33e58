"""Taggers on real data, over several seeds, beside what knows less; the verdict.

SEQKIT_DATA=DATA python benchmarks/tagging.py NAME FOLDER [SEED ...]

NAME is ner (WNUT-17, head crf against softmax), pos (UD English EWT) or protein
(Qian & Sejnowski, LSTM against GRU). The runs go to FOLDER; those that are finished
there are not trained again, and one that was stopped goes on.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import seqkit


class Contest(NamedTuple):
    """A recipe on its data, and the key by which its competitors differ."""

    recipe: str
    train: str
    test: str | None
    key: str
    values: tuple[str, ...]


CONTESTS = {
    "ner": Contest(
        "bilstm_crf_ner",
        "conll:{}/wnut17/wnut17.train.conll.gz",
        None,
        "model.head",
        ("crf", "softmax"),
    ),
    "pos": Contest(
        "pos_tagging",
        "conll:{}/ud_english_ewt/en_ewt-ud-train.conllu.gz",
        None,
        "model.head",
        ("softmax",),
    ),
    "protein": Contest(
        "secondary_structure",
        "csv:{}/protein/qian_sejnowski_train.csv.gz",
        "csv:{}/protein/qian_sejnowski_test.csv.gz",
        "model.cell",
        ("lstm", "gru"),
    ),
}


def main(name: str, folder: str, *seeds: str) -> None:
    """Fit, evaluate and compare."""
    contest = CONTESTS[name]
    root = os.environ["SEQKIT_DATA"]
    test = contest.test.format(root) if contest.test else None
    paths: list[Path] = []
    for seed in map(int, seeds or "123"):
        for value in contest.values:
            path = Path(folder, f"{name}-{value}-{seed}")
            started = time.perf_counter()
            run = fitted(contest, contest.train.format(root), path, value, seed)
            seconds = time.perf_counter() - started
            best = min(run.history["val_loss"])
            print(
                f"{value} seed {seed}: {len(run.history)} epochs, best validation "
                f"loss {best:.4f}, {seconds:.0f} s",
                flush=True,
            )
            paths.append(path)
    scores: dict[str, list[float]] = {value: [] for value in contest.values}
    for path in paths:
        report = seqkit.load(path).evaluate(test, overwrite=True)
        value, _, _ = report.metrics[report.primary_metric]
        scores[path.name.split("-")[1]].append(value)
        print(f"{path.name}\n{report}\n", flush=True)
    for value, each in scores.items():
        spread = statistics.stdev(each) if len(each) > 1 else 0.0
        print(f"{value}: mean {statistics.mean(each):.4f}, deviation {spread:.4f}")
    if len(contest.values) > 1:
        print(seqkit.compare(*paths, data=test, out=Path(folder, name), overwrite=True))


def fitted(contest: Contest, data: str, path: Path, value: str, seed: int) -> Any:
    """The run in ``path``: trained, gone on with, or as it is."""
    if path.exists():
        return seqkit.fit(resume=path, progress=False)
    overrides = {contest.key: value}
    return seqkit.fit(
        contest.recipe, overrides, data=data, out=path, seed=seed, progress=False
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
