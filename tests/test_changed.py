"""``scripts/test --changed`` runs what a change can break, and no more."""

from __future__ import annotations

import pytest
from changed import TESTS, asked_by, of_room, of_the_house
from floors import FLOORS

ROOMS = {room for floor in FLOORS[""] for room in floor}


def named(*changed: str) -> set[str]:
    return {path.relative_to(TESTS).as_posix() for path in asked_by(changed)}


def test_a_room_asks_for_its_own_tests_and_those_above_it() -> None:
    found = named("seqkit/comparison/table.py")
    assert found >= {"comparison", "tuning", "test_cli.py"}
    assert not found & {"runs", "contracts", "tasks", "data", "recipe"}


def test_what_runs_stand_on_asks_for_the_contracts() -> None:
    assert {"layers", "tasks", "runs", "contracts"} <= named("seqkit/layers/text.py")
    assert "contracts" not in named("seqkit/tuning/search.py")


def test_the_ground_asks_for_every_room_above_it() -> None:
    rooms = {path for room in ROOMS for path in of_room(room)}
    assert asked_by(["seqkit/errors.py"]) >= rooms - of_room("shortened")


def test_recipes_ask_for_what_stands_on_recipes() -> None:
    assert named("recipes/adding_problem.yaml") >= {"recipe", "contracts", "tuning"}


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ("tests/runs/test_fit.py", "runs/test_fit.py"),
        ("tests/runs/test_gone.py", None),
        ("tests/export/conftest.py", "export"),
        ("tests/tiny.py", "."),
        ("tests/cases/forecast.py", "."),
    ],
)
def test_a_test_asks_for_itself_and_what_is_shared_for_all(
    changed: str, asked: str | None
) -> None:
    assert named(changed) == ({asked} if asked else set())


def test_what_is_no_code_asks_for_the_tests_of_the_whole() -> None:
    assert asked_by(["README.md"]) == of_the_house()
    assert {TESTS / "test_docs_code.py"} <= of_the_house()
    assert not of_the_house() & {TESTS / "test_cli.py"}


def test_every_room_with_tests_stands_on_a_floor() -> None:
    paths = [path.relative_to(TESTS) for path in TESTS.rglob("*/test_*.py")]
    assert {path.parts[0] for path in paths} - ROOMS == {"contracts"}
