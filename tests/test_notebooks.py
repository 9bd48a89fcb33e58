"""The notebooks run from top to bottom, and stay small enough to read."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
EACH = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
LARGEST = 300_000


def cells(path: Path) -> list[Any]:
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def in_an_epoch(code: str) -> str:
    """The code with one epoch wherever it trains for more."""
    return re.sub(r'(epochs"?: )\d+', r"\g<1>1", code)


def run_cell(code: str, names: dict[str, Any]) -> None:
    """Run a cell and show its last value as a notebook does."""
    tree = ast.parse(code)
    last = tree.body[-1]
    if not isinstance(last, ast.Expr):
        exec(compile(tree, "cell", "exec"), names)
        return
    exec(compile(ast.Module(tree.body[:-1], []), "cell", "exec"), names)
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    as_html = getattr(value, "_repr_html_", lambda: repr(value))
    as_html()


@pytest.mark.filterwarnings("ignore::seqkit.errors.DataWarning")
@pytest.mark.filterwarnings("ignore:Intervals rest on")
@pytest.mark.usefixtures("unverified")
@pytest.mark.slow  # They train models, however few the epochs.
@EACH
def test_the_code_of_a_notebook_runs(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for cell in cells(path):
        run_cell(in_an_epoch(cell.source), names)
    assert (tmp_path / "out").is_dir()


def test_notebooks_train_for_more_than_an_epoch() -> None:
    code = "\n".join(cell.source for path in NOTEBOOKS for cell in cells(path))
    assert in_an_epoch(code) != code
    assert set(re.findall(r'epochs"?: (\d+)', in_an_epoch(code))) == {"1"}


@pytest.mark.slow
@EACH
def test_a_notebook_runs_from_top_to_bottom(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    errors = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    assert not errors
    assert (tmp_path / "out").is_dir()


@EACH
def test_a_notebook_keeps_its_outputs_small(path: Path) -> None:
    assert path.stat().st_size < LARGEST
    assert all(cell.outputs or "predict" in cell.source for cell in cells(path))
    home = str(Path.home())
    assert home not in path.read_text(encoding="utf-8")
