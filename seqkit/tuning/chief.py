"""The chief of a search: hands its jobs to workers, here or on other machines.

Keras Tuner's chief waits for ever for a worker that was killed, and looks every 20
seconds whether it may end. This one speaks the same protocol, but lends each job: what
a worker falls silent over is handed out again.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hmac import compare_digest
from pathlib import Path
from typing import Any, Protocol

from seqkit.errors import TrainingError, UsageError
from seqkit.tuning.address import (
    check_free,
    parsed_address,
    warn_if_open,
    written_address,
)
from seqkit.tuning.checked import is_packed
from seqkit.tuning.desk import WAITERS, Desk, Loss
from seqkit.tuning.jobs import Job
from seqkit.tuning.protocol import (
    KEY,
    KEY_FILE,
    SEARCH,
    SERVER,
    new_key,
    protocol,
    search_id,
    unpacked,
)

DEATHS = 3
"""A job that has ended so many workers is not handed out again."""

REFUSALS = 20
"""So many kinds of refused messages are logged, each once."""

log = logging.getLogger("seqkit")

HELD = 2.0
"""Seconds for which a call is held at most until there is an answer."""


class Jobs(Protocol):
    """What a chief serves: a Study."""

    @property
    def finished(self) -> bool:
        """True once every job has its result."""

    def next(self) -> Job | None:
        """A job to do; None: nothing right now."""

    def done(self, result: Any, /) -> None:
        """Take the result of a job."""

    def lost(self, job_id: str, /) -> None:
        """Put a job back; it will be handed out again."""

    def about(self) -> dict[str, Any]:
        """What a worker needs to know, as JSON can hold it."""

    def fault(self, job: Job, result: Any, /) -> str | None:
        """Why this cannot be a job's result; None: it can. Asked in any thread."""


def serve(
    study: Jobs,
    address: str,
    alive: Callable[[], Mapping[str, str] | None] = lambda: None,
    *,
    lost_after: float = 15.0,
    listening: Callable[[str], None] = lambda address: None,
) -> None:
    """Hand out a study's jobs until it is finished; then tell the workers to stop.

    The study is asked and told in this thread alone. It ends within about a second
    after the study is finished, also by an error or Ctrl-C: every worker that can be
    reached is told to stop first.

    Args:
        study: gives the jobs and takes their results.
        address: ``HOST:PORT``, ``PORT`` (loopback; 0: any that is free), or
            ``unix:/PATH``.
        alive: called several times a second; gives workers that are known to be dead,
            with how they ended (``was killed by SIGKILL``).
        lost_after: seconds of silence after which a worker counts as dead.
        listening: is told the address once workers may come.

    Raises:
        UsageError: the address cannot be used.
        TrainingError: a job ended three workers, or a worker failed unexpectedly.
        SeqkitError: what a worker's job ended in.
    """
    desk = Desk(lost_after)
    with _served(desk, study, address) as bound:
        listening(bound)
        deaths: Counter[str | None] = Counter()
        while not study.finished:
            for worker, how in (alive() or {}).items():
                desk.bury(worker, how)
            _take_outcomes(desk, study, deaths)
            for loss in desk.losses():
                _take_loss(loss, study, deaths)
            _hand_out(desk, study)
            if not study.finished:
                desk.wait(0.1)


def _take_outcomes(desk: Desk, study: Jobs, deaths: Counter[str | None]) -> None:
    for outcome in desk.outcomes():
        if outcome.status != "COMPLETED":
            raise unpacked(outcome.plain, outcome.lease.job["id"])
        del deaths[None]
        study.done(outcome.plain)


def _take_loss(loss: Loss, study: Jobs, deaths: Counter[str | None]) -> None:
    """Put the job back, unless it is the job that ends its workers."""
    id = loss.job["id"] if loss.job else None
    if id is not None:
        study.lost(id)
    if loss.how is None:
        return
    deaths[id] += 1
    if deaths[id] < DEATHS:
        return
    what = f"{id} ended its worker" if id else "Workers ended before they had a job,"
    raise TrainingError(
        f"{what} {DEATHS} times; the last one {loss.how}. Most often memory has run "
        "out: take fewer workers or a smaller train.batch_size. The workers' logs may "
        "tell more."
    )


def _hand_out(desk: Desk, study: Jobs) -> None:
    for worker in desk.idle():
        job = study.next()
        if job is None:
            return
        desk.give(worker, job)


@contextmanager
def _served(desk: Desk, study: Jobs, address: str) -> Iterator[str]:
    """Answer workers' calls; at the end tell them to stop. Gives the bound address."""
    spoken = protocol()
    import grpc

    host, port = parsed_address(address)
    if port is not None:
        check_free(host, port)
        warn_if_open(host)
    # Each worker has one call that is held, and now and then another one.
    with ThreadPoolExecutor(2 * WAITERS) as threads:
        server = grpc.server(threads, options=SERVER)
        folder = Path(study.about()["out"])
        servicer = _servicer(desk, study, new_key(folder))
        spoken.grpc.add_OracleServicer_to_server(servicer, server)
        try:
            bound = server.add_insecure_port(written_address(host, port))
        except RuntimeError:
            raise UsageError(
                f"{address} cannot be listened at. Choose another address."
            ) from None
        server.start()
        try:
            yield written_address(host, None if port is None else bound)
        finally:
            desk.stop(1.0)
            server.stop(0.3).wait()
            (folder / KEY_FILE).unlink(missing_ok=True)


def _servicer(desk: Desk, study: Jobs, key: str) -> Any:
    """Keras Tuner's service, answered from the desk."""
    spoken = protocol()
    import grpc

    about, service, code = study.about(), spoken.service, grpc.StatusCode
    search = search_id(about)
    every = min(HELD, desk.lost_after / 6)
    refusals = Counter[str]()

    def refuse(context: Any, status: Any, text: str) -> None:
        refusals[text] += 1
        if len(refusals) <= REFUSALS and refusals[text] == 1:
            log.warning("Refused what came from %s: %s", context.peer(), text)
        context.abort(status, text)

    def check(context: Any) -> None:
        metadata = dict(context.invocation_metadata())
        if metadata.get(SEARCH) != search:
            refuse(
                context,
                code.FAILED_PRECONDITION,
                "The chief was started anew, with another search. Start this worker "
                "anew as well.",
            )
        if not compare_digest(str(metadata.get(KEY, "")).encode(), key.encode()):
            refuse(
                context,
                code.PERMISSION_DENIED,
                "The chief takes only workers that can read the search's folder. Start "
                "this worker where it is seen under the same path.",
            )

    def said(trial: Any, context: Any) -> Any:
        try:
            return spoken.said(trial.hyperparameters)
        except (ValueError, RecursionError):
            return refuse(context, code.INVALID_ARGUMENT, "It is no JSON.")

    def status_of(trial: Any, context: Any) -> str:
        known = ("COMPLETED", "FAILED", "INVALID")
        try:
            status = spoken.status(trial)
        except ValueError:
            status = ""
        if status not in known:
            refuse(context, code.INVALID_ARGUMENT, "A job ends in no such way.")
        return status

    class Servicer(spoken.grpc.OracleServicer):  # type: ignore[name-defined]
        def GetSpace(self, request: Any, context: Any) -> Any:
            response = service.GetSpaceResponse()
            spoken.say(response.hyperparameters, {"about": about, "every": every})
            return response

        def CreateTrial(self, request: Any, context: Any) -> Any:
            check(context)
            lease = desk.ask(request.tuner_id, every)
            if lease is not None:
                trial = spoken.trial(lease.id, "RUNNING", lease.job)
            else:
                trial = spoken.trial("", "STOPPED" if desk.stopping else "IDLE")
            return service.CreateTrialResponse(trial=trial)

        def GetTrial(self, request: Any, context: Any) -> Any:
            check(context)
            desk.beat(request.trial_id, every)
            status = "STOPPED" if desk.stopping else "RUNNING"
            return service.GetTrialResponse(trial=spoken.trial("", status))

        def EndTrial(self, request: Any, context: Any) -> Any:
            check(context)
            trial = request.trial
            status, job = status_of(trial, context), desk.job_of(trial.trial_id)
            plain = None
            if job is not None and status != "INVALID":
                plain = said(trial, context)
                if status == "COMPLETED":
                    fault = study.fault(job, plain)
                else:
                    fault = None if is_packed(plain) else "it is no error"
                if fault:
                    refuse(
                        context,
                        code.INVALID_ARGUMENT,
                        f"The chief cannot take this as what came of {job['id']}: "
                        f"{fault}. Start all workers with the same seqkit.",
                    )
            desk.end(trial.trial_id, status, plain)
            return service.EndTrialResponse()

    return Servicer()
