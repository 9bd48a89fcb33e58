"""What all tests share: a quiet, repeatable surrounding, and where real data lie."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent

# Before anything imports TensorFlow or matplotlib; subprocesses inherit them.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")
# Processes that tests start use the seqkit that is tested, wherever they run.
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))
)

# What runs in a shell's background ignores Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples every time: a failure is the change's, not the day's.
settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


SEED = 20260101


def seed_generators() -> None:
    """Seed every global generator; of modules that nobody has loaded, none is used.

    What loads Keras later draws its seeds from Python's generator.
    """
    random.seed(SEED)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(SEED)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(SEED)  # TensorFlow's, too
    elif "tensorflow" in sys.modules:
        sys.modules["tensorflow"].random.set_seed(SEED)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Fixtures draw the same, whichever test asks for them first."""
    seed_generators()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    """A test draws the same alone, after others, and after its fixtures."""
    seed_generators()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked ``data`` where SEQKIT_DATA names no folder."""
    if Path(os.environ.get("SEQKIT_DATA", "?")).is_dir():
        return
    reason = "SEQKIT_DATA names no folder of real data"
    for item in items:
        if item.get_closest_marker("data"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data; for tests that are marked ``data``."""
    return Path(os.environ["SEQKIT_DATA"])


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start Python with these words, in a session of its own that ends with the test.

    Its output and errors are read by ``communicate``.
    """
    begun: list[subprocess.Popen[str]] = []

    def start(*words: Any, **options: Any) -> subprocess.Popen[str]:
        pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE) | options
        command = [sys.executable, *map(str, words)]
        process = subprocess.Popen(command, text=True, start_new_session=True, **pipes)
        begun.append(process)
        return process

    yield start
    for process in begun:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def python(tmp_path: Path) -> Callable[[str], str]:
    """Run code in a fresh process in an empty folder; gives what it printed."""

    def run(code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run
