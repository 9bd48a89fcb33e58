"""Runs that older versions wrote load, answer and score as they did then.

``tests/golden/make.py`` made them, each with that very version. No test writes there.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import seqkit
from seqkit.registry import TASKS
from seqkit.runs.run import Run

GOLDEN = Path(__file__).parent / "golden"
FOLDERS = sorted(path.parent for path in GOLDEN.glob("v*/*/answers.json"))
NEW: set[str] = {
    "tag_text",
    "classify_steps",
    "regress_steps",
    "translate",
    "transduce",
    "summarise",
    "extract_summary",
}
"""Tasks that are newer than the last version of which there are golden runs."""
MOST_BYTES = 150_000

# Another processor rounds float32 in another way; on the one that made the runs the
# answers are the same to the last bit.
NEAR = {"rel": 1e-4, "abs": 1e-5}

each = pytest.mark.parametrize(
    "folder", FOLDERS, ids=[f"{path.parent.name}-{path.name}" for path in FOLDERS]
)


def recorded(folder: Path) -> dict[str, Any]:
    """The inputs, answers and report of the version that made the run."""
    record: dict[str, Any] = json.loads((folder / "answers.json").read_text("utf-8"))
    return record


def frame_or_list(inputs: Any) -> Any:
    """Inputs as ``predict`` takes them."""
    return pd.DataFrame(inputs) if isinstance(inputs, dict) else inputs


def numbers(plain: Any, path: str = "") -> Iterator[tuple[str, float | None]]:
    """All numbers of nested dicts and lists by their paths; None where one lacks."""
    if isinstance(plain, dict):
        for key, value in plain.items():
            yield from numbers(value, f"{path}/{key}")
    elif isinstance(plain, (list, tuple)):
        for place, value in enumerate(plain):
            yield from numbers(value, f"{path}/{place}")
    else:
        yield path, plain


def assert_near(found: Any, expected: Any) -> None:
    """The same paths with the same numbers, but for rounding."""
    ours, theirs = dict(numbers(found)), dict(numbers(expected))
    assert ours.keys() == theirs.keys()
    for path, value in theirs.items():
        near = None if value is None else pytest.approx(value, **NEAR)
        assert ours[path] == near, path


@pytest.fixture(scope="module")
def runs() -> dict[Path, Run]:
    """The golden runs; each builds its model once."""
    return {folder: seqkit.load(folder) for folder in FOLDERS}


def test_every_task_has_a_golden_run_or_is_new() -> None:
    tasks = {seqkit.load(folder).recipe.task for folder in FOLDERS}
    assert tasks | NEW == set(TASKS)
    assert not tasks & NEW, "it has a golden run: take it off the list"


@each
def test_files_are_those_that_the_version_wrote(folder: Path) -> None:
    """A checkout that changes line endings would damage them."""
    listed = json.loads((folder / "files.json").read_text("utf-8"))["files"]
    present = {path.name for path in folder.iterdir()}
    assert present == {*listed, "files.json", "answers.json"}
    for name, facts in listed.items():
        data = (folder / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == facts["sha256"], name


@each
def test_golden_run_is_small_and_names_no_machine(folder: Path) -> None:
    files = [path.read_bytes() for path in folder.iterdir()]
    assert sum(map(len, files)) < MOST_BYTES
    for data in files:
        assert not any(place in data for place in (b"/home/", b"/tmp/", b"/Users/"))


@each
def test_answers_are_those_of_the_version_that_made_it(
    runs: dict[Path, Run], folder: Path
) -> None:
    record = recorded(folder)
    answers = runs[folder].predict(frame_or_list(record["inputs"]))
    assert list(answers.columns) == list(record["answers"])
    for name, expected in record["answers"].items():
        if isinstance(expected[0], str):
            assert answers[name].astype(str).tolist() == expected, name
        else:
            assert answers[name].tolist() == pytest.approx(expected, **NEAR), name


@each
def test_scores_are_those_of_the_version_that_made_it(
    runs: dict[Path, Run], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Other tests draw pictures; here they would take most of the time.
    for drawn in (seqkit.Run, seqkit.Report):
        monkeypatch.setattr(drawn, "pictures", lambda self: {})
    report, expected = runs[folder].evaluate(out=tmp_path), recorded(folder)["report"]
    assert report.rows == expected["rows"]
    assert report.primary_metric == expected["primary_metric"]
    plain = report.to_dict()
    for part in ("metrics", "baselines", "differences"):
        assert_near(plain[part], expected[part])


def test_answers_that_are_off_are_noticed() -> None:
    assert_near({"a": [1.0, None]}, {"a": [1.0 + 1e-6, None]})
    for other in ({"a": [1.001, None]}, {"a": [1.0, 2.0]}, {"a": [1.0]}, {"b": [1.0]}):
        with pytest.raises(AssertionError):
            assert_near(other, {"a": [1.0, None]})


# The export is compared with the run in a fresh process, which takes its time.
@pytest.mark.slow
def test_golden_run_is_exported(runs: dict[Path, Run], tmp_path: Path) -> None:
    import tensorflow as tf

    folder = GOLDEN / "v0.1" / "regress_series"
    runs[folder].export(tmp_path / "export")
    serve = tf.saved_model.load(tmp_path / "export").signatures["serving_default"]
    record = recorded(folder)
    for series, answer in zip(
        record["inputs"], record["answers"]["prediction"], strict=True
    ):
        given = {
            "values": tf.constant([series], tf.float64),
            "lengths": tf.constant([len(series)]),
        }
        assert math.isclose(
            float(serve(**given)["prediction"][0]), answer, rel_tol=1e-4
        )
