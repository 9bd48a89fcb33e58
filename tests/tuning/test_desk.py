"""What the chief knows of its workers, by a clock that the tests set."""

from __future__ import annotations

from typing import Any

from seqkit.tuning.desk import Desk, Loss

JOB = {"id": "j1"}
OTHER = {"id": "j2"}


class Clock:
    """Gives the seconds that it is set to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def desk() -> tuple[Desk, Clock]:
    clock = Clock()
    return Desk(lost_after=15.0, clock=clock), clock


def handed(desk: Desk, worker: str, job: dict[str, Any]) -> str:
    """Give a worker a job as it asks; the lease."""
    desk.beat(worker, 0)
    desk.give(worker, job)
    lease = desk.ask(worker, 0)
    assert lease is not None
    assert lease.job == job
    return lease.id


def losses(table: Desk, clock: Clock, seconds: int) -> list[Loss]:
    """Who goes while seconds pass and the chief looks every second."""
    found = table.losses()
    for _ in range(seconds):
        clock.now += 1
        found += table.losses()
    return found


def test_silent_workers_job_is_lost_once() -> None:
    table, clock = desk()
    handed(table, "w1", JOB)
    assert losses(table, clock, 15) == []
    assert losses(table, clock, 30) == [Loss(JOB, "did not answer for 15 seconds")]


def test_chief_that_was_stopped_itself_blames_nobody() -> None:
    table, clock = desk()
    handed(table, "w1", JOB)
    assert losses(table, clock, 5) == []
    clock.now += 3600
    # The 5 seconds of silence before count on.
    assert losses(table, clock, 10) == []
    assert losses(table, clock, 1) == [Loss(JOB, "did not answer for 15 seconds")]


def test_beats_keep_a_job() -> None:
    table, clock = desk()
    handed(table, "w1", JOB)
    for _ in range(10):
        assert losses(table, clock, 14) == []
        table.beat("w1", 0)


def test_silence_without_a_job_is_no_loss() -> None:
    table, clock = desk()
    table.beat("w1", 0)
    assert losses(table, clock, 60) == []


def test_late_result_of_a_lost_job_is_ignored() -> None:
    table, clock = desk()
    late = handed(table, "w1", JOB)
    assert losses(table, clock, 20)
    again = handed(table, "w2", JOB)
    table.end(late, "COMPLETED", {"id": "j1", "from": "w1"})
    assert table.outcomes() == []
    table.end(again, "COMPLETED", {"id": "j1", "from": "w2"})
    table.end(again, "COMPLETED", {"id": "j1", "from": "w2"})
    assert [outcome.plain["from"] for outcome in table.outcomes()] == ["w2"]


def test_late_result_is_ignored_also_when_its_worker_has_another_job() -> None:
    table, clock = desk()
    late = handed(table, "w1", JOB)
    assert losses(table, clock, 20)
    handed(table, "w1", OTHER)
    table.end(late, "COMPLETED", {"id": "j1"})
    assert table.outcomes() == []


def test_worker_that_asks_again_gets_the_same_job() -> None:
    table, _ = desk()
    lease = handed(table, "w1", JOB)
    again = table.ask("w1", 0)
    assert again is not None
    assert again.id == lease


def test_job_that_is_handed_back_is_nobodys_fault() -> None:
    table, _ = desk()
    lease = handed(table, "w1", JOB)
    table.end(lease, "INVALID", None)
    assert table.losses() == [Loss(JOB, None)]


def test_worker_that_leaves_under_its_name_hands_its_job_back_too() -> None:
    # The answer that held its job never reached it.
    table, _ = desk()
    handed(table, "w1", JOB)
    table.end("w1", "INVALID", None)
    assert table.losses() == [Loss(JOB, None)]


def test_dead_worker_is_lost_with_its_job_or_without() -> None:
    table, _ = desk()
    handed(table, "w1", JOB)
    table.bury("w1", "was killed by SIGKILL")
    table.bury("w2", "ended with exit status 1")
    assert table.losses() == [
        Loss(JOB, "was killed by SIGKILL"),
        Loss(None, "ended with exit status 1"),
    ]


def test_stopping_desk_gives_no_jobs() -> None:
    table, _ = desk()
    handed(table, "w1", JOB)
    table.stop(0)
    assert table.ask("w1", 0) is None
    assert table.stopping
