"""The tests that a change can break: of its rooms, and of those that stand above.

    python tests/changed.py [SINCE]

prints their paths, one a line, for all files that differ from the commit SINCE, those
that are not committed among them. Without SINCE it is where this branch left main.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from floors import FLOORS

TESTS = Path(__file__).parent
ROOT = TESTS.parent
PACKAGE = "seqkit"
SHARED = ("cases", "conftest.py", "tiers.py")
"""What lies among the tests, and all of them stand on."""
ON_RUNS = "contracts"
"""The contracts try whole runs, so they stand with the runs' own tests."""


def rooms_above(room: str) -> list[str]:
    """A room at the top of the house, and those that may import it."""
    floors = FLOORS[""]
    (own,) = (number for number, floor in enumerate(floors) if room in floor)
    return [room, *(one for floor in floors[own + 1 :] for one in floor)]


def of_room(room: str) -> set[Path]:
    """The folder or file that tests a room."""
    names = [room, f"test_{room}.py", *[ON_RUNS] * (room == "runs")]
    return {TESTS / name for name in names if (TESTS / name).exists()}


def of_the_house() -> set[Path]:
    """The files that test no single room."""
    rooms = {room for floor in FLOORS[""] for room in floor}
    files = TESTS.glob("test_*.py")
    return {path for path in files if path.stem.removeprefix("test_") not in rooms}


def asked_by(changed: Iterable[str]) -> set[Path]:
    """The tests that changed files, named from the root, ask for."""
    found: set[Path] = set()
    for name in changed:
        top, *below = Path(name).parts
        if top == TESTS.name and below:
            found |= _of_a_test(ROOT / name, below[0])
            continue
        found |= of_the_house()
        if top == "recipes":
            below = ["recipe"]
        if top in (PACKAGE, "recipes") and below:
            room = Path(below[0]).stem
            # The package's own __init__ stands on no floor: it names the public face.
            for one in [] if room == "__init__" else rooms_above(room):
                found |= of_room(one)
    return found


def _of_a_test(path: Path, first: str) -> set[Path]:
    """A test itself; of what tests share, those that can use it."""
    if path.name.startswith("test_"):
        return {path} if path.exists() else set()
    if path.parent == TESTS or first in SHARED:
        return {TESTS}
    return {path.parent} if path.parent.exists() else set()


def changed_since(commit: str) -> list[str]:
    """Files that differ from a commit, and new ones that git does not ignore."""
    known = _git("diff", "--name-only", commit)
    return known + _git("ls-files", "--others", "--exclude-standard")


def _git(*words: str) -> list[str]:
    done = subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def main(since: str | None = None) -> None:
    has_main = bool(_git("branch", "--list", "main"))
    commit = since or (_git("merge-base", "main", "HEAD")[0] if has_main else "HEAD")
    found = asked_by(changed_since(commit))
    for path in sorted(p for p in found if not found & set(p.parents)):
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main(*sys.argv[1:])
