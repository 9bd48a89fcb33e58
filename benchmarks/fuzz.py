"""Mutated recipes and data files: each must be used, or refused in a short sentence.

python benchmarks/fuzz.py recipes 10000 [--seed N] [--out FOLDER]
python benchmarks/fuzz.py data 1000 [--seed N] [--out FOLDER]
python benchmarks/fuzz.py recipes --only 4711      one case again, by its number

A case is made from its number alone. One that fails is kept in FOLDER
(``fuzz-failures``): its files, and ``case.txt`` with what happened and how to see it
again. What fails: any exception but seqkit's own, any warning but seqkit's own, a
message of more than 2,000 characters or 3 lines, and a case that takes more than 20
seconds of computing or 1 GB of memory.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from seqkit.errors import DataWarning, RecipeError, SeqkitError

LONGEST_MESSAGE = 2000
MOST_LINES = 3
SECONDS = 20
GIGABYTES = 1.0

Case = Callable[[int, Path], str]
"""Makes the files of a number in a folder, and uses them; says what became of them."""


class TooSlow(BaseException):
    """A case ran out of its time; no ``except Exception`` on the way may catch it."""


@dataclass
class Outcome:
    """What became of a case: ``fault`` is empty where nothing is wrong."""

    kind: str
    fault: str = ""


@dataclass
class Tally:
    """How many cases ended how, and the numbers of those that failed."""

    kinds: Counter[str] = field(default_factory=Counter)
    failed: dict[str, list[int]] = field(default_factory=dict)

    def add(self, number: int, outcome: Outcome) -> None:
        """Count one more."""
        self.kinds[outcome.kind] += 1
        if outcome.fault:
            self.failed.setdefault(_signature(outcome.fault), []).append(number)

    def __str__(self) -> str:
        lines = [f"{count:7,}  {kind}" for kind, count in self.kinds.most_common()]
        for signature, numbers in self.failed.items():
            shown = ", ".join(map(str, numbers[:5]))
            lines.append(f"FAILED {len(numbers):,} times ({shown}): {signature}")
        return "\n".join(lines)


def outcome(case: Case, number: int, folder: Path) -> Outcome:
    """Run one case within its limits."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with limited():
                kind, fault = case(number, folder), ""
        except SeqkitError as error:
            kind, fault = type(error).__name__, message_fault(error)
        except TooSlow:
            kind, fault = "too slow", f"over {SECONDS} s\n{traceback.format_exc()}"
        except MemoryError:
            kind, fault = "too large", f"over {GIGABYTES} GB\n{traceback.format_exc()}"
        except Exception as error:
            kind, fault = type(error).__name__, traceback.format_exc()
    for warning in caught if not fault else ():
        fault = fault or warning_fault(warning)
    return Outcome(kind, fault)


def message_fault(error: SeqkitError | Warning) -> str:
    """What is wrong with the words of an error; each mistake of a recipe is a line."""
    texts = list(map(str, error.mistakes)) if isinstance(error, RecipeError) else []
    for text in texts or [str(error)]:
        if len(text) > LONGEST_MESSAGE:
            return f"message of {len(text):,} characters: {text[:400]}"
        if text.count("\n") >= (MOST_LINES if not texts else 1):
            return f"message of {text.count(chr(10)) + 1} lines: {text[:400]}"
    if len(str(error)) > 20 * LONGEST_MESSAGE:
        return f"messages of {len(str(error)):,} characters"
    return ""


def warning_fault(warning: warnings.WarningMessage) -> str:
    """What is wrong with a warning: that it is not seqkit's, or its words."""
    if issubclass(warning.category, DataWarning):
        return message_fault(warning.message)  # type: ignore[arg-type]
    if issubclass(warning.category, (DeprecationWarning, ResourceWarning)):
        return ""
    place = f"{warning.filename}:{warning.lineno}"
    return f"{warning.category.__name__}: {str(warning.message)[:400]}\n  at {place}"


@contextmanager
def limited() -> Iterator[None]:
    """Raise where what runs inside takes more time or memory than a case may."""
    memory, most = resource.RLIMIT_DATA, resource.getrlimit(resource.RLIMIT_DATA)
    with Path("/proc/self/status").open() as status:
        used = next(int(line.split()[1]) for line in status if line[:7] == "VmData:")
    peak = _peak()
    # Seconds of computing: what else the machine does counts for nothing.
    before = signal.signal(signal.SIGPROF, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    # Libraries reserve more than they use: this alone saves the machine.
    resource.setrlimit(memory, (used * 1024 + 8 * 2**30, most[1]))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        resource.setrlimit(memory, most)
    if _peak() > peak + GIGABYTES:
        raise MemoryError


def _peak() -> float:
    """The most memory that this process has held so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlow


def _signature(fault: str) -> str:
    """The last line of a traceback and where it was raised, without what varies."""
    lines = fault.strip().split("\n")
    places = [line.strip() for line in lines if line.lstrip().startswith("File")]
    ours = [place for place in places if "/seqkit/" in place]
    where = (ours or places or [""])[-1].rpartition("/seqkit/")[2]
    return f"{lines[-1][:120]} [{where}]"


def run(
    case: Case, numbers: range | list[int], kept: Path, name: str, every: int = 0
) -> Tally:
    """Run cases and keep the files of those that fail; say how it stands on the way."""
    tally, begun = Tally(), time.monotonic()
    for done, number in enumerate(numbers, 1):
        with tempfile.TemporaryDirectory(prefix="seqkit-fuzz-") as folder:
            found = outcome(case, number, Path(folder))
            tally.add(number, found)
            if found.fault:
                _keep(Path(folder), kept / f"{name}-{number}", name, number, found)
        if every and done % every == 0:
            rate = done / (time.monotonic() - begun)
            failed = sum(map(len, tally.failed.values()))
            print(f"{done:,} cases, {rate:.1f} a second, {failed} failed", flush=True)
    return tally


def _keep(folder: Path, place: Path, name: str, number: int, found: Outcome) -> None:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("run", "stores"))
    again = f"python benchmarks/fuzz.py {name} --only {number}"
    (place / "case.txt").write_text(f"{again}\n\n{found.fault}\n", errors="replace")


def main() -> int:
    """The command line: 0 where no case failed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import fuzz_data
    import fuzz_recipes

    from seqkit.shared.quiet import load_tensorflow

    load_tensorflow()
    cases: dict[str, Case] = {"recipes": fuzz_recipes.case, "data": fuzz_data.case}
    words: Any = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("kind", choices=list(cases))
    words.add_argument("count", nargs="?", type=int, default=100)
    words.add_argument("--seed", type=int, default=0, help="the first case's number")
    words.add_argument("--only", type=int, help="this case alone")
    words.add_argument("--out", type=Path, default=Path("fuzz-failures"))
    asked = words.parse_args()
    numbers: Any = range(asked.seed, asked.seed + asked.count)
    if asked.only is not None:
        numbers = [asked.only]
    every = 1000 if asked.kind == "recipes" else 100
    tally = run(cases[asked.kind], numbers, asked.out, asked.kind, every)
    print(tally)
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
