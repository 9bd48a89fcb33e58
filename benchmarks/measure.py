"""Run a command in a process of its own and say what it took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def measured(*command: str) -> dict[str, Any]:
    """Run ``command``; give its JSON output with ``seconds`` and ``peak_mib``."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"{' '.join(command)} failed with status {status}")
    return json.loads(output) | {
        "seconds": seconds,
        "peak_mib": usage.ru_maxrss / 1024,
    }


def seqkit(*words: str) -> dict[str, Any]:
    """Run ``seqkit WORDS --json`` with this Python."""
    return measured(sys.executable, "-m", "seqkit", *words, "--json")


def imdb() -> tuple[str, str]:
    """The training and the test reviews in the folder that SEQKIT_DATA names."""
    folder = Path(os.environ.get("SEQKIT_DATA", ""), "imdb")
    train, test = folder / "imdb_train.csv.gz", folder / "imdb_test.csv.gz"
    if not train.is_file():
        raise SystemExit("Set SEQKIT_DATA to the folder that holds imdb/.")
    return str(train), str(test)
