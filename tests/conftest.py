"""What all tests share: a quiet, repeatable surrounding, and where real data lie."""

from __future__ import annotations

import gc
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from _pytest.fixtures import reorder_items
from hypothesis import HealthCheck, settings
from tiers import TIERS, tier_of, tiers_of

ROOT = Path(__file__).parent.parent

# Before anything imports TensorFlow or matplotlib; subprocesses inherit them.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")
# Threads that wait for each other in a loop cost more than so few rows take.
os.environ.setdefault("OMP_NUM_THREADS", "1")
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

_begun: set[Path] = set()
"""The files of which a test has begun."""
_loaded_tensorflow: list[str] = []
"""The unit test that loaded TensorFlow, if one did."""


def seed_generators() -> None:
    """Seed every global generator; of modules that nobody has loaded, none is used.

    What loads Keras later draws its seeds from Python's generator.
    """
    random.seed(SEED)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(SEED)
    with pytest.MonkeyPatch.context() as patch:
        if "tensorflow" in sys.modules and not tensorflow_has_drawn():
            # It would build the kernels of each graph anew, which costs more than most
            # tests do; they hold no state of a generator.
            patch.setattr(
                sys.modules["tensorflow"].random, "set_seed", lambda seed: None
            )
        if "keras" in sys.modules:
            sys.modules["keras"].utils.set_random_seed(SEED)  # TensorFlow's, too
        elif "tensorflow" in sys.modules:
            sys.modules["tensorflow"].random.set_seed(SEED)


def tensorflow_has_drawn() -> bool:
    """Whether TensorFlow's generator is not as ``SEED`` leaves it."""
    from tensorflow.python.eager.context import context

    generator = getattr(context(), "_rng", None)
    return generator is None or generator.getstate() != random.Random(SEED).getstate()


def pytest_collection_finish() -> None:
    """What is imported stays to the end: no collection of garbage looks at it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fixtures draw the same, whichever test asks for them first."""
    if item.path not in _begun and "tensorflow" in sys.modules:
        # The kernels of other files' graphs need not stay.
        sys.modules["tensorflow"].random.set_seed(SEED)
    _begun.add(item.path)
    seed_generators()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test draws the same alone, after others, and after its fixtures."""
    seed_generators()
    yield
    is_unit = item.config.getoption("--tier") == "unit"
    if is_unit and "tensorflow" in sys.modules and not _loaded_tensorflow:
        # Only the first: those after it are not to blame.
        _loaded_tensorflow.append(item.name)
        pytest.fail(
            "A unit test, or what it imports, has loaded TensorFlow. Name its tier in "
            "tests/tiers.py."
        )


def pytest_addoption(parser: pytest.Parser) -> None:
    help_ = "only tests of one tier: what they need (tests/tiers.py)"
    parser.addoption("--tier", choices=TIERS, help=help_)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import the files of other tiers: they may load TensorFlow."""
    tier = config.getoption("--tier")
    if tier is None or not collection_path.name.startswith("test_"):
        return None
    return tier not in tiers_of(collection_path) or None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Mark each test with its tier and its group, and let long ones begin first.

    A group is run by one worker, so that its module's fixtures are made once.
    """
    reason = "SEQKIT_DATA names no folder of real data"
    has_data = Path(os.environ.get("SEQKIT_DATA", "?")).is_dir()
    for item in items:
        if item.get_closest_marker("data") and not has_data:
            item.add_marker(pytest.mark.skip(reason=reason))
        if not any(item.get_closest_marker(tier) for tier in TIERS):
            name = getattr(item, "originalname", item.name)
            item.add_marker(tier_of(item.path, name))
        if not item.get_closest_marker("xdist_group"):
            place = item.path.relative_to(ROOT).as_posix()
            item.add_marker(pytest.mark.xdist_group(place))
    wanted = config.getoption("--tier")
    others = [one for one in items if wanted and not one.get_closest_marker(wanted)]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [one for one in items if one.get_closest_marker(wanted)]
    yield
    # Also of a random order: it shuffles last, within each file and the files.
    items.sort(key=_tier_first)
    if config.getoption("random_order_enabled", False):
        # As pytest does before: tests of one value of a fixture follow each other.
        items[:] = reorder_items(items)


def _tier_first(item: pytest.Item) -> int:
    """What takes longest goes first, so that both workers end together."""
    (tier,) = (tier for tier in TIERS if item.get_closest_marker(tier))
    return -TIERS.index(tier)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data; for tests that are marked ``data``."""
    return Path(os.environ["SEQKIT_DATA"])


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture
def unverified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports are not loaded by a fresh process, for tests of what is written.

    That they are, and that what differs is refused, is seen in tests/export and
    tests/contracts.
    """
    monkeypatch.setattr("seqkit.export.ship.verified", lambda *anything: 0.0)


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


@pytest.fixture(scope="session")
def shared_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Trained tiny runs by task, for tests that only read; made when asked for."""
    from cases.runs import SharedRuns, shared_folder

    runs = SharedRuns(shared_folder(tmp_path_factory))
    yield runs
    assert runs.changed() == [], "a test has written into a run that all share"


@pytest.fixture(scope="session")
def run_of(shared_runs: Any) -> Callable[[str], Any]:
    """The trained tiny run of a task. It is read only: ``copy_of`` gives a copy."""
    import seqkit

    return lambda task: seqkit.load(shared_runs.path(task))


@pytest.fixture(scope="module")
def copy_of(
    shared_runs: Any, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Any]:
    """A copy of a task's trained tiny run, which the tests of a module may write to."""
    import seqkit

    def copy(task: str) -> Any:
        place = tmp_path_factory.mktemp("copied-run") / task
        return seqkit.load(shutil.copytree(shared_runs.path(task), place))

    return copy
