"""The floors of the house: imports go only downward, and every file has its floor.

What counts is every import that can run: at the top of a module and inside its
functions. Imports under ``if TYPE_CHECKING`` load nothing and serve annotations alone,
so they may look upward. The package itself lies outside the floors: it names the
public face and imports each name when it is asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import seqkit

PACKAGE = Path(seqkit.__file__).parent

# From the ground up. Files and folders on one floor do not import each other.
FLOORS = [
    ["shortened"],
    ["bar", "errors", "escape", "nodes", "quiet", "terminal", "version"],
    ["files"],
    ["contents", "locks", "outputs"],
    ["registry", "strict_yaml"],
    ["frequency", "recipe_files", "signature", "spec"],
    ["catalog", "measured", "messages", "tune_spec"],
    ["search_space"],
    ["schema"],
    ["recipe"],
    ["data_paths"],
    ["layers", "pictures", "scores"],
    ["data", "models"],
    ["tasks"],
    ["build", "checkpoints", "prepared", "progress"],
    ["learning", "training"],
    ["card", "export", "held_out", "page", "report"],
    ["evaluate"],
    ["run"],
    ["comparison", "unfinished"],
    ["fit"],
    ["compare", "verdict"],
    ["tune"],
    ["cli"],
    ["__main__"],
]
FLOOR = {room: number for number, floor in enumerate(FLOORS) for room in floor}


def modules() -> list[Path]:
    """Every Python file of the package but its ``__init__``."""
    return [
        path for path in sorted(PACKAGE.rglob("*.py")) if path.parent != PACKAGE
    ] + [path for path in sorted(PACKAGE.glob("*.py")) if path.stem != "__init__"]


def room(path: Path) -> str:
    """The file or folder of ``seqkit/`` that a module belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def running(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a module but those under ``if TYPE_CHECKING``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith(
            "TYPE_CHECKING"
        ):
            for other in node.orelse:
                yield other
                yield from running(other)
            continue
        yield node
        yield from running(node)


def imported(code: str) -> set[str]:
    """The full names that a module imports, e.g. ``seqkit.data.text``."""
    found: set[str] = set()
    for node in running(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the floor they lead to"
            if node.module == "seqkit":
                found |= {_home(alias.name) for alias in node.names}
            else:
                found.add(str(node.module))
    return found


def _home(name: str) -> str:
    """The module that ``from seqkit import name`` loads."""
    return seqkit._HOMES.get(name, f"seqkit.{name}")


def rooms_imported(code: str) -> set[str]:
    """The files and folders of ``seqkit/`` that a module imports."""
    return {name.split(".")[1] for name in imported(code) if name.startswith("seqkit.")}


def test_every_file_and_folder_is_on_one_floor() -> None:
    found = {room(path) for path in modules()}
    assert sorted(FLOOR) == sorted(found)
    assert sum(map(len, FLOORS)) == len(FLOOR)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_only_downward(path: Path) -> None:
    own = room(path)
    upward = {
        other
        for other in rooms_imported(path.read_text(encoding="utf-8"))
        if other != own and FLOOR[other] >= FLOOR[own]
    }
    assert upward == set()


def test_package_itself_imports_its_version_alone() -> None:
    code = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    assert rooms_imported(code) == {"version"}


@pytest.mark.parametrize(("one", "other"), [("data", "models"), ("models", "data")])
def test_data_and_models_meet_in_the_signature_alone(one: str, other: str) -> None:
    paths = [path for path in modules() if room(path) == one]
    assert paths
    for path in paths:
        assert other not in rooms_imported(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(("library", "home"), [("keras_tuner", "tune")])
def test_library_is_imported_by_its_one_home(library: str, home: str) -> None:
    importers = {
        room(path)
        for path in modules()
        for name in imported(path.read_text(encoding="utf-8"))
        if name.split(".")[0] == library
    }
    assert importers <= {home}


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in modules()}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_guard_sees_every_kind_of_import() -> None:
    code = """
import seqkit.run as r, os
from seqkit import fit, load, errors
from seqkit.data.text import encode
if TYPE_CHECKING:
    from seqkit.cli import main
else:
    import seqkit.card
def later():
    if True:
        from seqkit.export import ship
"""
    assert rooms_imported(code) == {
        "run",
        "fit",
        "errors",
        "data",
        "card",
        "export",
    }
