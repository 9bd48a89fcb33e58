"""What a search asks of a result before it is kept.

A result comes from another process, perhaps of another seqkit: it must be of this very
job, of the types that ``jobs`` names, finite, and within the job's epochs.
"""

from __future__ import annotations

import json
import math
from typing import Any

from seqkit.tuning.jobs import Job, Result

TEXT = 100_000
"""Characters of a text at most."""
ROUNDS = 100
"""Rounds of a measurement at most."""

_OPTIONAL = {"score_error", "rows"}
_KEYS = set(Result.__annotations__)


def fault_of(job: Job, result: Any, most_epochs: int) -> str | None:
    """Why this cannot be the job's result; None: it can.

    Args:
        job: what was handed out.
        result: what came back, of any type that JSON has.
        most_epochs: that the job may train, unless it says so itself.
    """
    if not isinstance(result, dict):
        return "a result is an object with keys"
    if (result.get("id"), result.get("kind")) != (job["id"], job["kind"]):
        return f"it is not of the job {job['id']}"
    if job["kind"] == "speed":
        return _speed_fault(job, result)
    missing, more = _KEYS - _OPTIONAL - set(result), set(result) - _KEYS
    if missing or more:
        return f"its keys are not those of a result ({_listed(missing | more)})"
    checks = {
        "arm": result["arm"] == job["arm"],
        "number": _is_count(result["number"]) and result["number"] == job["number"],
        "overrides": _are_overrides(job, result["overrides"]),
        "metric": _is_text(result["metric"]),
        "fingerprint": _is_text(result["fingerprint"]),
        "status": result["status"] in ("finished", "failed"),
        "seconds": _is_number(result["seconds"]) and result["seconds"] >= 0,
        "score_error": _is_number(result.get("score_error"), null=True),
        "rows": _is_count(result.get("rows", 0)),
        "stopped": result["stopped"] in (None, "hopeless", "patience"),
        **_training(job, result, most_epochs),
    }
    wrong = [key for key, holds in checks.items() if not holds]
    return f"its {wrong[0]} cannot be" if wrong else None


def _training(job: Job, result: dict[str, Any], most: int) -> dict[str, bool]:
    """Of each key that depends on how the training ended, whether it can be."""
    most = job["epochs"] or job["planned_epochs"] or most
    finished = result["status"] == "finished"
    epochs, best, run = (result[key] for key in ("epochs", "kept_epoch", "run"))
    is_count = _is_count(epochs) and finished <= epochs <= most
    history = result["history"]
    place = f"finals/{job['id']}" if finished and job["kind"] == "final" else None
    return {
        "epochs": is_count,
        "history": isinstance(history, list)
        and is_count
        and len(history) == epochs
        and all(map(_is_epoch, history)),
        "error": result["error"] is None if finished else _is_text(result["error"]),
        "score": _is_number(result["score"], null=not finished),
        "val_loss": _is_number(result["val_loss"], null=True),
        "kept_epoch": (_is_count(best) and is_count and 1 <= best <= epochs)
        or (best is None and not finished),
        "parameters": _is_count(result["parameters"]) or not finished,
        "bytes": _is_count(result["bytes"]) or not finished,
        "run": run == place,
    }


def _are_overrides(job: Job, overrides: Any) -> bool:
    """Whether they are the job's, perhaps with one of its decodings.

    Where widths are matched, with other widths.
    """
    if not isinstance(overrides, dict):
        return False
    # As they come back, with lists for tuples.
    decodings = [{}, *job.get("decodings", [])]
    own = json.loads(json.dumps([{**job["overrides"], **each} for each in decodings]))
    if job["match"] is None:
        return overrides in own
    units = overrides.get("model.units")
    widths = isinstance(units, list) and 0 < len(units) <= ROUNDS
    return bool(
        widths
        and all(_is_count(each) and each > 0 for each in units)  # type: ignore[union-attr]
        and {**overrides, "model.units": 0} in [{**x, "model.units": 0} for x in own]
    )


def _speed_fault(job: Job, result: dict[str, Any]) -> str | None:
    steps = result.get("steps")
    if not isinstance(steps, dict) or set(result) != {"id", "kind", "steps"}:
        return "a measurement holds the steps of each rival, and no more"
    if steps and set(steps) != set(job["rivals"]):
        return "its rivals are not those of the job"
    for rounds in steps.values():
        if not isinstance(rounds, list) or len(rounds) > ROUNDS:
            return f"steps are lists of at most {ROUNDS} seconds"
        if not all(_is_number(each) and each > 0 for each in rounds):
            return "seconds are positive numbers"
    if len({len(rounds) for rounds in steps.values()}) > 1:
        return "each rival has as many rounds"
    return None


def _is_number(value: Any, null: bool = False) -> bool:
    if value is None:
        return null
    return type(value) in (int, float) and abs(value) < 1e308 and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= TEXT


def _is_epoch(row: Any) -> bool:
    """Whether it is an epoch of a history; a loss may be infinite or no number."""
    return (
        isinstance(row, dict)
        and len(row) <= ROUNDS
        and all(type(each) in (int, float) and len(key) <= 100
                for key, each in row.items())
    )  # fmt: skip


def _listed(keys: set[str]) -> str:
    return ", ".join(sorted(key[:40] for key in keys)[:3])
