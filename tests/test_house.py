"""The floors of the house (``tests/floors.py``), in all rooms and among them.

What counts is every import: at the top of a module, inside its functions, and under
``if TYPE_CHECKING``. The package itself lies outside the floors: it names the public
face and imports each name when it is asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from floors import FLOORS

import seqkit

PACKAGE = Path(seqkit.__file__).parent
CIRCLES = ("comparison", "runs", "scores.forecast")
"""Rooms in which imports still go in a circle."""


def modules() -> dict[str, Path]:
    """Every Python file but the package's own ``__init__``, by its name below it."""
    return {
        name: path
        for path in sorted(PACKAGE.rglob("*.py"))
        if (name := _name(path.relative_to(PACKAGE).with_suffix("").parts))
    }


def _name(parts: tuple[str, ...]) -> str:
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = modules()


def imported(code: str) -> Iterator[str]:
    """The modules of seqkit that a module imports, e.g. ``data.text.rows``."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the floor they lead to"
            names = [_home(str(node.module), alias.name) for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("seqkit."):
                yield name.removeprefix("seqkit.")


def _home(module: str, name: str) -> str:
    """The module that ``from module import name`` loads."""
    if module == "seqkit" and name in seqkit._HOMES:
        return seqkit._HOMES[name]
    whole = f"{module}.{name}"
    return whole if whole.removeprefix("seqkit.") in MODULES else module


IMPORTS = {
    name: sorted(set(imported(path.read_text(encoding="utf-8"))))
    for name, path in MODULES.items()
}


def member(room: str, module: str) -> str | None:
    """The file or folder of a room that a module belongs to; None: it lies outside."""
    inside = f"{room}." if room else ""
    if not module.startswith(inside) or module == room:
        return None
    return module.removeprefix(inside).split(".")[0]


def edges(room: str) -> dict[tuple[str, str], str]:
    """Which members of a room import which, and an example of it."""
    return {
        (own, other): f"{module} imports {target}"
        for module, targets in IMPORTS.items()
        for target in targets
        if (own := member(room, module)) and (other := member(room, target))
        if own != other
    }


def rooms() -> list[str]:
    """The package and all folders in it."""
    folders = {path.parent.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py")}
    return sorted(".".join(folder.parts) for folder in folders)


@pytest.mark.parametrize(
    "room",
    [
        pytest.param(room, marks=pytest.mark.xfail) if room in CIRCLES else room
        for room in rooms()
    ],
)
def test_imports_go_only_downward(room: str) -> None:
    if room not in FLOORS:
        assert edges(room) == {}, f"{room} needs floors"
        return
    floor = {one: number for number, row in enumerate(FLOORS[room]) for one in row}
    upward = [
        example
        for (own, other), example in edges(room).items()
        if floor[other] >= floor[own]
    ]
    assert upward == []


@pytest.mark.parametrize("room", FLOORS)
def test_every_file_and_folder_is_on_one_floor(room: str) -> None:
    placed = [one for row in FLOORS[room] for one in row]
    assert sorted(placed) == sorted({member(room, name) for name in MODULES} - {None})


def test_package_itself_imports_its_version_alone() -> None:
    code = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    public = {home.removeprefix("seqkit.") for home in seqkit._HOMES.values()}
    assert set(imported(code)) - public == {"version"}


@pytest.mark.parametrize(("one", "other"), [("data", "models"), ("models", "data")])
def test_data_and_models_meet_in_the_signature_alone(one: str, other: str) -> None:
    assert any(own == one for own, _ in edges(""))
    assert (one, other) not in edges("")


@pytest.mark.parametrize(("library", "home"), [("keras_tuner", "tuning")])
def test_library_is_imported_by_its_one_home(library: str, home: str) -> None:
    importers = {
        name.split(".")[0]
        for name, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for root in _libraries(node)
        if root == library
    }
    assert importers == {home}


def _libraries(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    return (
        {str(node.module).split(".")[0]} if isinstance(node, ast.ImportFrom) else set()
    )


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_guard_sees_every_kind_of_import() -> None:
    code = """
import seqkit.runs.run as r, os
from seqkit import fit, load, errors
from seqkit.data.text import rows
if TYPE_CHECKING:
    from seqkit.cli import main
else:
    import seqkit.runs.card
def later():
    if True:
        from seqkit.export import ship
"""
    assert set(imported(code)) == {
        "runs.run",
        "runs.fit",
        "errors",
        "data.text.rows",
        "cli",
        "runs.card",
        "export.ship",
    }
