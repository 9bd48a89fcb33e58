"""Where a chief listens: ``HOST:PORT``, ``:PORT``, ``PORT`` or ``unix:/PATH``."""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
import warnings

from seqkit.errors import OpenPortWarning, UsageError

LOOPBACK = "127.0.0.1"
UNIX = "unix"


def parsed_address(text: str) -> tuple[str, int | None]:
    """Read ``HOST:PORT``; the loopback where no host is given.

    >>> parsed_address("5000"), parsed_address("[::1]:5000"), parsed_address("unix:/a")
    (('127.0.0.1', 5000), ('::1', 5000), ('unix:/a', None))

    Returns:
        host and port; for a Unix socket the whole text, and None.

    Raises:
        UsageError: it is none of these.
    """
    if text.startswith(f"{UNIX}:/"):
        return text, None
    host, colon, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    in_brackets = bare != host
    is_port = re.fullmatch(r"[0-9]{1,5}", port) and int(port) <= 65535
    if not is_port or (":" in bare) != in_brackets or re.search(r"[\s/\[\]]", bare):
        raise UsageError(
            f"An address is written HOST:PORT, :PORT or PORT, got {text!r}. Write for "
            f"example {LOOPBACK}:5000, or [::1]:5000 for an IPv6 host."
        )
    return bare or LOOPBACK, int(port)


def written_address(host: str, port: int | None) -> str:
    """The address as gRPC wants it.

    >>> written_address("::1", 5000)
    '[::1]:5000'
    """
    if port is None:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def check_free(host: str, port: int) -> None:
    """See that this process may listen there.

    Raises:
        UsageError: another program does, or the host is not this machine.
    """
    try:
        family, kind, proto, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, proto) as probe:
            # As gRPC does: a port whose last connections fade away is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            probe.listen()
    except OSError as error:
        raise UsageError(_refusal(error, host, port)) from None


def _refusal(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {host} is in use by another program. Choose another port."
        )
    if error.errno == errno.EACCES:
        return (
            f"Port {port} is for the administrator alone. Choose one from 1024 to "
            "65535."
        )
    return (
        f"This machine cannot listen at {host} ({error.strerror or error}). Give one "
        f"of its own addresses, {LOOPBACK} for workers on this machine, or 0.0.0.0 for "
        "all of them."
    )


def warn_if_open(host: str) -> None:
    """Warn where others than this machine can reach the port; it is not protected."""
    try:
        inside = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        warnings.warn(
            f"The chief listens on {host} without any protection: whoever reaches the "
            "port can read the recipe and hand in results. Use a private network, or "
            f"listen on {LOOPBACK} and let workers come through an SSH tunnel.",
            OpenPortWarning,
            stacklevel=2,
        )
