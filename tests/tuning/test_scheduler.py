"""What is asked of a Dask scheduler before a search uses it, told in sentences."""

from __future__ import annotations

from typing import Any

import dask
import pytest

from seqkit.errors import UsageError
from seqkit.tuning import scheduler
from seqkit.tuning.scheduler import check_address, connected


@pytest.mark.parametrize(
    ("address", "insecure"),
    [
        ("tls://10.0.0.7:8786", False),
        ("tls://cluster.example:8786", False),
        ("tls://[fd00::7]:8786", False),
        ("tcp://127.0.0.1:8786", False),
        ("tcp://[::1]:8786", False),
        ("tcp://localhost:8786", False),
        ("tcp://10.0.0.7:8786", True),
    ],
)
def test_protected_addresses_are_taken(address: str, insecure: bool) -> None:
    check_address(address, insecure)


@pytest.mark.parametrize(
    "host", ["10.0.0.7", "0.0.0.0", "cluster.example", "[fd00::7]"]
)
def test_an_unprotected_address_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match="is not encrypted, and whoever reaches it"):
        check_address(f"tcp://{host}:8786", insecure=False)


@pytest.mark.parametrize(
    "address", ["", "8786", "h:8786", "tls://h", "tls://:8786", "http://h:80", "tls://"]
)
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(UsageError, match=r"A cluster is tls://HOST:PORT, the address"):
        check_address(address, insecure=True)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "needs certificates, and Dask's configuration names none"),
        (
            {"ca-file": "/nowhere/ca.pem", "client.cert": "/nowhere/cert.pem"},
            "certificates in Dask's configuration cannot be read",
        ),
    ],
)
def test_missing_certificates_are_told(settings: dict[str, Any], sentence: str) -> None:
    keys = {f"distributed.comm.tls.{key}": value for key, value in settings.items()}
    with (
        dask.config.set(keys),
        pytest.raises(UsageError, match=sentence),
        connected("tls://127.0.0.1:1"),
    ):
        pass


def test_a_scheduler_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "CONNECT", 0.5)
    with (
        pytest.raises(
            UsageError, match=r"answers at tcp://127.0.0.1:1 \(.+\)\. Start it"
        ),
        connected("tcp://127.0.0.1:1"),
    ):
        pass


def test_a_scheduler_that_says_nothing_is_told_with_how_long_it_was_waited_for() -> (
    None
):
    silent = OSError()
    silent.__cause__ = TimeoutError()
    assert f"(nothing came within {scheduler.CONNECT:g} s)" in scheduler._refusal(
        "tcp://a:1", silent
    )
    silent.__cause__.__cause__ = ConnectionRefusedError("refused")
    assert "(refused)" in scheduler._refusal("tcp://a:1", silent)


def test_other_versions_on_the_cluster_are_told() -> None:
    def versions(seqkit: str | None, python: str = "3.11.2") -> dict[str, Any]:
        packages = {"seqkit": seqkit, "dask": "1", "distributed": "1"}
        return {"packages": packages, "host": {"python": python}}

    same = {"client": versions("1"), "scheduler": versions("1", "3.11.9")}
    scheduler._check_cluster(
        "tls://h:1", {**same, "workers": {"tls://w:2": versions("1")}}
    )
    for other, what in (
        (versions("2"), "the worker tls://w:2 has seqkit 2, this machine 1"),
        (versions(None), "the worker tls://w:2 has seqkit not installed"),
        (versions("1", "3.12.1"), "has Python 3.12, this machine 3.11"),
    ):
        with pytest.raises(UsageError, match=what):
            scheduler._check_cluster(
                "tls://h:1", {**same, "workers": {"tls://w:2": other}}
            )
