"""Jobs on Dask: done once, whoever dies; errors, files and frames reach their place."""

from __future__ import annotations

import pickle
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import psutil
import pytest
import tiny_jobs
from distributed import Client, Security
from tiny_jobs import Jobs, jobs, performed, result_of, until
from tiny_search import tiny_search

from seqkit.errors import DataError, RecipeError, TrainingError
from seqkit.tuning import local_cluster
from seqkit.tuning.cluster import Workers
from seqkit.tuning.job_files import place_files
from seqkit.tuning.local_cluster import started


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Of two processes, which the tests share."""
    out = tmp_path_factory.mktemp("workers")
    with started(2, out, tiny_jobs.nothing) as client:
        yield client


@pytest.fixture
def workers(client: Client, tmp_path: Path) -> Workers:
    return Workers(client, tiny_search(), None, tmp_path, tiny_jobs.perform)


def test_each_job_is_done_once_and_comes_back_to_the_last_bit(
    workers: Workers, tmp_path: Path
) -> None:
    todo = jobs(12, tmp_path, seconds=0.05)
    study = Jobs(todo)
    workers.perform(study)
    assert study.in_order() == [result_of(job) for job in todo]
    assert len(performed(tmp_path)) == 12
    # Processes are used again from job to job, and both are used.
    assert len(set(performed(tmp_path))) == 2


def test_job_of_a_killed_worker_is_done_again(
    workers: Workers, client: Client, tmp_path: Path
) -> None:
    todo = jobs(4, tmp_path, seconds=0.1)
    todo[1]["does"]["dies"] = "once"
    study = Jobs(todo)
    workers.perform(study)
    assert study.in_order() == [result_of(job) for job in todo]
    assert len(performed(tmp_path, "j1")) == 2
    # Another process takes the place of the killed one.
    until(lambda: len(client.processing()) == 2)


@pytest.mark.slow
def test_job_that_kills_three_workers_is_marked_as_failed(
    workers: Workers, tmp_path: Path
) -> None:
    todo = jobs(3, tmp_path)
    todo[0]["does"]["dies"] = "always"
    study = Jobs(todo)
    workers.perform(study)
    lost, *others = study.in_order()
    assert others == [result_of(job) for job in todo[1:]]
    assert (lost["status"], lost["score"], lost["epochs"]) == ("failed", None, 0)
    assert lost["error"].startswith("It ended 3 workers, one after another. Most often")
    assert len(performed(tmp_path, "j0")) == 3


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        ("data", DataError, r"^The data are gone\. Bring them back\.$"),
        ("recipe", RecipeError, "^a:1: k x\na:2: k y$"),
        ("bug", TrainingError, "A worker failed at j0 in a way (.|\n)*no such column"),
    ],
)
def test_error_of_a_job_stops_the_search_with_its_sentence(
    workers: Workers, tmp_path: Path, error: str, kind: type, sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        workers.perform(Jobs(jobs(1, tmp_path, error=error)))


def test_what_cannot_be_a_result_is_not_kept(workers: Workers, tmp_path: Path) -> None:
    study = Jobs(jobs(1, tmp_path, odd=True))
    with pytest.raises(TrainingError, match=r"for j0 cannot be its result: it is not"):
        workers.perform(study)
    assert study.results == []


def test_weights_go_to_a_worker_and_come_back_as_a_whole_folder(
    workers: Workers, tmp_path: Path
) -> None:
    (tmp_path / "weights" / "j9" / "deep").mkdir(parents=True)
    (tmp_path / "weights" / "j9" / "deep" / "epoch").write_bytes(b"weights")
    (job,) = jobs(1, tmp_path)
    workers.perform(Jobs([{**job, "resume": "j9", "keep": True}]))
    came = tmp_path / "weights" / "j0"
    assert (came / "deep" / "epoch").read_bytes() == b"newweights"
    assert sorted(path.name for path in (tmp_path / "weights").iterdir()) == [
        "j0",
        "j9",
    ]


@pytest.mark.parametrize("name", ["../elsewhere", "/etc/elsewhere", "a/../../b"])
def test_a_worker_writes_nowhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(TrainingError, match="left a file outside weights/j0"):
        place_files({"first": b"", name: b""}, tmp_path, "weights/j0")
    assert list(tmp_path.iterdir()) == []


def test_a_dataframe_reaches_the_workers_as_it_was(
    client: Client, tmp_path: Path
) -> None:
    frame = pd.DataFrame(
        {
            "mixed": pd.Series([3, None, "one"], dtype=object),
            "values": [[1.0, 2.0], None, [3.0]],
            "when": pd.date_range("2024-01-01", periods=3, tz="Europe/Paris"),
            "kind": pd.Categorical(["a", "b", "a"]),
            "count": pd.array([3, None, 5], dtype="Int64"),
        }
    )
    workers = Workers(client, tiny_search(), frame, tmp_path, tiny_jobs.perform)
    (job,) = jobs(1, tmp_path)
    workers.perform(Jobs([{**job, "keep": True}]))
    came = pickle.loads((tmp_path / "weights" / "j0" / "frame").read_bytes())
    pd.testing.assert_frame_equal(came, frame)
    assert [type(each) for each in came["mixed"]] == [int, type(None), str]


def test_a_dataframe_that_cannot_travel_is_told(client: Client, tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": [lambda: None]})
    with pytest.raises(DataError, match="cannot be handed to other processes"):
        Workers(client, tiny_search(), frame, tmp_path)


def test_dask_does_not_draw_from_the_generator_of_the_trials(client: Client) -> None:
    assert client.submit(tiny_jobs.is_generator_left_alone, pure=False).result()


def test_no_port_is_open_beyond_the_loopback_or_without_certificates(
    client: Client,
) -> None:
    here = psutil.Process()
    processes = [here, *here.children(recursive=True)]
    open_ports = {
        (line.laddr.ip, line.laddr.port)
        for process in processes
        for line in process.net_connections("tcp")
        if line.status == psutil.CONN_LISTEN
    }
    # A scheduler, two workers, two that watch them; no page of Dask's.
    assert len(open_ports) == 5
    assert {ip for ip, _ in open_ports} == {"127.0.0.1"}
    for _, port in open_ports:
        assert is_refused(port)


def is_refused(port: int) -> bool:
    """Whether a stranger, who has other certificates, is told nothing."""
    stranger = Security.temporary().get_connection_args("client")["ssl_context"]
    stranger.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=20) as line,
            stranger.wrap_socket(line) as wrapped,
        ):
            return wrapped.recv(1) == b""
    except (ssl.SSLError, ConnectionError):
        return True


def test_workers_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_cluster, "cores", lambda: 8)
    for count, threads in ((1, "8"), (3, "2"), (20, "1")):
        environment = local_cluster._environment(count, Path("private"))
        assert environment["TF_NUM_INTRAOP_THREADS"] == threads
        assert environment["OMP_NUM_THREADS"] == threads
        assert environment["TMPDIR"] == "private"


SCRIPT = """
import sys
from pathlib import Path
import tiny_jobs
from seqkit.tuning.cluster import Workers
from seqkit.tuning.local_cluster import started
from tiny_search import tiny_search

# Nothing keeps this script from being run once more by a process that it starts.
out = Path(sys.argv[1])
with started(2, out, tiny_jobs.nothing) as client:
    workers = Workers(client, tiny_search(), None, out, tiny_jobs.perform)
    workers.perform(tiny_jobs.Jobs(tiny_jobs.jobs(2, out, seconds=60)))
"""


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_workers_end_when_their_parent_does(
    tmp_path: Path,
    start: Callable[..., subprocess.Popen[str]],
    number: signal.Signals,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    tests = Path(tiny_jobs.__file__).parent
    monkeypatch.setenv("PYTHONPATH", f"{tests}:{tests.parent}")
    (tmp_path / "script.py").write_text(SCRIPT)
    process = start(tmp_path / "script.py", tmp_path)
    pids = until(lambda: len(performed(tmp_path)) == 2 and performed(tmp_path))
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    until(lambda: all(map(is_gone, pids)), seconds=10)
    # The terminal sees what Ctrl-C leaves in the parent, and nothing of a worker. (Of
    # a killed one, multiprocessing says that it could not tidy its semaphores.)
    if number == signal.SIGKILL:
        assert "Traceback" not in errors and "distributed" not in errors
    else:
        assert errors.rstrip().endswith("KeyboardInterrupt")
        assert errors.count("Traceback") == 1
        assert list(tmp_path.glob("seqkit-tune-*")) == []


def is_gone(pid: int) -> bool:
    """True once a process has ended, even if nobody has asked how."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
