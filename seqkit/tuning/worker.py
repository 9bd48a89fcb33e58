"""A worker: asks the chief for jobs and does them, one after another."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from seqkit.errors import Interrupted, SeqkitError, TrainingError, UsageError
from seqkit.recipe.nodes import shown
from seqkit.tuning.jobs import Job, Result, Speed
from seqkit.tuning.line import Line
from seqkit.version import __version__

if TYPE_CHECKING:
    from seqkit.recipe.recipe import Recipe

LEAVING = 5.0
"""Seconds that a job has to make way once the search is over or the chief gone."""

OWN_KEYS = ("data.source", "data.data_dir", "description")
"""Keys that may differ from the chief's: where the data lie on this machine, and what
a recipe says of its own data, as ``reference`` does."""


class Performing(Protocol):
    """What does the jobs: a Performer."""

    def perform(self, job: Job, /) -> Result | Speed:
        """Do a job; gives its result."""

    def close(self) -> None:
        """Let go of everything."""


def work(
    address: str,
    performer_of: Callable[[dict[str, Any]], Performing],
    recipe: Recipe | None = None,
    *,
    name: str | None = None,
    patience: float = 60.0,
    gone_after: float = 10.0,
) -> int:
    """Do the jobs of the chief at ``address`` until it says that the search is over.

    The chief hears every 2 seconds that this worker lives, whatever it does. Call it in
    a process's main thread: then the job at hand is left when the search ends early,
    when the chief is gone, and at SIGTERM or Ctrl-C, which hand it back at once. (A
    process whose job does not make way within 5 seconds is ended.) In another thread
    the job is brought to its end first.

    Args:
        address: ``HOST:PORT`` or ``unix:/PATH``.
        performer_of: what does the jobs, made from what the chief says of the search.
        recipe: what this worker was started for; refused if the chief searches another
            one. Where the data lie may differ.
        name: this worker's name for the chief; None: one that nobody else has.
        patience: seconds to wait for a chief that is not there yet.
        gone_after: seconds without a connection after which the chief is gone.

    Returns:
        How many jobs this worker has done.

    Raises:
        UsageError: no chief is there, it runs another seqkit, searches something else,
            or its folder is not on this machine.
        TrainingError: the chief is gone.
        Interrupted: SIGTERM or Ctrl-C.
        SeqkitError: what a job ended in; the chief knows it too.
    """
    with closing(Line(address, name or _own_name(), gone_after)) as line:
        about = line.about(patience)
        check_about(about, recipe)
        pulse = _Pulse(line)
        try:
            with pulse:
                with pulse.busy():
                    performer = performer_of(about)
                with closing(performer):
                    _work(pulse, performer)
        except _Leave:
            if pulse.reason is None:
                line.leave(pulse.lease)
                raise Interrupted(
                    "The worker was stopped; the chief has its job again."
                ) from None
        except TrainingError:
            # The chief said so to the pulse, and was gone when the job came to its end.
            if pulse.reason != "over":
                raise
        if pulse.error is not None:
            raise pulse.error
        return pulse.done


def check_about(about: Mapping[str, Any], recipe: Recipe | None) -> None:
    """See that the chief runs this seqkit, searches this recipe, and shares its folder.

    Raises:
        UsageError: it does not; the text names the difference.
    """
    if about["version"] != __version__:
        raise UsageError(
            f"The chief runs seqkit {about['version']}, this worker {__version__}. "
            "Install the same version on both."
        )
    if recipe is None:
        return
    if not Path(about["out"]).is_dir():
        raise UsageError(
            f"The search's folder {about['out']} is not on this machine. Chief and "
            "workers must see it under the same path: start the chief with --out and "
            "a folder that they share."
        )
    theirs, own = (_flat(r) for r in (about["recipe"], recipe.to_dict()))
    keys = [
        key
        for key in [*theirs, *own]
        if key not in OWN_KEYS and not key.startswith("reference")
    ]
    differing = [key for key in dict.fromkeys(keys) if theirs.get(key) != own.get(key)]
    if differing:
        key = differing[0]
        more = f" ({len(differing) - 1} more keys differ)" if differing[1:] else ""
        raise UsageError(
            f"The chief searches {about['name']!r} with {key} "
            f"{shown(theirs.get(key))}, this worker was started with "
            f"{shown(own.get(key))}{more}. Start both with the same recipe and the "
            "same overrides."
        )


def _work(pulse: _Pulse, performer: Performing) -> None:
    while pulse.reason is None:
        status, pulse.lease, job = pulse.line.ask()
        if status == "STOPPED":
            return
        if status != "RUNNING":
            # The chief holds the call for a while, unless very many workers wait.
            time.sleep(0.2)
            continue
        try:
            with pulse.busy():
                result = performer.perform(job)
        except Exception as error:
            trace = "" if isinstance(error, SeqkitError) else traceback.format_exc()
            # The chief answers by ending the search; this error is to be seen here.
            pulse.leave()
            pulse.line.failed(pulse.lease, error, trace)
            raise
        pulse.line.result(pulse.lease, result)
        pulse.lease = None
        pulse.done += 1


class _Leave(BaseException):
    """Raised in the main thread, wherever it is, to leave the job at hand."""


class _Pulse:
    """Tells the chief that this worker lives, and makes it leave when it shall.

    ``reason`` is why it leaves: ``over`` or ``gone``; None: it does not, or was told so
    by a signal from outside. ``error`` is then what to raise.
    """

    def __init__(self, line: Line) -> None:
        self.line = line
        self.lease: str | None = None
        self.done = 0
        self.reason: str | None = None
        self.error: SeqkitError | None = None
        self._busy = self._leaving = False
        self._left = threading.Event()
        # So that no signal is sent to a main thread that handles it no more.
        self._lock = threading.Lock()
        self._main = threading.current_thread() is threading.main_thread()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> _Pulse:
        numbers = (signal.SIGINT, signal.SIGTERM) if self._main else ()
        self._handlers = {n: signal.signal(n, self._on_signal) for n in numbers}
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        try:
            self.leave()
        finally:
            self._left.set()
            for number, handler in self._handlers.items():
                signal.signal(number, handler)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """What the main thread may be called away from; else it learns by itself."""
        with self._lock:
            self._busy = True
        try:
            yield
        finally:
            with self._lock:
                self._busy = False

    def leave(self) -> None:
        """Beat no more; from now on no signal has a meaning."""
        with self._lock:
            self._leaving = True

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # Once is enough: nothing may break into the leaving itself.
        if not self._leaving:
            self._leaving = True
            raise _Leave

    def _beat(self) -> None:
        import grpc

        while not self._leaving:
            began = time.monotonic()
            try:
                if self.line.beat() == "STOPPED":
                    return self._make_leave("over", None)
            except SeqkitError as error:
                return self._make_leave("gone", error)
            except (grpc.RpcError, ValueError):
                # The line was closed, as it is when the work is over.
                if self._leaving:
                    return None
                raise
            self._left.wait(max(0.0, began + self.line.every - time.monotonic()))
        return None

    def _make_leave(self, reason: str, error: SeqkitError | None) -> None:
        with self._lock:
            if self._leaving:
                return
            self.reason, self.error, self.line.over = reason, error, True
            if not self._main:
                return
            if self._busy:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
        if not self._left.wait(LEAVING):
            print(f"seqkit: {error or 'The search is over.'}", file=sys.stderr)
            sys.stderr.flush()
            os._exit(error.exit_status if error else 0)


def _own_name() -> str:
    host = socket.gethostname().replace("/", "-")
    return f"{host}-{os.getpid()}-{uuid.uuid4().hex[:6]}"


def _flat(tree: Any, path: str = "") -> dict[str, Any]:
    """A tree's leaves by their dotted paths."""
    if not isinstance(tree, dict) or not tree:
        return {path: tree}
    return {
        key: value
        for name, branch in tree.items()
        for key, value in _flat(branch, f"{path}.{name}" if path else name).items()
    }
