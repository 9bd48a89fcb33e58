"""Verbs about recipes: list, show, schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from seqkit.cli.asked import DataFile, Json, Overrides, Overwrite, RecipeName
from seqkit.cli.printing import print_json
from seqkit.errors import UsageError
from seqkit.recipe.automatic import Choice
from seqkit.recipe.nodes import shown
from seqkit.shared.escape import say as print


def list_recipes(as_json: Json = False) -> None:
    """List the recipes: ./recipes and those that ship."""
    from seqkit.recipe.catalog import catalog_rows

    rows = catalog_rows()
    if as_json:
        print_json(rows)
        return
    if not rows:
        print("There are no recipes here. Write one in ./recipes: NAME.yaml")
        return
    table = [list(rows[0]), *(list(row.values()) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        print("  ".join(cells).rstrip())


def show(
    name: RecipeName = None,
    overrides: Overrides = None,
    cells: Annotated[bool, typer.Option("--cells", help="List the cells.")] = False,
    tasks: Annotated[bool, typer.Option("--tasks", help="List the tasks.")] = False,
    data: DataFile = None,
    as_json: Json = False,
) -> None:
    """Show a recipe with every key resolved, or the names that recipes may use.

    With --data the values that it leaves at auto are chosen, and it is said why.
    """
    from seqkit.recipe.recipe import load_recipe, parse_overrides
    from seqkit.registry import CELLS, TASKS

    if cells or tasks:
        names = list(CELLS if cells else TASKS)
        print(json.dumps(names) if as_json else "\n".join(names))
        return
    if name is None:
        raise UsageError("show needs a recipe, --cells or --tasks: seqkit show NAME.")
    recipe = load_recipe(name, parse_overrides(overrides or []))
    choices: dict[str, Choice] = {}
    if data is not None:
        from seqkit.runs.fit import resolved
        from seqkit.training.settled import settled

        recipe, choices, facts = settled(resolved(recipe, data, None), data)
    if as_json:
        chosen = {key: choice.why for key, choice in choices.items()}
        more = {"chosen": chosen} if data is not None else {}
        print_json({"name": recipe.name, **recipe.to_dict(), **more})
        return
    print(recipe.to_yaml(), end="")
    if choices:
        print(f"\n# Chosen for {facts}:")
        _print_choices(choices)


def _print_choices(choices: Mapping[str, Choice]) -> None:
    """A line for each key: its value, and why."""
    rows = [(key, shown(value), why) for key, (value, why) in choices.items()]
    keys, values = (max(len(row[place]) for row in rows) for place in (0, 1))
    for key, value, why in rows:
        print(f"# {key:{keys}}  {value:{values}}  {why}")


def schema(
    out: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON is what it prints anyway.")
    ] = True,
    overwrite: Overwrite = False,
) -> None:
    """Print the JSON Schema of recipes, from which editors complete."""
    from seqkit.recipe.schema import recipe_schema
    from seqkit.shared.files import write_json
    from seqkit.shared.outputs import check_output

    if out:
        check_output(out, overwrite)
        write_json(out, recipe_schema())
    else:
        print_json(recipe_schema())
