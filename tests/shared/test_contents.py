"""A run's files: listed with checksums, and told by name where one is damaged."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import pytest
from tiny import reviews, write_reviews
from tiny_training import train

from seqkit.cli import main
from seqkit.comparison.compare import compare
from seqkit.errors import RunError
from seqkit.recipe.data_paths import portable_path, without_paths
from seqkit.runs.fit import fit, loaded
from seqkit.runs.run import Run
from seqkit.shared.contents import FILES, LOCAL

ONE = {"train.epochs": 1}
NEEDED = [
    "model.keras",
    "run.json",
    "preprocessing.json",
    "baselines.npz",
    "samples.json",
    "history.csv",
    "recipe.yaml",
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose data lie in another folder than the one it was started in."""
    home = tmp_path_factory.mktemp("contents")
    data = write_reviews(home / "elsewhere" / "reviews.csv", 120)
    return train(home / "runs" / "run", ONE, data=data)


@pytest.fixture
def copy(made: Run, tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(made.path, folder)
    return folder


def everything(folder: Path, tmp_path: Path) -> dict[str, Callable[[], Any]]:
    """Each verb that takes a run."""
    return {
        "fit": lambda: fit(resume=folder, data=reviews(), progress=False),
        "evaluate": lambda: Run(folder).evaluate(),
        "predict": lambda: Run(folder).predict(["a film"]),
        "compare": lambda: compare(folder, Run(folder)),
        "export": lambda: Run(folder).export(tmp_path / "export", "keras"),
        "history": lambda: Run(folder).history,
    }


USED = {
    "model.keras": ["evaluate", "predict", "export"],
    "run.json": ["fit", "evaluate", "predict", "compare", "export", "history"],
    "preprocessing.json": ["evaluate", "predict", "export"],
    "baselines.npz": ["evaluate"],
    "samples.json": ["export"],
    "history.csv": ["evaluate", "history"],
    "recipe.yaml": ["fit", "evaluate", "predict", "compare", "export", "history"],
}


def test_each_file_of_a_run_is_listed_with_its_checksum(made: Run) -> None:
    listed = json.loads((made.path / FILES).read_text())["files"]
    assert set(listed) == {*NEEDED, "lengths.json", "seen.npz"}
    for name, facts in listed.items():
        data = (made.path / name).read_bytes()
        assert facts["sha256"] == hashlib.sha256(data).hexdigest()
        assert facts["bytes"] == len(data)


@pytest.mark.parametrize("list_", [True, False], ids=["listed", "older"])
@pytest.mark.parametrize("name", NEEDED)
def test_a_file_cut_off_is_one_sentence_in_every_verb(
    copy: Path, tmp_path: Path, name: str, list_: bool
) -> None:
    """Runs of older versions have no list: there the readers notice."""
    if not list_:
        (copy / FILES).unlink()
    data = (copy / name).read_bytes()
    # YAML and a vocabulary may be cut where what is left still reads.
    (copy / name).write_bytes(data[: len(data) // 2 + 1])
    verbs = everything(copy, tmp_path)
    for verb in USED[name]:
        with pytest.raises(RunError, match=name) as caught:
            verbs[verb]()
        assert "\n" not in str(caught.value)
        assert "Copy the whole folder again" in str(caught.value)


@pytest.mark.parametrize("name", NEEDED)
def test_a_file_that_was_edited_is_refused_by_name(
    copy: Path, tmp_path: Path, name: str
) -> None:
    data = bytearray((copy / name).read_bytes())
    place = data.find(b"1")
    data[place] ^= 3  # a digit becomes another: the size stays
    (copy / name).write_bytes(data)
    with pytest.raises(RunError, match=f"{name} is not the file that training wrote"):
        everything(copy, tmp_path)[USED[name][0]]()


def test_a_list_of_seen_rows_cannot_be_deleted_in_silence(copy: Path) -> None:
    whole = (copy / "seen.npz").read_bytes()
    (copy / "seen.npz").write_bytes(whole[:-9])
    with pytest.raises(RunError, match=r"seen\.npz is not the file"):
        Run(copy).evaluate(reviews(40, seed=3))
    (copy / "seen.npz").unlink()
    with pytest.raises(RunError, match=r"seen\.npz is missing"):
        Run(copy).evaluate(reviews(40, seed=3))


def test_files_that_are_not_needed_are_not_looked_at(copy: Path) -> None:
    (copy / "baselines.npz").write_bytes(b"")
    (copy / "samples.json").unlink()
    (copy / "model.keras").write_bytes(b"")
    assert len(Run(copy).history) == 1


def test_reports_and_pictures_come_later_and_change_nothing(copy: Path) -> None:
    Run(copy).evaluate(reviews(40, seed=3))
    (copy / "notes.txt").write_text("mine")
    assert len(Run(copy).predict(["a film"])) == 1


def test_a_report_that_is_damaged_is_told_when_it_is_needed(
    copy: Path, tmp_path: Path
) -> None:
    (copy / "report.json").write_text('{"metrics": ')
    with pytest.raises(RunError, match=r"report\.json is damaged.*Evaluate again"):
        Run(copy).export(tmp_path / "export", "keras")


def test_a_run_of_an_older_version_still_answers(copy: Path, made: Run) -> None:
    for name in (FILES, LOCAL):
        (copy / name).unlink()
    assert Run(copy).predict(["a film"]).equals(made.predict(["a film"]))


class Stop(keras.callbacks.Callback):
    """Raises before the first epoch."""

    def on_train_begin(self, logs: Any = None) -> None:
        raise ZeroDivisionError


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that broke off before its first epoch."""
    folder = tmp_path_factory.mktemp("stopped") / "run"
    with pytest.raises(ZeroDivisionError):
        train(folder, callbacks=[Stop()])
    return folder


@pytest.mark.parametrize("name", ["run.json", "recipe.yaml", "preprocessing.json"])
def test_resuming_from_a_file_cut_off_is_one_sentence(
    stopped: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "run"
    shutil.copytree(stopped, out)
    (out / name).write_bytes((out / name).read_bytes()[:-30])
    with pytest.raises(RunError, match=f"{name} is damaged"):
        fit(resume=out, data=reviews(), progress=False)


# Paths.


def texts(folder: Path) -> Iterator[tuple[str, bytes]]:
    """All that a folder holds, what is packed in archives too."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name != LOCAL:
            yield str(path.relative_to(folder)), path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    for name in archive.namelist():
                        yield f"{path.name}/{name}", archive.read(name)


@pytest.mark.parametrize(
    "format", ["keras", pytest.param("savedmodel", marks=pytest.mark.slow)]
)
@pytest.mark.usefixtures("unverified")
def test_no_whole_path_is_in_a_run_its_report_its_exports_and_cards(
    copy: Path, tmp_path: Path, made: Run, format: str
) -> None:
    run = Run(copy)
    run.evaluate()
    run.export(copy / "export" / format, format)
    home = str(made.path.parent.parent).encode()
    found = [
        name
        for name, text in texts(copy)
        if home in text or str(tmp_path).encode() in text
    ]
    assert found == []
    assert "csv:reviews.csv" in (copy / "recipe.yaml").read_text()
    report = json.loads((copy / "report.json").read_text())
    assert report["data"] == "csv:reviews.csv, test part"


def test_a_run_finds_its_data_from_any_folder_and_after_a_move(
    made: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = made.path.parent.parent
    monkeypatch.chdir(tmp_path)
    assert Run(made.path).recipe.data.source == f"csv:{home}/elsewhere/reviews.csv"
    # Runs and data are moved together.
    shutil.copytree(home, tmp_path / "new")
    folder = tmp_path / "new" / "runs" / "run"
    there = f"csv:{tmp_path}/new/elsewhere/reviews.csv"
    assert Run(folder).recipe.data.source == there
    # The run alone is moved: the data are where they were.
    shutil.rmtree(tmp_path / "new" / "elsewhere")
    assert Run(folder).recipe.data.source == made.recipe.data.source
    # Without what is this machine's own, data beside the run are found by name.
    (folder / LOCAL).unlink()
    shutil.copy(home / "elsewhere" / "reviews.csv", folder.parent)
    assert Run(folder).recipe.data.source == f"csv:{folder.parent}/reviews.csv"
    assert Run(folder).evaluate(out="report").rows > 0


def test_a_file_below_the_current_folder_keeps_its_way_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert portable_path(str(tmp_path / "data" / "a.csv")) == "data/a.csv"
    assert portable_path("/srv/secret/a.csv") == "a.csv"
    assert portable_path("~/a.csv") == "a.csv"
    assert without_paths(f"in {tmp_path}/data/a.csv") == "in data/a.csv"
    monkeypatch.chdir("/")
    assert portable_path("/srv/secret/a.csv") == "a.csv"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In csv:/srv/x/a.csv 2 of 3", "In csv:a.csv 2 of 3"),
        ("No file '/srv/x/a.csv'.", "No file 'a.csv'."),
        ("see https://host.org/a/b.html", "see https://host.org/a/b.html"),
        ("1/2 of km/h, and/or", "1/2 of km/h, and/or"),
        ("~/private/a.csv", "a.csv"),
    ],
)
def test_a_line_of_the_log_holds_no_whole_path(text: str, expected: str) -> None:
    assert without_paths(text) == expected


def test_a_recipe_of_a_run_is_trained_again_from_any_folder(
    made: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    again = loaded(made.path / "recipe.yaml", {"train.seed": 3})
    assert again.data.source == made.recipe.data.source
    other = loaded(made.path / "recipe.yaml", {"data.source": "csv:other.csv"})
    assert other.data.source == "csv:other.csv"


def test_the_command_line_names_a_damaged_file(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "run.json").write_text('{"name": "x"')
    monkeypatch.setattr("sys.argv", ["seqkit", "predict", str(copy), "a film"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "run.json is damaged" in capsys.readouterr().err
