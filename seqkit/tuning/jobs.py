"""What a search and its workers hand to each other: jobs and results, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

if TYPE_CHECKING:
    from seqkit.training.checkpoints import History


class Job(TypedDict):
    """What a worker is to do."""

    id: str
    """``ARM-NNN`` for a trial, ``ARM-seedN`` for a final."""
    kind: Literal["trial", "final", "speed"]
    arm: str
    number: int
    """Of the trial within its arm, from 1; of a final its seed."""
    overrides: dict[str, Any]
    """What it changes in the recipe of the search."""
    match: dict[str, Any] | None
    """Overrides of the competitor whose number of parameters is to be met."""
    epochs: int | None
    """The epoch to train to; None: ``train.epochs``."""
    planned_epochs: int | None
    """In place of ``train.epochs``, for schedules; None: these."""
    resume: str | None
    """The trial whose weights it goes on from."""
    keep: bool
    """Whether its weights are kept for another trial to go on from."""
    median: list[float] | None
    """For each epoch the best validation loss that a hopeful trial is not above."""
    decodings: NotRequired[list[dict[str, Any]]]
    """Overrides of ``decode`` under which a trial is scored; its result has the best.
    """
    generation: NotRequired[int]
    rivals: NotRequired[dict[str, dict[str, Any]]]
    """Whose training steps are to be measured, with what each changes."""


def new_job(
    id: str,
    kind: Literal["trial", "final", "speed"],
    arm: str,
    number: int,
    overrides: dict[str, Any],
    *,
    match: dict[str, Any] | None = None,
    epochs: int | None = None,
    planned_epochs: int | None = None,
    resume: str | None = None,
    keep: bool = False,
    median: list[float] | None = None,
    decodings: list[dict[str, Any]] | None = None,
    rivals: dict[str, dict[str, Any]] | None = None,
) -> Job:
    """A Job; without more it is to train whole, from the beginning."""
    job: Job = {
        "id": id,
        "kind": kind,
        "arm": arm,
        "number": number,
        "overrides": overrides,
        "match": match,
        "epochs": epochs,
        "planned_epochs": planned_epochs,
        "resume": resume,
        "keep": keep,
        "median": median,
    }
    if decodings is not None:
        job["decodings"] = decodings
    if rivals is not None:
        job["rivals"] = rivals
    return job


class Training(TypedDict):
    """What a training says of itself; None where one that failed cannot tell."""

    status: Literal["finished", "failed"]
    error: str | None
    val_loss: float | None
    epochs: int
    kept_epoch: int | None
    seconds: float
    parameters: int | None
    bytes: int | None
    history: History


class Score(TypedDict):
    """How good a training is."""

    score: float | None
    """The task's own metric on the validation part."""
    score_error: NotRequired[float | None]
    """Standard error of the score over the rows of the validation part."""
    rows: NotRequired[int]
    """Of the validation part."""


class Evaluated(Training, Score):
    """A training with its score."""

    stopped: str | None
    """Why a trial ended early: ``hopeless`` or ``patience``."""
    run: str | None
    """A final's run, within the folder of the search."""


class Result(Evaluated):
    """What came of a job."""

    id: str
    kind: Literal["trial", "final"]
    arm: str
    number: int
    metric: str
    overrides: dict[str, Any]
    """Those of the job, its best decoding, and ``model.units`` where matched."""
    fingerprint: str
    """Of the rows that it was trained on."""


class Speed(TypedDict):
    """What came of a job that measures."""

    id: str
    kind: Literal["speed"]
    steps: dict[str, list[float]]
    """Seconds a step of each rival, round by round; empty: it could not be told."""


class StoredResult(Result):
    """A result as the search keeps it: ``trials/ID.json``."""

    generation: int
    at: float
    """Seconds of the search, so far, when it came."""


def failed(error: str, history: History) -> Evaluated:
    """A training that failed, with the epochs that it had."""
    return {
        "status": "failed",
        "error": error,
        "score": None,
        "stopped": None,
        "run": None,
        "val_loss": None,
        "epochs": len(history),
        "kept_epoch": None,
        "seconds": sum(row["seconds"] for row in history),
        "parameters": None,
        "bytes": None,
        "history": history,
    }


def lost_result(job: Job, metric: str, error: str) -> Result | Speed:
    """The result of a job that nobody could do; nothing is known of its rows."""
    if job["kind"] == "speed":
        return {"id": job["id"], "kind": "speed", "steps": {}}
    return {
        "id": job["id"],
        "kind": job["kind"],
        "arm": job["arm"],
        "number": job["number"],
        "metric": metric,
        "overrides": dict(job["overrides"]),
        "fingerprint": "",
        **failed(error, []),
    }
