"""A Dask scheduler that was started by others: its address, certificates, versions."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import dask
from distributed import Client, Security
from distributed.comm.addressing import parse_host_port
from distributed.versions import VersionMismatchWarning

from seqkit.errors import UsageError
from seqkit.tuning.cluster import LARGE

CONNECT = 20.0
"""Seconds to wait for a scheduler."""
PATIENCE = 60.0
"""Seconds to wait for the first worker of a scheduler."""
CLUSTER = "docs/tune_cluster.md shows how."


@contextmanager
def connected(address: str, insecure: bool = False) -> Iterator[Client]:
    """Connect to a Dask scheduler that has at least one worker.

    Certificates are those of Dask's configuration, ``distributed.comm.tls``.

    Args:
        address: ``tls://HOST:PORT``; ``tcp://`` on the loopback, or if ``insecure``.

    Raises:
        UsageError: the address, the certificates, the versions are wrong; nobody is
            there, or has workers.
    """
    check_address(address, insecure)
    with dask.config.set(LARGE), _client(address) as client, client.as_current():
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise UsageError(
                f"The scheduler at {address} has no workers (waited {PATIENCE:g} s). "
                f"Start some: dask worker {address}; {CLUSTER}"
            ) from None
        _check_cluster(address, client.get_versions(packages=["seqkit"]))
        yield client


def check_address(address: str, insecure: bool) -> None:
    """See that an address is one, and leads over protected lines.

    Raises:
        UsageError: it is none, or unprotected.
    """
    scheme, separator, place = address.partition("://")
    try:
        host, port = parse_host_port(place)
    except ValueError:
        host, port = "", None
    if scheme not in ("tls", "tcp") or not separator or not host or not port:
        raise UsageError(
            f"A cluster is tls://HOST:PORT, the address of a Dask scheduler, got "
            f"{address!r}. {CLUSTER}"
        )
    if scheme == "tcp" and not insecure and not _is_loopback(host):
        raise UsageError(
            f"{address} is not encrypted, and whoever reaches it can run any code on "
            f"its workers. Give the scheduler certificates and write tls://{place}, "
            f"or say --insecure. {CLUSTER}"
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _client(address: str) -> Client:
    try:
        security = Security()
        tls = security.get_connection_args("client")["ssl_context"]
    except OSError as error:
        raise UsageError(
            f"The certificates in Dask's configuration cannot be read ({error}): see "
            f"distributed.comm.tls.client and ca-file. {CLUSTER}"
        ) from None
    if address.startswith("tls") and tls is None:
        raise UsageError(
            f"{address} needs certificates, and Dask's configuration names none: set "
            "distributed.comm.tls.ca-file, client.cert and client.key. "
            f"{CLUSTER}"
        )
    try:
        with warnings.catch_warnings():
            # They are compared in a moment.
            warnings.simplefilter("ignore", VersionMismatchWarning)
            return Client(
                address, security=security, timeout=CONNECT, set_as_default=False
            )
    except (OSError, ValueError) as error:
        raise UsageError(_refusal(address, error)) from None


def _refusal(address: str, error: BaseException) -> str:
    """Why a scheduler does not answer."""
    causes = [error]
    while causes[-1].__cause__ is not None:
        causes.append(causes[-1].__cause__)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return (
            f"The scheduler at {address} and this machine do not take each other's "
            "certificates: both must be signed by the same authority "
            f"(distributed.comm.tls.ca-file). {CLUSTER}"
        )
    # A timeout says nothing of itself.
    reasons = [str(cause) for cause in causes if str(cause)]
    reason = reasons[-1] if reasons else f"nothing came within {CONNECT:g} s"
    return (
        f"No Dask scheduler answers at {address} ({reason}). Start it: dask "
        f"scheduler; {CLUSTER}"
    )


def _check_cluster(address: str, versions: Any) -> None:
    """See that scheduler and workers have this process's seqkit, Dask and Python."""
    own = _compared(versions["client"])
    others = {"scheduler": versions["scheduler"], **versions["workers"]}
    for name, theirs in others.items():
        for package, version in _compared(theirs).items():
            if version != own[package]:
                raise UsageError(
                    f"At {address} the {'worker ' if '://' in name else ''}{name} has "
                    f"{package} {version or 'not installed'}, this machine "
                    f"{own[package]}. Install the same versions on all machines."
                )


def _compared(versions: Any) -> dict[str, str | None]:
    packages, python = versions["packages"], versions["host"]["python"]
    names = ("seqkit", "dask", "distributed")
    return {
        "Python": ".".join(str(python).split(".")[:2]),
        **{name: packages.get(name) for name in names},
    }
