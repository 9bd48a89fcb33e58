"""Mutated data files: opened and made ready for each task, some trained on, too."""

from __future__ import annotations

import random
import tempfile
from functools import cache
from pathlib import Path

from fuzz_files import PACKERS, WRITERS
from fuzz_recipes import damaged
from fuzz_tables import MUTATIONS, TABLES, nested_table

from seqkit.data.sources.given import given_source
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.training.prepared import prepared

TRAINED = 0.03
"""The share of the cases that a model is trained, scored and asked on."""

TASKS = {
    "text": "task: classify_text\n"
    "data: {source: frame, vocab_size: 50, max_timesteps: 8}\n"
    "model: {units: [2], embedding: 2}\n",
    "classes": "task: classify_series\ndata: {source: frame}\nmodel: {units: [2]}\n",
    "numbers": "task: regress_series\n"
    "data: {source: frame, target: target}\nmodel: {units: [2]}\n",
    "forecast": "task: forecast\n"
    "data: {source: frame, lookback: 6, horizon: 2, validation: 4, test: 4}\n"
    "model: {units: [2]}\n",
}
TRAIN = "train: {epochs: 1, batch_size: 16}\n"


@cache
def recipe(task: str) -> Recipe:
    """The smallest recipe of a task."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzzed.yaml"
        path.write_text(TASKS[task] + TRAIN)
        return load_recipe(path)


def made(chance: random.Random, folder: Path) -> tuple[Path, Recipe]:
    """A mutated file, and the recipe that it is read with."""
    task, table, keys = chance.choice(TABLES)
    rows = table(chance)
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3])):
        rows = chance.choice(MUTATIONS)(rows, chance)
    nested = table is nested_table
    kind = chance.choice(["csv", "jsonl", "parquet"] + ["ts"] * nested)
    data = WRITERS[kind](rows, chance)
    overrides = dict(chance.choice(keys))
    if kind == "ts":
        overrides["data.values"] = None
    if chance.random() < 0.1:
        overrides["data.encoding"] = chance.choice(
            ["latin-1", "utf-16", "cp1252", "utf-7", "punycode", "idna", "ascii",
             "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "shift_jis"]
        )  # fmt: skip
    if chance.random() < 0.15:
        data = damaged(data, chance)
    packed = chance.choice(list(PACKERS)) if chance.random() < 0.15 else ""
    if packed:
        data = PACKERS[packed](data)
        data = damaged(data, chance) if chance.random() < 0.4 else data
    path = folder / f"mutated.{kind}{packed}"
    path.write_bytes(data)
    said = [f"task {task}", *(f"{key}={value}" for key, value in overrides.items())]
    (folder / "keys.txt").write_text("\n".join(said))
    return path, recipe(task).with_(overrides)


def case(number: int, folder: Path) -> str:
    """Make a mutated file ready, or train, score and ask a model on it."""
    chance = random.Random(f"data {number}")
    path, used = made(chance, folder)
    if chance.random() < TRAINED:
        import seqkit

        run = seqkit.fit(used, data=path, out=folder / "run", progress=False)
        assert str(run.evaluate())
        assert len(run.predict(path))
        return "trained"
    used = used.with_({"data.source": f"{path.name.split('.')[1]}:{path}"})
    stores = folder / "stores"
    stores.mkdir()
    prepared(used, given_source(None, used.data), stores)
    return "ready"
