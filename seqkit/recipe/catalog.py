"""All recipes at a glance, from their files as they are written.

Nothing is typed here, so that listing stays quick: a key that is left to its default
is not shown, and only mistakes in the YAML itself are seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.errors import RecipeError
from seqkit.recipe.files import read_raw, recipe_files
from seqkit.recipe.nodes import shown

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("name", "task", "data", "model", "reference", "mistake")


def recipes() -> pd.DataFrame:
    """All recipes that can be named, one a row.

    Columns: ``name``, ``task``, ``data`` (the source), ``model`` (``bilstm 64, mean``),
    ``reference`` (the published figure; of a recipe that changes the ``data`` of the
    one it extends, only its own) and ``mistake`` (why a recipe cannot be read;
    empty for all that can).
    """
    import pandas as pd

    return pd.DataFrame(catalog_rows(), columns=list(COLUMNS), dtype="str")


def catalog_rows() -> list[dict[str, str]]:
    """The rows of ``recipes()`` as plain text, without pandas."""
    return [_row(name, path) for name, path in recipe_files().items()]


def _row(name: str, path: Path) -> dict[str, str]:
    row = {**dict.fromkeys(COLUMNS, ""), "name": name}
    try:
        raw = read_raw(path)
    except RecipeError as error:
        return {**row, "mistake": str(error.mistakes[0])}
    return {
        **row,
        "task": _word(raw.get("task")),
        "data": _word(_section(raw, "data").get("source")),
        "model": _model(_section(raw, "model")),
        "reference": _reference(_section(raw, "reference")),
    }


def _section(raw: dict[str, Any], name: str) -> dict[str, Any]:
    section = raw.get(name)
    return section if isinstance(section, dict) else {}


def _word(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else shown(value)


def _model(model: dict[str, Any]) -> str:
    """``{cell: lstm, units: [64, 32], pooling: mean}`` -> ``lstm 64-32, mean``."""
    ways = "" if model.get("bidirectional", "none") == "none" else "bi"
    units = model.get("units")
    widths = "-".join(map(_word, units)) if isinstance(units, list) else _word(units)
    stack = f"{ways}{_word(model.get('cell'))} {widths}".strip()
    return ", ".join(filter(None, (stack, _word(model.get("pooling")))))


def _reference(reference: dict[str, Any]) -> str:
    """``accuracy 0.8428``; empty where the recipe gives none."""
    return " ".join(
        filter(None, (_word(reference.get("metric")), _word(reference.get("value"))))
    )
