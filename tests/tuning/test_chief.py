"""Chief and workers: every job is done once, whoever dies; errors reach the chief."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import tiny_jobs
from tiny_jobs import Jobs, Performer, Served, jobs, performed, result_of, until

from seqkit.errors import DataError, OpenPortWarning, TrainingError, UsageError
from seqkit.recipe.recipe import load_recipe
from seqkit.tuning.address import parsed_address, warn_if_open
from seqkit.tuning.chief import serve
from seqkit.tuning.worker import work


@pytest.fixture
def processes(
    start: Callable[..., subprocess.Popen[str]],
) -> Callable[..., subprocess.Popen[str]]:
    """Start ``tiny_jobs.py``."""
    return partial(start, tiny_jobs.__file__)


def by_id(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(results, key=lambda result: int(result["id"][1:]))


def in_threads(address: str, count: int) -> list[threading.Thread]:
    threads = [
        threading.Thread(target=work, args=(address, Performer)) for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    return threads


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_each_job_is_done_once_and_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    todo = jobs(30)
    served = Served(Jobs(todo, tmp_path))
    workers = in_threads(served.address, 2)
    assert served.end() is None
    for thread in workers:
        thread.join(5)
        assert not thread.is_alive()
    assert by_id(served.study.results) == [result_of(job) for job in todo]
    assert len(performed(tmp_path)) == 30
    assert served.study.losses == []


def test_chief_ends_within_a_second_of_the_last_result(tmp_path: Path) -> None:
    study = Jobs(jobs(2, seconds=0.2), tmp_path)
    served = Served(study)
    in_threads(served.address, 3)
    until(lambda: study.finished)
    began = time.monotonic()
    assert served.end() is None
    assert time.monotonic() - began < 1.5


def test_job_of_a_killed_worker_is_done_by_another(
    tmp_path: Path, processes: Callable[..., subprocess.Popen[str]]
) -> None:
    todo = jobs(8, seconds=0.3)
    served = Served(Jobs(todo, tmp_path), lost_after=1.5)
    workers = [processes("worker", served.address) for _ in range(2)]
    until(lambda: len(set(performed(tmp_path))) == 2)
    workers[0].kill()
    assert served.end() is None
    assert by_id(served.study.results) == [result_of(job) for job in todo]
    assert len(served.study.losses) == 1
    assert len(performed(tmp_path)) == 9
    out, err = workers[1].communicate(timeout=10)
    assert (workers[1].returncode, err) == (0, "")
    # The killed one had begun its first job or one after it.
    assert int(out) + performed(tmp_path).count(workers[0].pid) == 9


def test_worker_that_is_told_to_end_hands_its_job_back_at_once(
    tmp_path: Path, processes: Callable[..., subprocess.Popen[str]]
) -> None:
    # Its silence would be noticed after 15 seconds, and the job takes 60.
    study = Jobs(jobs(1, seconds=60), tmp_path)
    served = Served(study)
    leaving = processes("worker", served.address)
    until(lambda: performed(tmp_path))
    leaving.send_signal(signal.SIGTERM)
    began = time.monotonic()
    until(lambda: study.losses)
    assert time.monotonic() - began < 3
    _, err = leaving.communicate(timeout=10)
    assert leaving.returncode == 1
    assert "The worker was stopped; the chief has its job again." in err
    assert (tmp_path / "closed").exists()
    study.todo[0]["seconds"] = 0
    in_threads(served.address, 1)
    assert served.end() is None
    assert study.results == [result_of(study.todo[0] if study.todo else jobs(1)[0])]


def test_worker_may_come_before_its_chief(tmp_path: Path) -> None:
    port = free_port()
    (early,) = in_threads(str(port), 1)
    time.sleep(0.2)
    served = Served(Jobs(jobs(3), tmp_path), str(port))
    assert served.end() is None
    early.join(5)
    assert not early.is_alive()
    assert len(served.study.results) == 3


def test_worker_waits_in_vain_for_a_chief_that_never_comes() -> None:
    with pytest.raises(UsageError, match=r"No chief answers at .* \(waited 0.3 s\)"):
        work(str(free_port()), Performer, patience=0.3)


def test_worker_ends_with_a_sentence_when_the_chief_is_killed(
    tmp_path: Path, processes: Callable[..., subprocess.Popen[str]]
) -> None:
    port = free_port()
    (tmp_path / "study.json").write_text(json.dumps(jobs(2, seconds=60)))
    killed = processes("chief", port, tmp_path / "study.json")
    worker = processes("worker", port, 0.5)
    until(lambda: performed(tmp_path))
    killed.kill()
    _, err = worker.communicate(timeout=10)
    assert worker.returncode == 1
    assert f"The chief at {port} is gone: no connection for 0.5 s." in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_chief_stopped_by_ctrl_c_tells_its_workers(
    tmp_path: Path, processes: Callable[..., subprocess.Popen[str]]
) -> None:
    port = free_port()
    (tmp_path / "study.json").write_text(json.dumps(jobs(2, seconds=60)))
    stopped = processes("chief", port, tmp_path / "study.json")
    worker = processes("worker", port)
    until(lambda: performed(tmp_path))
    stopped.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, err = stopped.communicate(timeout=10)
    out, said = worker.communicate(timeout=10)
    assert time.monotonic() - began < 5
    assert err.rstrip().endswith("KeyboardInterrupt")
    # The job at hand was left: not one was done, and nothing went wrong.
    assert (worker.returncode, out, said) == (0, "0\n", "")


def test_error_of_a_job_stops_the_search_with_its_sentence(tmp_path: Path) -> None:
    slow, wrong = {"seconds": 0.5}, {"error": "data"}
    study = Jobs([jobs(1, **slow)[0], *jobs(3, **wrong)[1:]], tmp_path)
    served = Served(study)
    (other,) = in_threads(served.address, 1)
    until(lambda: performed(tmp_path))
    with pytest.raises(DataError, match="The data are gone"):
        work(served.address, Performer)
    error = served.end()
    assert type(error) is DataError
    assert str(error) == "The data are gone. Bring them back."
    other.join(5)
    assert not other.is_alive()
    assert len(performed(tmp_path)) == 2


def test_error_that_nobody_expected_shows_its_traceback(tmp_path: Path) -> None:
    served = Served(Jobs([{"id": "j0", "value": 0, "error": "bug"}], tmp_path))
    with pytest.raises(KeyError):
        work(served.address, Performer)
    error = served.end()
    assert type(error) is TrainingError
    assert "A worker failed at j0" in str(error)
    assert 'raise KeyError("no such column")' in str(error)


def test_mistakes_of_a_trials_recipe_reach_the_chief(tmp_path: Path) -> None:
    class Overriding(Performer):
        def perform(self, job: dict[str, Any]) -> dict[str, Any]:
            load_recipe("sample_sentiment", {"model.units": [0], "train.epochs": -1})
            raise AssertionError("the recipe has mistakes")

    served = Served(Jobs(jobs(1), tmp_path))
    with pytest.raises(UsageError) as raised:
        work(served.address, Overriding)
    error = served.end()
    assert type(error) is type(raised.value)
    assert str(error) == str(raised.value)
    assert len(str(error).splitlines()) == 2


def test_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} of 127.0.0.1 is in use"):
            serve(Jobs(jobs(1), tmp_path), str(port))


def test_second_chief_on_a_port_is_refused(tmp_path: Path) -> None:
    served = Served(Jobs(jobs(1), tmp_path))
    with pytest.raises(UsageError, match="in use"):
        serve(Jobs(jobs(1), tmp_path), served.address)
    in_threads(served.address, 1)
    assert served.end() is None


def test_host_that_is_another_machine_is_told(tmp_path: Path) -> None:
    # 192.0.2.0/24 is for documentation: no machine has such an address.
    with pytest.raises(UsageError, match="cannot listen at 192.0.2.1"):
        serve(Jobs(jobs(1), tmp_path), "192.0.2.1:5000")


def test_worker_of_another_version_is_refused(tmp_path: Path) -> None:
    served = Served(Jobs(jobs(1), tmp_path, version="9.9"))
    with pytest.raises(UsageError, match=r"runs seqkit 9\.9, this worker 0"):
        work(served.address, Performer)
    served.study.wanted = 0
    assert served.end() is None


def test_worker_of_another_recipe_is_refused_with_the_difference(
    tmp_path: Path,
) -> None:
    theirs = load_recipe("sample_sentiment", {"data.source": "sample:reviews"})
    served = Served(Jobs(jobs(1), tmp_path, recipe=theirs.to_dict(), name="reviews"))
    other = theirs.with_({"train.epochs": 77, "model.units": [3]})
    with pytest.raises(UsageError) as refused:
        work(served.address, Performer, other)
    text = str(refused.value)
    assert "searches 'reviews' with model.units" in text
    assert "started with [3] (1 more keys differ)" in text
    # Where the data lie on the worker's machine is its own affair.
    elsewhere = theirs.with_({"data.source": "csv:/elsewhere/reviews.csv"})
    assert work(served.address, Performer, elsewhere) == 1
    assert served.end() is None


def test_worker_that_does_not_see_the_searchs_folder_is_refused(
    tmp_path: Path,
) -> None:
    recipe = load_recipe("sample_sentiment")
    elsewhere = tmp_path / "elsewhere"
    served = Served(Jobs(jobs(1), elsewhere, recipe=recipe.to_dict()))
    with pytest.raises(UsageError, match="elsewhere is not on this machine"):
        work(served.address, Performer, recipe)
    served.study.wanted = 0
    assert served.end() is None


def test_worker_of_an_earlier_search_is_sent_away(
    tmp_path: Path, processes: Callable[..., subprocess.Popen[str]]
) -> None:
    port = free_port()
    (tmp_path / "study.json").write_text(json.dumps(jobs(1)))
    first = processes("chief", port, tmp_path / "study.json")
    later: list[Served] = []

    class Slow(Performer):
        """Knows the first search, and asks when another one is there."""

        def __init__(self, about: dict[str, Any]) -> None:
            super().__init__(about)
            first.kill()
            first.wait()
            later.append(Served(Jobs(jobs(1), tmp_path, name="later"), str(port)))
            assert later[0].address

    with pytest.raises(UsageError, match="started anew, with another search"):
        work(str(port), Slow)
    in_threads(str(port), 1)
    assert later[0].end() is None


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("5000", ("127.0.0.1", 5000)),
        (":5000", ("127.0.0.1", 5000)),
        ("localhost:80", ("localhost", 80)),
        ("10.0.0.7:5000", ("10.0.0.7", 5000)),
        ("[::1]:5000", ("::1", 5000)),
        ("unix:/tmp/chief", ("unix:/tmp/chief", None)),
    ],
)
def test_address_is_read(text: str, parsed: tuple[str, int | None]) -> None:
    assert parsed_address(text) == parsed


@pytest.mark.parametrize(
    "text", ["", "host", "host:", "host:port", "::1:5000", "h:65536", "http://h:80"]
)
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="HOST:PORT, :PORT or PORT, got"):
        parsed_address(text)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_needs_no_warning(host: str, recwarn: pytest.WarningsRecorder) -> None:
    warn_if_open(host)
    assert not list(recwarn)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "chief.example"])
def test_open_port_is_warned_of(host: str) -> None:
    with pytest.warns(OpenPortWarning, match="without any protection"):
        warn_if_open(host)


def test_protocol_loads_no_tensorflow_and_leaves_keras_tuner_whole(
    python: Callable[[str], str],
) -> None:
    code = """
import sys
from seqkit.tuning.protocol import protocol
protocol()
print("tensorflow" in sys.modules, "keras" in sys.modules, "keras_tuner" in sys.modules)
"""
    assert python(code) == "False False False"


@pytest.mark.slow
def test_keras_tuner_loads_whole_after_its_protocol(
    python: Callable[[str], str],
) -> None:
    code = """
from seqkit.tuning.protocol import protocol
spoken = protocol()
import keras_tuner
from keras_tuner.src import protos
hyperparameters = keras_tuner.HyperParameters()
hyperparameters.Choice("cell", ["lstm", "gru"])
proto = hyperparameters.to_proto()
print(protos.get_proto() is spoken.messages, proto.values.values["cell"].string_value)
"""
    assert python(code) == "True lstm"
