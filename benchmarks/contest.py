"""A recipe on real data over several seeds, beside what knows less; the verdict.

SEQKIT_DATA=DATA python benchmarks/contest.py NAME FOLDER [SEED ...] [KEY=VALUE ...]

NAME is one of
    ner          WNUT-17, head crf against softmax
    pos          parts of speech, UD English EWT
    protein      Qian & Sejnowski, LSTM against GRU
    translation  Multi30k, German to English, GRU against LSTM
    dates        written dates of many locales to ISO 8601
    addition     sums of three digits
    summary      SciTLDR, written
    extract      SciTLDR, a sentence picked
Models that write are judged as their recipe decodes and greedily. Settings are chosen
on validation, and the test part is looked at here alone. The runs go to FOLDER; those
that are finished there are not trained again, and one that was stopped goes on.
KEY=VALUE changes a key of the recipe, for a try.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

import seqkit


class Contest(NamedTuple):
    """A recipe on its data, and the values of a key by which competitors differ.

    Sources stand below the folder of data. Without ``train`` the recipe names its own;
    without ``test`` that has a test part.
    """

    recipe: str
    train: str | None = None
    test: str | None = None
    key: str = "model.cell"
    values: tuple[str, ...] = ("gru",)
    overrides: Mapping[str, Any] = {}


PAIRS = "parallel:{{0}}/multi30k/{0}.de.gz,{{0}}/multi30k/{0}.en.gz"
PAPERS = "jsonl:{{0}}/scitldr/scitldr_a_{0}.jsonl.gz"
PROTEINS = "csv:{{0}}/protein/qian_sejnowski_{0}.csv.gz"
CONTESTS = {
    "ner": Contest(
        "bilstm_crf_ner",
        "conll:{0}/wnut17/wnut17.train.conll.gz",
        key="model.head",
        values=("crf", "softmax"),
    ),
    "pos": Contest(
        "pos_tagging",
        "conll:{0}/ud_english_ewt/en_ewt-ud-train.conllu.gz",
        key="model.head",
        values=("softmax",),
    ),
    "protein": Contest(
        "secondary_structure",
        PROTEINS.format("train"),
        PROTEINS.format("test"),
        values=("lstm", "gru"),
    ),
    "translation": Contest(
        "seq2seq_translation",
        PAIRS.format("train"),
        PAIRS.format("test_2016_flickr"),
        values=("gru", "lstm"),
        overrides={"data.test": 0},
    ),
    "dates": Contest("date_normaliser"),
    "addition": Contest("addition"),
    "summary": Contest(
        "seq2seq_summary",
        PAPERS.format("train"),
        PAPERS.format("test"),
        overrides={"data.test": 0},
    ),
    "extract": Contest(
        "extractive_summary",
        PAPERS.format("train"),
        PAPERS.format("test"),
        overrides={"data.test": 0},
    ),
}


def main(name: str, folder: str, *rest: str) -> None:
    """Fit, evaluate and compare."""
    contest = CONTESTS[name]
    seeds = [int(one) for one in rest if "=" not in one] or [123]
    changes = dict(one.split("=", 1) for one in rest if "=" in one)
    overrides = {key: yaml.safe_load(value) for key, value in changes.items()}
    paths: list[Path] = []
    for seed in seeds:
        for value in contest.values:
            path = Path(folder, f"{name}-{value}-{seed}")
            started = time.perf_counter()
            run = fitted(contest, path, seed, {contest.key: value, **overrides})
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
        for way, run in ways(seqkit.load(path)).items():
            report = run.evaluate(test, overwrite=True)
            score, _, _ = report.metrics[report.primary_metric]
            label = f"{path.name.split('-')[1]}{way}"
            scores.setdefault(label, []).append(score)
            print(f"{path.name}{way}\n{report}\n", flush=True)
    for label, each in scores.items():
        spread = statistics.stdev(each) if len(each) > 1 else 0.0
        print(f"{label}: mean {statistics.mean(each):.4f}, deviation {spread:.4f}")
    if len(contest.values) > 1:
        print(seqkit.compare(*paths, data=test, out=Path(folder, name), overwrite=True))


def located(source: str | None) -> str | None:
    """The source below the folder of data."""
    return source.format(os.environ["SEQKIT_DATA"]) if source else None


def fitted(contest: Contest, path: Path, seed: int, overrides: dict[str, Any]) -> Any:
    """The run in ``path``: trained, gone on with, or as it is."""
    if path.exists():
        return seqkit.fit(resume=path, progress=False)
    return seqkit.fit(
        contest.recipe,
        {**contest.overrides, **overrides},
        data=located(contest.train),
        out=path,
        seed=seed,
        progress=False,
    )


def ways(run: Any) -> dict[str, Any]:
    """The run as its recipe decodes, and greedily where that is another way."""
    method = getattr(run.recipe.decode, "method", "greedy")
    if method == "greedy":
        return {"": run}
    return {f", {method}": run, ", greedy": run.decoded(method="greedy")}


if __name__ == "__main__":
    main(*sys.argv[1:])
