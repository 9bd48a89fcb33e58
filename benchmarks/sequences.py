"""Encoder-decoders over several seeds, beside what knows less; the verdict.

SEQKIT_DATA=DATA python benchmarks/sequences.py NAME FOLDER [SEED ...] [KEY=VALUE ...]

NAME is translation (Multi30k, German to English, GRU against LSTM), dates, addition or
summary (SciTLDR). Each run is judged as its recipe decodes and greedily; validation is
a share of the training pairs, and the test part is looked at here alone. The runs go to
FOLDER; those that are finished there are not trained again, and one that was stopped
goes on. KEY=VALUE changes a key of the recipe, for a try.
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
    """A recipe on its data, and the values of a key by which competitors differ."""

    recipe: str
    train: str | None = None
    test: str | None = None
    key: str = "model.cell"
    values: tuple[str, ...] = ("gru",)


PAIRS = "parallel:{{0}}/multi30k/{0}.de.gz,{{0}}/multi30k/{0}.en.gz"
PAPERS = "jsonl:{{0}}/scitldr/scitldr_a_{0}.jsonl.gz"
CONTESTS = {
    "translation": Contest(
        "seq2seq_translation",
        PAIRS.format("train"),
        PAIRS.format("test_2016_flickr"),
        values=("gru", "lstm"),
    ),
    "dates": Contest("date_normaliser"),
    "addition": Contest("addition"),
    "summary": Contest(
        "seq2seq_summary",
        PAPERS.format("train"),
        PAPERS.format("test"),
    ),
}


def main(name: str, folder: str, *rest: str) -> None:
    """Fit, evaluate and compare."""
    contest = CONTESTS[name]
    seeds = [int(one) for one in rest if "=" not in one] or [123]
    changes = [one for one in rest if "=" in one]
    paths: list[Path] = []
    for seed in seeds:
        for value in contest.values:
            path = Path(folder, f"{name}-{value}-{seed}")
            started = time.perf_counter()
            run = fitted(contest, path, value, seed, changes)
            seconds = time.perf_counter() - started
            best = min(run.history["val_loss"])
            print(
                f"{value} seed {seed}: {len(run.history)} epochs, best validation "
                f"loss {best:.4f}, {seconds:.0f} s",
                flush=True,
            )
            paths.append(path)
    test = located(contest.test)
    scores: dict[str, list[float]] = {}
    for path in paths:
        run = seqkit.load(path)
        own = run.recipe.decode.method
        for method in dict.fromkeys((own, "greedy")):
            judged = run if method == own else run.decoded(method=method)
            report = judged.evaluate(test, overwrite=True)
            value, _, _ = report.metrics[report.primary_metric]
            label = f"{path.name.split('-')[1]} {method}: {report.primary_metric}"
            scores.setdefault(label, []).append(value)
            print(f"{path.name} {method}\n{report}\n", flush=True)
    for label, each in scores.items():
        spread = statistics.stdev(each) if len(each) > 1 else 0.0
        print(f"{label} mean {statistics.mean(each):.4f}, deviation {spread:.4f}")
    if len(contest.values) > 1:
        print(seqkit.compare(*paths, data=test, out=Path(folder, name), overwrite=True))


def located(source: str | None) -> str | None:
    """The source below the folder of data."""
    return source.format(os.environ["SEQKIT_DATA"]) if source else None


def fitted(
    contest: Contest, path: Path, value: str, seed: int, changes: list[str]
) -> Any:
    """The run in ``path``: trained, gone on with, or as it is."""
    if path.exists():
        return seqkit.fit(resume=path, progress=False)
    overrides: dict[str, Any] = {contest.key: value}
    overrides |= values_by_key(changes)
    return seqkit.fit(
        contest.recipe,
        overrides,
        data=located(contest.train),
        out=path,
        seed=seed,
        progress=False,
    )


def values_by_key(changes: list[str]) -> dict[str, Any]:
    """``KEY=VALUE`` as a recipe reads them."""
    import yaml

    pairs = (change.split("=", 1) for change in changes)
    return {key: yaml.safe_load(value) for key, value in pairs}


if __name__ == "__main__":
    main(*sys.argv[1:])
