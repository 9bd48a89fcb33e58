"""What can be the result of a job, and what cannot."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from seqkit.tuning.checked import fault_of
from seqkit.tuning.jobs import new_job

SETTINGS = {"model.cell": "gru", "train.learning_rate": 0.01}
TRIAL = new_job("gru-001", "trial", "gru", 1, SETTINGS, epochs=3)
FINAL = new_job("gru-seed8", "final", "gru", 8, {**SETTINGS, "train.seed": 8})
SPEED = new_job("speed", "speed", "", 0, {}, rivals={"gru": {}, "lstm": {}})


def result(job: Any = TRIAL, **changes: Any) -> dict[str, Any]:
    history = [{"epoch": n, "loss": 0.5, "val_loss": 0.6} for n in (1, 2, 3)]
    plain = {
        **{key: job[key] for key in ("id", "kind", "arm", "number", "overrides")},
        "metric": "accuracy",
        "fingerprint": "f" * 64,
        "status": "finished",
        "error": None,
        "score": 0.75,
        "score_error": 0.02,
        "rows": 40,
        "val_loss": 0.6,
        "epochs": 3,
        "kept_epoch": 2,
        "seconds": 1.5,
        "parameters": 100,
        "bytes": 400,
        "history": history,
        "stopped": None,
        "run": f"finals/{job['id']}" if job["kind"] == "final" else None,
    }
    return json.loads(json.dumps({**plain, **changes}))


def failed(**changes: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("score", "kept_epoch", "val_loss", "parameters", "bytes"))
    short: dict[str, Any] = {"epochs": 0, "history": [], "score_error": None}
    text = "The loss is not a number any more."
    return result(**{"status": "failed", "error": text, **nothing, **short, **changes})


def speed(**steps: list[Any]) -> dict[str, Any]:
    return {"id": "speed", "kind": "speed", "steps": steps}


def test_what_workers_give_is_taken() -> None:
    assert fault_of(TRIAL, result(), 9) is None
    assert fault_of(FINAL, result(FINAL), 9) is None
    assert fault_of(TRIAL, failed(), 9) is None
    decodings = [{"decode.method": "viterbi"}, {"decode.method": "argmax"}]
    several: Any = {**TRIAL, "decodings": decodings}
    for decoding in decodings:
        decoded = result(several, overrides=SETTINGS | decoding)
        assert fault_of(several, decoded, 9) is None
    decoded = result(several, overrides=SETTINGS | {"decode.method": "greedy"})
    assert fault_of(several, decoded, 9) == "its overrides cannot be"
    nan = [{"epoch": 1, "loss": math.nan, "val_loss": math.inf}]
    assert fault_of(TRIAL, failed(epochs=1, history=nan), 9) is None
    assert fault_of(SPEED, speed(gru=[0.1, 0.2], lstm=[0.1, 0.3]), 9) is None
    assert fault_of(SPEED, speed(), 9) is None


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("id", ["gru-002", None, "../gru-001", 1]),
        ("kind", ["final", None, []]),
        ("arm", ["lstm", None, {}]),
        ("number", [2, 1.0, "1", True, None]),
        ("overrides", [{}, [], None, {**SETTINGS, "train.epochs": 9}]),
        ("metric", [None, 3, "m" * 200_000]),
        ("fingerprint", [None, 3, ["f"]]),
        ("status", ["done", None, ["finished"]]),
        ("error", ["none", 0]),
        ("score", [math.nan, math.inf, -math.inf, "0.9", None, True, 10**400]),
        ("score_error", [math.nan, "0"]),
        ("rows", [-1, 1.5, "40"]),
        ("val_loss", [math.nan, "0.6", [0.6]]),
        ("epochs", [4, 0, -3, 3.0, "3", None]),
        ("kept_epoch", [0, 4, None, 1.0]),
        ("seconds", [-1, math.inf, None]),
        ("parameters", [None, -1, 1.5, 2**70]),
        ("bytes", [None, "400"]),
        ("history", [[], None, {}, [1, 2, 3], [{"epoch": "1"}] * 3, [{}] * 10_000]),
        ("stopped", ["because", 1, False]),
        ("run", ["finals/gru-001", "/etc", ""]),
        ("more", [1]),
    ],
)
def test_what_cannot_be_is_refused_by_name(key: str, values: list[Any]) -> None:
    for value in values:
        fault = fault_of(TRIAL, result(**{key: value}), 9)
        assert fault is not None, value
        assert key in fault or "not of the job" in fault or key == "kind"


def test_every_key_is_asked_for() -> None:
    for key in set(result()) - {"score_error", "rows"}:
        plain = result()
        del plain[key]
        assert fault_of(TRIAL, plain, 9), key


def test_a_final_is_in_its_own_folder() -> None:
    for run in (None, "finals/gru-seed9", "../elsewhere", "/finals/gru-seed8"):
        assert "run" in (fault_of(FINAL, result(FINAL, run=run), 9) or "")


def test_epochs_stay_within_the_budget() -> None:
    assert fault_of(FINAL, result(FINAL), 2) == "its epochs cannot be"
    planned = {**TRIAL, "epochs": None, "planned_epochs": 2}
    assert fault_of(planned, result(), 9) == "its epochs cannot be"  # type: ignore[arg-type]


def test_widths_alone_may_differ_where_they_are_matched() -> None:
    job: Any = {**TRIAL, "match": {"model.cell": "lstm"}}
    job["overrides"] = {**SETTINGS, "model.units": (4,)}
    with_units = {**SETTINGS, "model.units": [7]}
    assert fault_of(job, result(overrides=with_units), 9) is None
    for units in ([0], ["7"], 7, [], [1] * 1000):
        changed = {**SETTINGS, "model.units": units}
        assert fault_of(job, result(overrides=changed), 9)
    other = {**with_units, "train.learning_rate": 1.0}
    assert fault_of(job, result(overrides=other), 9)


@pytest.mark.parametrize(
    "steps",
    [
        {"gru": [0.1]},
        {"gru": [0.1], "lstm": [0.1], "x": [0.1]},
        {"gru": [0.1], "lstm": [0.1, 0.1]},
        {"gru": [0.0], "lstm": [0.1]},
        {"gru": [math.nan], "lstm": [0.1]},
        {"gru": ["0.1"], "lstm": [0.1]},
        {"gru": [0.1] * 101, "lstm": [0.1] * 101},
        {"gru": 0.1, "lstm": 0.1},
    ],
)
def test_a_measurement_holds_as_many_rounds_of_each(steps: dict[str, Any]) -> None:
    assert fault_of(SPEED, speed(**steps), 9)
    assert fault_of(SPEED, {**speed(), "steps": list(steps)}, 9)
