"""The chief's desk: which worker has which job, who fell silent, what came back.

Workers' calls arrive in threads of their own; they leave notes here and wait for
answers. The chief alone, in its main thread, reads the notes and speaks to the study.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from seqkit.tuning.jobs import Job

WAITERS = 100
"""So many calls are held until there is an answer; more are told to ask again."""


@dataclass(frozen=True)
class Lease:
    """One handing out of one job; ``id`` is ``WORKER/NUMBER/JOB``."""

    id: str
    worker: str
    job: Job


@dataclass(frozen=True)
class Outcome:
    """What a worker says of its job: COMPLETED with a result, FAILED with an error."""

    lease: Lease
    status: str
    plain: Any


@dataclass(frozen=True)
class Loss:
    """A worker that is gone, with the job that it had; None: it died without one.

    ``how`` it went is None where it handed its job back, which is nobody's fault.
    """

    job: Job | None
    how: str | None


@dataclass
class _Worker:
    heard: float
    lease: Lease | None = None
    asking: int = 0
    told: bool = False


@dataclass
class Desk:
    """Notes between the workers' threads and the chief's.

    Args:
        lost_after: seconds of silence after which a worker is gone.
        clock: gives seconds.
    """

    lost_after: float = 15.0
    clock: Callable[[], float] = time.monotonic
    stopping: bool = False
    _workers: dict[str, _Worker] = field(default_factory=dict)
    _outcomes: list[Outcome] = field(default_factory=list)
    _losses: list[Loss] = field(default_factory=list)
    _looked: float | None = None
    _leases: int = 0
    _waiters: int = 0
    _news: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition)

    # What the workers' threads call.

    def ask(self, name: str, seconds: float) -> Lease | None:
        """A job for a worker that has none; None: ask again, or ``stopping``.

        A worker that asks although it has a job did not get the answer: it gets the
        same job again.
        """
        with self._changed:
            worker = self._heard(name)
            worker.asking += 1
            self._note()
            self._hold(lambda: worker.lease is not None, seconds)
            worker.asking -= 1
            if self.stopping:
                self._tell(name)
                return None
            return worker.lease

    def beat(self, name: str, seconds: float) -> None:
        """Hear that a worker lives; return after ``seconds``, or once ``stopping``."""
        with self._changed:
            self._heard(name)
            self._hold(lambda: False, seconds)
            if self.stopping:
                self._tell(name)

    def job_of(self, lease_id: str) -> Job | None:
        """The job that was lent under this id, as long as it is; else None."""
        with self._changed:
            worker = self._workers.get(lease_id.partition("/")[0])
            lease = worker.lease if worker else None
            return lease.job if lease and lease.id == lease_id else None

    def end(self, lease_id: str, status: str, plain: Any) -> None:
        """Take what came of a job; of a job that is another's by now, nothing.

        INVALID: the worker leaves, and hands back the job that it has. It says so under
        its name if it knows of none.
        """
        name = lease_id.partition("/")[0]
        with self._changed:
            worker = self._workers.get(name)
            lease = worker.lease if worker else None
            if worker and status == "INVALID" and lease_id == name:
                self._lose(name, None)
            elif worker and lease and lease.id == lease_id:
                if status == "INVALID":
                    self._lose(name, None)
                elif status == "COMPLETED":
                    worker.heard, worker.lease = self.clock(), None
                    self._outcomes.append(Outcome(lease, status, plain))
                else:
                    # A worker ends with the error that its job ended in.
                    del self._workers[name]
                    self._outcomes.append(Outcome(lease, status, plain))
            self._note()

    # What the chief's thread calls.

    def wait(self, seconds: float) -> None:
        """Sleep until a worker says something, at most ``seconds``."""
        with self._changed:
            self._changed.wait_for(lambda: self._news, seconds)
            self._news = False

    def outcomes(self) -> list[Outcome]:
        """What has come since the last time."""
        with self._changed:
            outcomes, self._outcomes = self._outcomes, []
            return outcomes

    def losses(self) -> list[Loss]:
        """Who has gone since the last time; to be asked several times a second."""
        with self._changed:
            now = self.clock()
            away = 0.0 if self._looked is None else now - self._looked
            self._looked = now
            for name, worker in list(self._workers.items()):
                if away > self.lost_after / 5:
                    # The chief was stopped or busy itself, and could hear nobody.
                    worker.heard = min(now, worker.heard + away)
                if now - worker.heard > self.lost_after:
                    self._lose(name, f"did not answer for {self.lost_after:g} seconds")
            losses, self._losses = self._losses, []
            return losses

    def bury(self, name: str, how: str) -> None:
        """A worker is known to be dead, whether it ever said a word or not."""
        with self._changed:
            if self._heard(name).lease is None:
                self._losses.append(Loss(None, how))
            self._lose(name, how)

    def idle(self) -> list[str]:
        """Workers that wait for a job at this moment."""
        with self._changed:
            return [
                name
                for name, worker in self._workers.items()
                if worker.asking and worker.lease is None
            ]

    def give(self, name: str, job: Job) -> None:
        """Hand a job to a worker that waits."""
        with self._changed:
            self._leases += 1
            lease = Lease(f"{name}/{self._leases}/{job['id']}", name, job)
            self._heard(name).lease = lease
            self._changed.notify_all()

    def stop(self, seconds: float) -> None:
        """Tell every worker that the search is over; wait for that ``seconds``."""
        with self._changed:
            self.stopping = True
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: all(worker.told for worker in self._workers.values()), seconds
            )

    def _heard(self, name: str) -> _Worker:
        worker = self._workers.setdefault(name, _Worker(0.0))
        worker.heard = self.clock()
        return worker

    def _hold(self, answered: Callable[[], bool], seconds: float) -> None:
        if self._waiters >= WAITERS:
            return
        self._waiters += 1
        self._changed.wait_for(lambda: self.stopping or answered(), seconds)
        self._waiters -= 1

    def _tell(self, name: str) -> None:
        self._heard(name).told = True
        self._changed.notify_all()

    def _lose(self, name: str, how: str | None) -> None:
        lease = self._workers.pop(name).lease
        if lease is not None:
            self._losses.append(Loss(lease.job, how))

    def _note(self) -> None:
        self._news = True
        self._changed.notify_all()
