"""What a stranger sends to a search is refused and logged; the search goes on."""

from __future__ import annotations

import json
import logging
import random
import socket
import threading
from pathlib import Path
from typing import Any

import grpc
import pytest
from tiny_jobs import Jobs, Performer, Served, jobs, result_of

from seqkit.tuning.protocol import (
    BYTES,
    KEY,
    KEY_FILE,
    SEARCH,
    key_in,
    packed,
    protocol,
    search_id,
)
from seqkit.tuning.worker import work


class Caller:
    """Speaks the protocol with the metadata that it is given."""

    def __init__(self, served: Served, **metadata: str) -> None:
        address = f"127.0.0.1:{served.address.rpartition(':')[2]}"
        options = (("grpc.max_send_message_length", 4 * BYTES),)
        self.spoken = protocol()
        self.stub = self.spoken.grpc.OracleStub(
            grpc.insecure_channel(address, options=options)
        )
        about = search_id(served.study.about())
        self.metadata = ((SEARCH, about), *metadata.items())

    def call(self, name: str, request: Any) -> Any:
        """The answer, or the status with which it is refused."""
        try:
            return getattr(self.stub, name)(request, timeout=5, metadata=self.metadata)
        except grpc.RpcError as error:
            return error.code().name

    def ask(self, name: str = "stranger") -> Any:
        request = self.spoken.service.CreateTrialRequest(tuner_id=name)
        return self.call("CreateTrial", request)

    def end(self, lease: str, status: Any, text: str | None) -> Any:
        trial = self.spoken.trial(lease, "COMPLETED")
        if isinstance(status, int):
            trial.status = status
        else:
            trial.status = getattr(self.spoken.messages, status)
        if text is not None:
            trial.hyperparameters.values.values["json"].string_value = text
        request = self.spoken.service.EndTrialRequest(trial=trial)
        return self.call("EndTrial", request)


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(Jobs(jobs(4), tmp_path))


def done(served: Served) -> None:
    """A worker does all jobs, as if nothing had been sent."""
    todo = jobs(4)
    thread = threading.Thread(target=work, args=(served.address, Performer))
    thread.start()
    assert served.end() is None
    thread.join(10)
    found = sorted(served.study.results, key=lambda result: result["id"])
    assert found == [result_of(job) for job in todo]


def test_noise_on_the_port_disturbs_nobody(served: Served) -> None:
    port = int(served.address.rpartition(":")[2])
    any_bytes = random.Random(0).randbytes(5000)
    for noise in (b"GET / HTTP/1.1\r\n\r\n", any_bytes, b"", b"\0" * 100_000):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            try:
                line.sendall(noise)
            except OSError:
                # It hung up at once.
                continue
    done(served)


@pytest.mark.parametrize("key", [None, "", "0" * 32])
def test_who_cannot_read_the_folder_is_no_worker(
    served: Served, key: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = Caller(served, **({} if key is None else {KEY: key}))
    with caplog.at_level(logging.WARNING, "seqkit"):
        assert stranger.ask() == "PERMISSION_DENIED"
    assert "Refused what came from" in caplog.text
    error = json.dumps(packed(ValueError("stop")))
    for lease in ("stranger/1/j0", "", "x" * 10_000):
        for status in ("COMPLETED", "FAILED", "INVALID"):
            assert stranger.end(lease, status, error) == "PERMISSION_DENIED"
    done(served)


def test_the_key_is_for_its_owner_alone_and_goes_with_the_chief(
    served: Served, tmp_path: Path
) -> None:
    assert served.address
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert len(key_in(tmp_path)) == 32
    done(served)
    assert key_in(tmp_path) == ""


NONSENSE = [
    "",
    "{",
    "[" * 100_000,
    "null",
    "[]",
    '"done"',
    "1e999",
    "9" * 5000,
    '{"id": "j1", "score": 0.5, "loss": 0}',
    '{"id": "j0", "score": NaN, "loss": 0}',
    '{"id": "../../j0", "score": 0}',
    "{}",
]


def test_nonsense_of_a_worker_is_refused_and_its_job_done_by_another(
    tmp_path: Path,
) -> None:
    served = Served(Jobs(jobs(4), tmp_path), lost_after=1.0)
    assert served.address
    worker = Caller(served, **{KEY: key_in(tmp_path)})
    lease = worker.ask("odd").trial.trial_id
    assert lease.startswith("odd/")
    for text in NONSENSE:
        for status in ("COMPLETED", "FAILED"):
            assert worker.end(lease, status, text) == "INVALID_ARGUMENT", text
    for status in (0, 77):
        assert worker.end(lease, status, "{}") == "INVALID_ARGUMENT"
    # Of a lease that is nobody's there is nothing to check, and nothing is kept.
    right = json.dumps(result_of(jobs(1)[0]))
    for other in ("odd/999/j0", "odd/1", "nobody/1/j0", ""):
        worker.end(other, "COMPLETED", right)
    assert served.study.results == []
    done(served)
    assert served.study.losses == ["j0"]


def test_a_message_that_is_too_large_is_refused(tmp_path: Path) -> None:
    served = Served(Jobs(jobs(4), tmp_path), lost_after=1.0)
    assert served.address
    worker = Caller(served, **{KEY: key_in(tmp_path)})
    lease = worker.ask("odd").trial.trial_id
    large = json.dumps({"id": "j0", "score": "x" * (BYTES + 1000)})
    assert worker.end(lease, "COMPLETED", large) == "RESOURCE_EXHAUSTED"
    done(served)
