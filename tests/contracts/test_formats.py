"""Every format ships every task and cell, or says in a sentence that it cannot."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cases.exports import holding
from cases.table import CASES

from seqkit.errors import ExportError
from seqkit.registry import CELLS, FORMATS
from seqkit.runs.run import Run

SHIPPED = [(task, format) for task, case in CASES.items() for format in case.formats]
REFUSED = [
    pytest.param(task, format, marks=[pytest.mark.slow] if case.combined else [])
    for task, case in CASES.items()
    for format in FORMATS
    if format not in case.formats
]


def test_every_format_ships_some_task() -> None:
    assert {format for _, format in SHIPPED} == set(FORMATS)


@pytest.mark.slow
@pytest.mark.parametrize("has_options", [False, True], ids=["plain", "all options"])
@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.parametrize(("task", "format"), SHIPPED)
def test_format_ships_every_task_and_cell(
    task: str,
    format: str,
    cell: str,
    has_options: bool,
    run_of: Callable[[str], Run],
    tmp_path: Path,
) -> None:
    case = CASES[task]
    combination = case.whole(task)[1] | {"cell": cell}
    if not has_options:
        combination |= dict.fromkeys(case.options, False)
    run = holding(run_of(task), combination)
    folder = run.export(tmp_path / "export", format)
    account = json.loads((folder / "export.json").read_text())
    assert 0 <= account["largest_difference"] <= 1e-5
    assert account["samples"] >= 4


@pytest.mark.parametrize(("task", "format"), REFUSED)
def test_format_that_cannot_hold_a_task_says_so_and_leaves_nothing(
    task: str, format: str, run_of: Callable[[str], Run], tmp_path: Path
) -> None:
    with pytest.raises(ExportError) as error:
        run_of(task).export(tmp_path / "export", format)
    sentence = str(error.value)
    assert sentence.startswith(f"Only classifiers of texts can be written as {format} ")
    assert sentence.endswith("Use the format 'savedmodel' instead.")
    assert list(tmp_path.iterdir()) == []
