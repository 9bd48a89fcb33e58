"""The visible tables: every line leads somewhere, a wrong name to the nearest."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from seqkit import registry
from seqkit.errors import UnknownNameError
from seqkit.registry import (
    BASELINES,
    CELLS,
    CORES,
    FORMATS,
    RUNS,
    SOURCES,
    TASKS,
    Registry,
    did_you_mean,
)

TABLES = (TASKS, BASELINES, CELLS, CORES, SOURCES, FORMATS, RUNS)
ENTRIES = [(table, name) for table in TABLES for name in table]


def test_these_are_all_tables() -> None:
    found = {
        id(table) for table in vars(registry).values() if isinstance(table, Registry)
    }
    assert found == {id(table) for table in TABLES}


@pytest.mark.parametrize(
    ("table", "name"), ENTRIES, ids=[f"{t.kind}-{n}" for t, n in ENTRIES]
)
def test_entry_leads_to_a_module_that_defines_it(table: Registry, name: str) -> None:
    module, attribute = table.entries[name].split(":")
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None
    with open(spec.origin, encoding="utf-8") as file:
        code = file.read()
    assert f"class {attribute}" in code or f"def {attribute}" in code


@pytest.mark.parametrize("name", list(TASKS))
def test_task_is_called_as_the_table_calls_it(name: str) -> None:
    task = TASKS.get(name)
    assert task.name == name
    assert task.summary.endswith(".")


def test_entry_is_imported_when_it_is_asked_for() -> None:
    assert Registry("thing", {"dumps": "json:dumps"}).get("dumps")([1]) == "[1]"


def test_unknown_name_is_told_with_all_that_are_known() -> None:
    with pytest.raises(UnknownNameError) as refusal:
        CELLS.get("lsmt")
    assert str(refusal.value) == (
        "No cell 'lsmt'. Known: simple_rnn, lstm, gru, tcn. Did you mean 'lstm'?"
    )
    assert refusal.value.known == ("simple_rnn", "lstm", "gru", "tcn")
    assert refusal.value.exit_status == 2


@pytest.mark.parametrize("name", ["", "zzz", None, 3, b""])
def test_name_that_is_like_no_other_gets_no_suggestion(name: object) -> None:
    assert name not in CELLS
    with pytest.raises(UnknownNameError) as refusal:
        CELLS.check(name)  # type: ignore[arg-type]
    assert str(refusal.value).endswith("Known: simple_rnn, lstm, gru, tcn.")


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("lsmt", "lstm"), ("LSTM", "lstm"), ("Lstm ", "lstm"), ("gru2", "gru"), ("x", "")],
)
def test_nearest_name_is_found_in_any_case(name: str, nearest: str) -> None:
    hint = f"Did you mean {nearest!r}?" if nearest else ""
    assert did_you_mean(name, ["lstm", "gru"]) == hint
