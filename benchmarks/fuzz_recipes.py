"""Mutated recipes: loaded, written, read back, held against the schema, and built."""

from __future__ import annotations

import contextlib
import io
import random
import re
from functools import cache
from pathlib import Path
from typing import Any

from seqkit.recipe.files import recipe_files
from seqkit.recipe.recipe import Recipe, load_recipe, parse_overrides
from seqkit.recipe.schema import recipe_schema

BUILT = 0.05
"""The share of the cases that load whose model is built, too."""

VALUES = [
    "", "~", "null", "0", "-1", "1", "2", "1.5", "1e400", "-.inf", ".nan", "1e-400",
    "0x1F", "0o17", "1_000", "9" * 25, "9" * 5000, "2147483647", "2147483648",
    "true", "no", "on", "Yes", "12:30", "2020-01-01", "9999-12-31", "=", "<<",
    "[]", "{}", "[[]]", "[null]", "[[[1]]]", "{a: 1}", "[64, -1]", "[64, x]",
    "[" * 200, "{a: " * 200, "'", '"', "|", ">", "!", "&a", "*a", "&a [*a]",
    "!!python/object/apply:os.system ['true']", "!!binary aGk=", "!!set {a, b}",
    "!!timestamp 2020-01-01", "!!int x", "%YAML 1.1", "---", "...", "? x", "- x",
    "\t", "\ttab", "\u00e9\u4e2d\U0001f600", "\u202e", "\x00", "\x1b[31m", "\ufeff",
    "x" * 100, "x" * 100_000, "a.b.c", "../../etc/passwd", "csv:~nouser/x.csv",
    "sample:reviews", "sample:airline", "sample:adding:5", "sample:", "frame",
    "tfds:nothing", "ts:/dev/null", "jsonl:", "lstm", "gru", "LSTM", "simple_rnn",
    "concat", "attention", "log", "forecast", "classify_text", "regress_series",
    "{choice: [1, 2]}", "{log: [0.1, 1]}", "{int: [1, 3]}", "{float: [0, 1]}",
    "{choice: []}", "{log: [-1, 1]}", "{int: [3, 1]}", "{choice: [[1], [[2]]]}",
    "punycode", "idna", "utf-16", "rot13", "base64",
]  # fmt: skip
"""What is put in a value's place."""

KEYS = [
    "task", "extends", "description", "data", "model", "train", "tune", "reference",
    "cell", "units", "epochs", "seed", "source", "model.cell", "data.lookback",
    "tune.budget", "Units", "unit", "<<", "? [a]", "1", "null", "", "true", "a b",
    "\u00fc", "k" * 200, "k" * 100_000, "{a: b}", "[a]", "'", "*a", "!!str x",
]  # fmt: skip
"""What is put in a key's place."""

BITS = ["\n", " ", "  ", "\t", ":", ": ", "- ", "[", "]", "{", "}", "#", "'", '"',
        "&", "*", "!", "%", "@", "`", ",", "?", "|", ">", "\\", "\x00", "\x85",
        "\u2028", "\ud800", "\r", "\r\n", "---\n", "...\n"]  # fmt: skip


@cache
def bases() -> tuple[str, ...]:
    """The texts of the recipes that ship, by name."""
    return tuple(
        path.read_text(encoding="utf-8") for _, path in sorted(recipe_files().items())
    )


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(recipe_schema())


def mutated(chance: random.Random) -> bytes:
    """One of the recipes that ship with a few mutations."""
    text = chance.choice(bases())
    mutations = [_new_number] if chance.random() < 0.3 else MUTATIONS
    for _ in range(chance.choice([1, 1, 1, 1, 1, 2, 2, 3, 5, 8])):
        text = chance.choice(mutations)(text, chance)
    data = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.1:
        data = damaged(data, chance)
    if chance.random() < 0.02:
        data = text.encode(chance.choice(["utf-16", "utf-32", "utf-8-sig"]), "replace")
    return data


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, put in, taken out or cut off."""
    held = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(held) + 1)
        kind = chance.randrange(4)
        if kind == 0 and place < len(held):
            held[place] = chance.randrange(256)
        elif kind == 1:
            held[place:place] = chance.randbytes(chance.randint(1, 8))
        elif kind == 2:
            del held[place : place + chance.randint(1, 64)]
        elif chance.random() < 0.3:
            del held[place:]
    return bytes(held)


def _new_value(text: str, chance: random.Random) -> str:
    """Another value behind the colon of some line."""
    lines = text.split("\n")
    places = [i for i, line in enumerate(lines) if ":" in line]
    if places:
        place = chance.choice(places)
        key = lines[place].partition(":")[0]
        lines[place] = f"{key}: {chance.choice(VALUES)}"
    return "\n".join(lines)


def _new_number(text: str, chance: random.Random) -> str:
    """Another number, or word of the same kind, where one stands."""
    found = list(re.finditer(r"(?<=[ \[])-?\d+(\.\d+)?(?=[\s,\]}])", text))
    if not found:
        return text
    start, end = chance.choice(found).span()
    number = chance.choice(["1", "2", "3", "8", "24", "0", "0.1", "0.5", "100", "1e-3"])
    return text[:start] + number + text[end:]


def _new_key(text: str, chance: random.Random) -> str:
    found = list(re.finditer(r"\b[\w.]{1,40}(?=:)", text))
    if not found:
        return text
    start, end = chance.choice(found).span()
    key = chance.choice(KEYS)
    if chance.random() < 0.3:
        key = damaged(text[start:end].encode(), chance).decode("utf-8", "replace")
    return text[:start] + key + text[end:]


def _line_more(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    indent = chance.choice(["", "  ", "  ", "    ", "\t"])
    line = f"{indent}{chance.choice(KEYS)}: {chance.choice(VALUES)}"
    lines.insert(chance.randrange(len(lines) + 1), line)
    return "\n".join(lines)


def _line_fewer(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    del lines[chance.randrange(len(lines))]
    return "\n".join(lines) or "\n"


def _lines_moved(text: str, chance: random.Random) -> str:
    """A line twice, elsewhere, or indented otherwise."""
    lines = text.split("\n")
    line = chance.choice(lines)
    if chance.random() < 0.5:
        lines.remove(line)
    line = chance.choice([line, f"  {line}", line.strip(), f" {line}"])
    lines.insert(chance.randrange(len(lines) + 1), line)
    return "\n".join(lines)


def _bit_more(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(BITS) + text[place:]


def _crossed(text: str, chance: random.Random) -> str:
    """Some lines of another recipe."""
    lines, others = text.split("\n"), chance.choice(bases()).split("\n")
    start = chance.randrange(len(others))
    place = chance.randrange(len(lines) + 1)
    lines[place:place] = others[start : start + chance.randint(1, 8)]
    return "\n".join(lines)


def _repeated(text: str, chance: random.Random) -> str:
    """Very many keys, or items."""
    many = chance.choice([50, 2000])
    if chance.random() < 0.5:
        return text + "".join(f"key{i}: {i}\n" for i in range(many))
    return _line_with(text, f"units: [{', '.join(['4'] * many)}]", chance)


def _line_with(text: str, line: str, chance: random.Random) -> str:
    lines = text.split("\n")
    lines.insert(chance.randrange(len(lines) + 1), f"  {line}")
    return "\n".join(lines)


MUTATIONS = [
    _new_number, _new_number, _new_number, _new_number, _new_value, _new_value,
    _new_value, _new_key, _line_more, _line_fewer, _lines_moved, _bit_more, _crossed,
    _repeated,
]  # fmt: skip


def words(chance: random.Random) -> list[str]:
    """Overrides as people type them on the command line."""
    found = []
    while chance.random() < 0.2:
        section = chance.choice(["data", "model", "train", "tune", "tune.model", "x"])
        key = chance.choice([*KEYS, "units", "lookback", "highway", "learning_rate"])
        typed = f"{section}.{key}={chance.choice(VALUES)}"
        found.append(typed if chance.random() < 0.9 else typed[1:].replace("=", ""))
    return found


def case(number: int, folder: Path) -> str:
    """Load a mutated recipe and do all that needs no data with it."""
    chance = random.Random(f"recipe {number}")
    path, typed = folder / "mutated.yaml", words(chance)
    path.write_bytes(mutated(chance))
    (folder / "words.txt").write_text("\n".join(typed), "utf-8", "surrogatepass")
    recipe = load_recipe(path, parse_overrides(typed))
    _written_and_read(recipe, folder)
    _fits_the_schema(recipe)
    if chance.random() < 0.05:
        _shown_by_the_command_line(path)
    if chance.random() < BUILT and _is_small(recipe):
        import keras

        import seqkit

        seqkit.build(recipe)
        keras.utils.clear_session()
        return "built"
    return "loaded"


def _written_and_read(recipe: Recipe, folder: Path) -> None:
    text = recipe.to_yaml()
    again = folder / "again.yaml"
    again.write_text(text, encoding="utf-8")
    assert load_recipe(again) == recipe.model_copy(update={"name": "again"})
    assert recipe._repr_html_()


def _fits_the_schema(recipe: Recipe) -> None:
    wrong = list(_validator().iter_errors(recipe.to_dict()))
    assert not wrong, f"what loads is not by the schema: {wrong[0].message[:300]}"


def _shown_by_the_command_line(path: Path) -> None:
    from seqkit import cli

    with contextlib.redirect_stdout(io.StringIO()):
        cli.app(["show", str(path)], standalone_mode=False)
        cli.app(["show", str(path), "--json"], standalone_mode=False)


def _is_small(recipe: Recipe) -> bool:
    """Whether its model is built in a moment, on any machine."""
    units = getattr(recipe.model, "units", ())
    sizes = [
        getattr(section, key, None) or 1
        for section in (recipe.data, recipe.model)
        for key in ("vocab_size", "lookback", "horizon", "embedding", "max_timesteps")
    ]
    return sum(units) <= 300 and len(units) <= 4 and max(sizes) <= 20_000
