"""Mutated recipes and data files are used, or refused in a short sentence."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from seqkit.errors import DataError, DataWarning, UsageError

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def fuzz(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The benchmark; its parts are imported from its folder."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return import_module("fuzz")


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("recipes", range(120)),
        ("data", range(30)),
        pytest.param("recipes", range(10_000), marks=pytest.mark.slow),
        pytest.param("data", range(1000), marks=pytest.mark.slow),
    ],
    ids=["recipes", "data", "many-recipes", "much-data"],
)
def test_no_mutation_ends_in_a_traceback(
    fuzz: Any,
    kind: str,
    numbers: range,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cases = import_module(f"fuzz_{kind}")
    if len(numbers) < 100:
        monkeypatch.setattr(cases, "TRAINED", 0)
    tally = fuzz.run(cases.case, numbers, tmp_path / "failures", kind)
    assert not tally.failed, str(tally)
    # Neither all is refused, nor all used.
    assert len(tally.kinds) > 1 and {"loaded", "ready"} & set(tally.kinds)


def refuse(error: BaseException) -> Any:
    def case(number: int, folder: Path) -> str:
        raise error

    return case


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (DataError("short."), ""),
        (DataError("a\nb\nc\nd"), "message of 4 lines"),
        (KeyError("x"), "KeyError: 'x'"),
        (UsageError("x" * 10_000), ""),
    ],
    ids=["short", "lines", "traceback", "cut"],
)
def test_the_fuzz_finds_tracebacks_and_long_messages(
    fuzz: Any, tmp_path: Path, error: BaseException, fault: str
) -> None:
    found = fuzz.outcome(refuse(error), 1, tmp_path).fault
    assert (fault in found) if fault else found == ""


def test_the_fuzz_finds_warnings_of_others(fuzz: Any, tmp_path: Path) -> None:
    import warnings

    def warn(category: type[Warning]) -> Any:
        return lambda number, folder: str(warnings.warn("w", category, stacklevel=1))

    assert fuzz.outcome(warn(DataWarning), 1, tmp_path).fault == ""
    assert "RuntimeWarning: w" in fuzz.outcome(warn(RuntimeWarning), 1, tmp_path).fault


def test_a_case_is_made_from_its_number_alone(fuzz: Any, tmp_path: Path) -> None:
    cases = import_module("fuzz_recipes")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        fuzz.outcome(cases.case, 12, tmp_path / name)
    one, two = (tmp_path / name / "mutated.yaml" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
