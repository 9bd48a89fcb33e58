"""One verdict: from one process, from two of which one is killed, from a scheduler."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client, Security
from tiny import reviews, write_reviews
from tiny_jobs import until
from tiny_search import outcome, tiny_search

from seqkit.tuning.search import tune

TUNE = ("-m", "seqkit", "tune")
Start = Callable[..., "subprocess.Popen[str]"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A search, as a command line names it."""
    folder = tmp_path_factory.mktemp("files")
    recipe = folder / "tiny.yaml"
    recipe.write_text(tiny_search().to_yaml())
    return [str(recipe), "--data", str(write_reviews(folder / "reviews.csv"))]


@pytest.fixture(scope="module")
def unbroken(words: list[str], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What one process finds."""
    out = tmp_path_factory.mktemp("unbroken") / "out"
    tune(words[0], data=words[2], out=out, progress=False)
    return outcome(out)


def ended(process: subprocess.Popen[str]) -> str:
    _, errors = process.communicate(timeout=900)
    assert process.returncode == 0, errors
    return errors


def test_a_worker_killed_within_a_trial_changes_nothing(
    words: list[str], unbroken: Any, tmp_path: Path, start: Start
) -> None:
    out = tmp_path / "out"
    process = start(*TUNE, *words, "--workers", 2, "--out", out)
    # Four jobs are there from the beginning: once one is done, both workers are busy.
    until(lambda: list(out.glob("trials/*.json")), seconds=300)
    workers = [
        child
        for child in psutil.Process(process.pid).children()
        if "spawn_main" in " ".join(child.cmdline())
    ]
    assert len(workers) == 2
    workers[0].kill()
    ended(process)
    assert outcome(out) == unbroken
    log = (out / "log.txt").read_text()
    assert f"Worker process {workers[0].pid} was killed by signal 9" in log
    until(lambda: not any(worker.is_running() for worker in workers))


def test_weights_and_a_dataframe_travel_to_workers_and_change_nothing(
    tmp_path: Path,
) -> None:
    """Hyperband goes on from the weights of trials that another process trained."""
    settings: dict[str, Any] = {"search": "hyperband", "budget": {"trials": 4}}
    for count in (1, 2):
        tune(
            tiny_search(**settings),
            data=reviews(),
            out=tmp_path / str(count),
            workers=count,
            progress=False,
        )
    assert outcome(tmp_path / "1") == outcome(tmp_path / "2")


def written_certificates(folder: Path) -> dict[str, str]:
    """Certificates as files, and the environment that names them to Dask."""
    security = Security.temporary()
    folder.mkdir()
    (folder / "cert.pem").write_text(security.tls_client_cert)
    (folder / "key.pem").write_text(security.tls_client_key)
    names = {"CA_FILE": "cert"}
    for role in ("CLIENT", "SCHEDULER", "WORKER"):
        names |= {f"{role}__CERT": "cert", f"{role}__KEY": "key"}
    start = "DASK_DISTRIBUTED__COMM__TLS__"
    return {start + key: str(folder / f"{name}.pem") for key, name in names.items()}


def flags(certificates: dict[str, str]) -> list[str]:
    """Those of Dask's own commands."""
    folder = Path(next(iter(certificates.values()))).parent
    cert, key = folder / "cert.pem", folder / "key.pem"
    return [f"--tls-ca-file={cert}", f"--tls-cert={cert}", f"--tls-key={key}"]


@pytest.fixture
def certificates(tmp_path: Path) -> dict[str, str]:
    return written_certificates(tmp_path / "certificates")


@pytest.fixture
def address(tmp_path: Path, certificates: dict[str, str], start: Start) -> str:
    """Of a scheduler and two workers that Dask's own commands start."""
    file = tmp_path / "scheduler.json"
    dask, tls = ("-m", "dask"), flags(certificates)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    here = ("--host", "127.0.0.1", "--no-dashboard")
    where = ("--port", 0, "--scheduler-file", file)
    start(*dask, "scheduler", *tls, *here, *where, **quiet)
    until(lambda: file.is_file() and file.read_text().rstrip().endswith("}"))
    address = str(json.loads(file.read_text())["address"])
    assert address.startswith("tls://127.0.0.1:")
    for number in range(2):
        # Each in a folder of its own: nothing is shared but the network.
        own = tmp_path / f"machine-{number}"
        own.mkdir()
        environment = {**os.environ, "TMPDIR": str(own)}
        more = {"cwd": own, "env": environment, **quiet}
        start(*dask, "worker", address, *tls, *here, "--nthreads", 1, **more)
    return address


def test_a_scheduler_of_dask_gives_the_same_verdict(
    words: list[str],
    unbroken: Any,
    tmp_path: Path,
    start: Start,
    address: str,
    certificates: dict[str, str],
) -> None:
    out = tmp_path / "out"
    environment = {**os.environ, **certificates}
    call = (*TUNE, *words, "--cluster", address, "--out", out)
    assert "Traceback" not in ended(start(*call, env=environment))
    assert outcome(out) == unbroken
    assert list(out.glob("weights")) == []


def test_a_client_without_the_certificates_gets_nothing_accepted(
    words: list[str], tmp_path: Path, start: Start, address: str
) -> None:
    call = (*TUNE, *words, "--out", tmp_path / "out", "--cluster")
    others = {**os.environ, **written_certificates(tmp_path / "others")}
    plain = address.replace("tls://", "tcp://")
    for where, environment, sentence in (
        (address, dict(os.environ), "needs certificates, and Dask's configuration"),
        (address, others, "do not take each other's certificates"),
        (plain, dict(os.environ), "No Dask scheduler answers"),
    ):
        process = start(*call, where, env=environment)
        _, errors = process.communicate(timeout=200)
        assert process.returncode == 2
        assert sentence in errors and "Traceback" not in errors
    assert not (tmp_path / "out").exists()
    # A program that asks for nothing but to run its own code.
    with (
        pytest.raises(OSError),
        Client(
            address, security=Security.temporary(), timeout=10, set_as_default=False
        ) as client,
    ):
        client.submit(os.getpid).result(timeout=10)


def test_a_search_whose_scheduler_dies_says_how_to_go_on(
    words: list[str],
    tmp_path: Path,
    start: Start,
    address: str,
    certificates: dict[str, str],
) -> None:
    out = tmp_path / "out"
    environment = {**os.environ, **certificates}
    process = start(*TUNE, *words, "--cluster", address, "--out", out, env=environment)
    until(lambda: list(out.glob("trials/*.json")), seconds=300)
    for child in psutil.process_iter():
        if str(tmp_path / "scheduler.json") in " ".join(child.cmdline()):
            child.send_signal(signal.SIGKILL)
    _, errors = process.communicate(timeout=200)
    assert process.returncode == 1
    assert f"seqkit tune --resume {out}" in errors and "Traceback" not in errors
