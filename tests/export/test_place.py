"""An export is written whole, verified, and swapped in; else nothing has changed."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seqkit.errors import ExportError, UnknownNameError, UsageError
from seqkit.export import Shipment, export
from seqkit.export import place as place_module
from seqkit.export import verify as verify_module
from seqkit.export.base import Format
from seqkit.export.place import recover
from seqkit.registry import FORMATS

TEXTS = ["fine", "dull", ""]
ANSWERS = {
    "label": ["pos", "neg", "neg"],
    "probability": [0.9, 0.8, 0.5],
    "p_neg": [0.1, 0.8, 0.5],
    "p_pos": [0.9, 0.2, 0.5],
}
CHECK = """
import json, sys, pathlib
folder, data = map(pathlib.Path, sys.argv[1:])
answers = json.loads((folder / "model.json").read_text())
(data / "answers.json").write_text(json.dumps([answers]))
"""


class JsonFormat(Format):
    """A format without TensorFlow: its model is its answers in a JSON file."""

    name = "json"
    instead = "savedmodel"
    before_writing: Callable[[Path], Any] = staticmethod(lambda folder: None)
    script = CHECK
    answers: dict[str, list[Any]] = ANSWERS

    def write(self, shipment: Shipment, folder: Path) -> None:
        (folder / "weights").mkdir()
        (folder / "weights" / "first.bin").write_bytes(b"w" * 5000)
        type(self).before_writing(folder)
        (folder / "model.json").write_text(json.dumps(self.answers))

    def usage(self, shipment: Shipment) -> str:
        return "```python\nprint(1)\n```"

    @property
    def check(self) -> Path:
        return self.check_file

    check_file: Path


@pytest.fixture
def format(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any) -> type[JsonFormat]:
    """A format that a test may spoil; it is the only one that is known."""
    changed = type("ThisFormat", (JsonFormat,), {})
    changed.check_file = tmp_path_factory.mktemp("check") / "check.py"
    changed.check_file.write_text(CHECK)
    monkeypatch.setattr(FORMATS, "get", lambda name: changed)
    return changed


@pytest.fixture
def cargo() -> Shipment:
    return Shipment(
        name="trial",
        serving=None,
        core=None,
        files={},
        samples={"text": TEXTS},
        predict=lambda samples: dict(ANSWERS),
        card="# trial\n\nA card.",
        tied=lambda answers, row, tolerance: ["label"] if row == 2 else [],
    )


@pytest.fixture
def old(cargo: Shipment, format: type[JsonFormat], tmp_path: Path) -> Path:
    """An export that stands there already, alone in its parent."""
    return export(cargo, tmp_path / "out" / "trial", "json")


@pytest.fixture
def untouched(old: Path, tree: Any) -> Iterator[Path]:
    """``old``, which must be the same after the test, with nothing left beside it."""
    before = tree(old)
    yield old
    assert tree(old) == before
    assert [path.name for path in old.parent.iterdir()] == [old.name]


def spoil(format: type[JsonFormat], action: Callable[[Path], Any]) -> None:
    format.before_writing = staticmethod(action)


def raises(error: BaseException) -> Callable[[Path], Any]:
    def action(folder: Path) -> None:
        raise error

    return action


def test_an_export_holds_the_artefact_a_card_and_an_account(old):
    assert (old / "README.md").read_text().startswith("# trial\n\nA card.\n\n## How to")
    account = json.loads((old / "export.json").read_text())
    assert account["format"] == "json"
    assert account["largest_difference"] == 0
    files = {"README.md", "model.json", "weights/first.bin"}
    assert set(account["files"]) == files
    assert account["bytes"] == sum((old / name).stat().st_size for name in files)


def test_it_returns_the_folder_as_it_was_named(cargo, format, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert export(cargo, "deep/down", "json") == Path("deep/down")
    assert (tmp_path / "deep" / "down" / "export.json").is_file()


def test_a_folder_that_exists_is_refused(cargo, untouched):
    with pytest.raises(UsageError, match="exists.*--overwrite") as caught:
        export(cargo, untouched, "json")
    assert caught.value.exit_status == 2


def test_overwriting_replaces_all_of_an_export(cargo, format, old):
    spoil(format, lambda folder: (folder / "second.bin").write_bytes(b"2"))
    (old / "__pycache__").mkdir()
    (old / "__pycache__" / "encode.pyc").write_bytes(b"cache")
    export(cargo, old, "json", overwrite=True)
    names = {path.name for path in old.iterdir()}
    assert names == {"README.md", "export.json", "model.json", "second.bin", "weights"}
    assert [path.name for path in old.parent.iterdir()] == [old.name]


def test_a_folder_that_is_no_export_is_never_overwritten(cargo, format, tmp_path):
    home = tmp_path / "home"
    (home / "thesis").mkdir(parents=True)
    (home / "thesis" / "last.tex").write_text("Years of work.")
    with pytest.raises(UsageError, match="thesis/last.tex"):
        export(cargo, home, "json", overwrite=True)
    assert (home / "thesis" / "last.tex").read_text() == "Years of work."


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"made_by": "me", "files": {}}'])
def test_a_marker_of_another_maker_marks_nothing(cargo, format, tmp_path, content):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "export.json").write_text(content)
    with pytest.raises(UsageError, match="export.json"):
        export(cargo, tmp_path / "out", "json", overwrite=True)
    assert (tmp_path / "out" / "export.json").read_text() == content


def test_an_export_to_which_someone_added_a_file_is_not_overwritten(cargo, untouched):
    notes = untouched / "weights" / "notes.txt"
    notes.write_text("mine")
    with pytest.raises(UsageError, match="weights/notes.txt"):
        export(cargo, untouched, "json", overwrite=True)
    assert notes.read_text() == "mine"
    notes.unlink()


def test_an_empty_folder_may_be_overwritten(cargo, format, tmp_path):
    (tmp_path / "new").mkdir()
    export(cargo, tmp_path / "new", "json", overwrite=True)
    assert (tmp_path / "new" / "model.json").is_file()


def test_a_file_or_a_link_in_its_place_is_refused(cargo, format, old):
    (old.parent / "file").write_text("text")
    (old.parent / "link").symlink_to(old)
    (old.parent / "dangling").symlink_to("nowhere")
    for name in ("file", "link", "dangling"):
        with pytest.raises(UsageError, match="not a folder"):
            export(cargo, old.parent / name, "json", overwrite=True)
    assert (old.parent / "file").read_text() == "text"
    assert (old.parent / "link").is_symlink()


def test_a_folder_made_meanwhile_is_not_overwritten(cargo, format, tmp_path):
    place = tmp_path / "out"

    def someone_else(folder: Path) -> None:
        place.mkdir()
        (place / "theirs").write_text("1")

    spoil(format, someone_else)
    with pytest.raises(UsageError, match="exists"):
        export(cargo, place, "json")
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "theirs"]


def test_an_unknown_format_gets_a_suggestion(cargo, tmp_path):
    with pytest.raises(UnknownNameError, match="Did you mean 'savedmodel'"):
        export(cargo, tmp_path / "out", "saved_model")


def test_a_missing_package_names_the_extra_to_install(cargo, format, untouched):
    format.packages = ("json", "no_such_package")
    with pytest.raises(ExportError, match=r'needs no_such_p.*install "seqkit\[json\]"'):
        export(cargo, untouched, "json", overwrite=True)


def test_a_model_that_a_format_cannot_hold_is_told_in_one_sentence(
    cargo, format, untouched
):
    spoil(format, raises(RuntimeError("no kernel for Igamma\nand a long trace")))
    with pytest.raises(ExportError) as caught:
        export(cargo, untouched, "json", overwrite=True)
    assert str(caught.value) == (
        "This model cannot be written as json (no kernel for Igamma). "
        "Use the format 'savedmodel' instead."
    )


def test_other_answers_fail_the_export_and_name_the_difference(
    cargo, format, untouched
):
    format.answers = {**ANSWERS, "p_pos": [0.9, 0.2 + 3e-5, 0.5]}
    with pytest.raises(ExportError, match="p_pos differs by 3e-05.*input 'dull'"):
        export(cargo, untouched, "json", overwrite=True)


def test_a_difference_of_rounding_passes_and_is_accounted_for(cargo, format, old):
    format.answers = {**ANSWERS, "p_pos": [0.9, 0.2 + 3e-7, 0.5]}
    export(cargo, old, "json", overwrite=True)
    account = json.loads((old / "export.json").read_text())
    assert account["largest_difference"] == pytest.approx(3e-7)
    assert "3.0e-07" in (old / "README.md").read_text()


def test_another_label_fails_unless_the_run_calls_it_tied(
    cargo, format, untouched, tmp_path
):
    format.answers = {**ANSWERS, "label": ["pos", "pos", "neg"]}
    with pytest.raises(ExportError, match="label differs entirely.*'dull'"):
        export(cargo, untouched, "json", overwrite=True)
    format.answers = {**ANSWERS, "label": ["pos", "neg", "pos"]}
    export(cargo, tmp_path / "tied", "json")


def test_an_answer_that_is_not_a_number_fails(cargo, format, untouched):
    format.answers = {**ANSWERS, "p_pos": [float("nan"), 0.2, 0.5]}
    with pytest.raises(ExportError, match="p_pos differs entirely.*'fine'"):
        export(cargo, untouched, "json", overwrite=True)


def test_missing_outputs_fail(cargo, format, untouched):
    format.answers = {"label": ANSWERS["label"]}
    with pytest.raises(ExportError, match="outputs label, but the run gives label, p_"):
        export(cargo, untouched, "json", overwrite=True)


def test_missing_rows_fail(cargo, format, untouched):
    format.answers = {name: values[:2] for name, values in ANSWERS.items()}
    with pytest.raises(ExportError, match="2 rows of label for 3"):
        export(cargo, untouched, "json", overwrite=True)


def test_an_artefact_that_cannot_be_loaded_tells_why(cargo, format, untouched):
    format.check_file.write_text("raise RuntimeError('bad magic number')")
    with pytest.raises(ExportError, match="RuntimeError: bad magic number.*'savedmo"):
        export(cargo, untouched, "json", overwrite=True)


def test_an_artefact_that_crashes_its_process_is_no_export(cargo, format, untouched):
    format.check_file.write_text("import os; os.kill(os.getpid(), 9)")
    with pytest.raises(ExportError, match="status -9"):
        export(cargo, untouched, "json", overwrite=True)


def test_an_artefact_that_never_answers_is_no_export(
    cargo, format, untouched, monkeypatch
):
    monkeypatch.setattr(verify_module, "SECONDS", 0.3)
    format.check_file.write_text("import time; time.sleep(60)")
    with pytest.raises(ExportError, match=r"within 0\.3 seconds"):
        export(cargo, untouched, "json", overwrite=True)


def test_the_check_is_quiet_and_sees_neither_stdin_nor_a_gpu(
    cargo, format, tmp_path, capfd
):
    format.check_file.write_text(
        "import os, sys\n"
        "print('chatter'); print('chatter', file=sys.stderr)\n"
        "assert sys.stdin.read() == ''\n"
        "assert os.environ['CUDA_VISIBLE_DEVICES'] == '-1'\n" + CHECK
    )
    export(cargo, tmp_path / "out", "json")
    assert capfd.readouterr() == ("", "")


def test_ctrl_c_while_writing_leaves_nothing(cargo, format, untouched):
    spoil(format, raises(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        export(cargo, untouched, "json", overwrite=True)


def test_ctrl_c_while_the_check_runs_leaves_nothing(old, tree, tmp_path, root, start):
    before = tree(old)
    code = f"""
import sys; sys.path.insert(0, {str(root / "tests" / "export")!r})
import pandas as pd, pathlib, test_place as t
t.JsonFormat.check_file = pathlib.Path({str(tmp_path / "slow.py")!r})
t.FORMATS.get = lambda name: t.JsonFormat
cargo = t.Shipment("x", None, None, {{}}, {{"text": t.TEXTS}},
                   lambda texts: pd.DataFrame(t.ANSWERS), "")
t.export(cargo, {str(old)!r}, "json", overwrite=True)
"""
    begun = tmp_path / "begun"
    (tmp_path / "slow.py").write_text(
        f"import pathlib, time; pathlib.Path({str(begun)!r}).touch(); time.sleep(60)"
    )
    process = start("-c", code)
    deadline = time.monotonic() + 60
    while not begun.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    # To both of its session: the export and the check.
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in stderr
    assert tree(old) == before
    assert [path.name for path in old.parent.iterdir()] == [old.name]


def test_a_full_disk_says_so_and_leaves_the_old_export(cargo, format, untouched):
    def large(folder: Path) -> None:
        (folder / "large.bin").write_bytes(b"x" * 1_000_000)

    spoil(format, large)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
        with pytest.raises(ExportError, match="no room.*trial is as it was.*Free"):
            export(cargo, untouched, "json", overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)


def test_a_folder_that_cannot_be_written_is_told(cargo, format, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="cannot be written to .*file/out"):
        export(cargo, tmp_path / "file" / "out", "json")


def test_a_move_that_fails_brings_the_old_export_back(
    cargo, format, untouched, monkeypatch
):
    move = Path.rename

    def failing(path: Path, target: Path) -> Path:
        if path.suffix == ".part":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return move(path, target)

    monkeypatch.setattr(place_module, "_exchanged", lambda one, other: False)
    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(ExportError, match=os.strerror(errno.EIO)):
        export(cargo, untouched, "json", overwrite=True)


def test_importing_the_room_loads_nothing_heavy(python):
    heavy = {"tensorflow", "keras", "pandas", "numpy"}
    assert (
        python(
            f"import sys, seqkit.export\nprint(sorted({heavy!r} & set(sys.modules)))"
        )
        == "[]"
    )


KILLED = """
import os, pathlib, signal, sys
sys.path.insert(0, sys.argv[1])
import test_place as t
from seqkit.export import place

folder, step = pathlib.Path(sys.argv[2]), int(sys.argv[3])
t.JsonFormat.check_file = folder.parent.parent / "check.py"
t.JsonFormat.check_file.write_text(t.CHECK)
t.JsonFormat.answers = {**t.ANSWERS}
t.FORMATS.get = lambda name: t.JsonFormat
steps = 0

def killing(change):
    def changed(*words, **options):
        global steps
        # What else is made and removed in between, on its way, differs by Python.
        steps += folder.parent in pathlib.Path(words[0]).parents
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return change(*words, **options)
    return changed

if sys.argv[4] == "exchanged":
    place._exchanged = killing(place._exchanged)
else:
    place._exchanged = lambda one, other: False
pathlib.Path.mkdir = killing(pathlib.Path.mkdir)
pathlib.Path.rename = killing(pathlib.Path.rename)
place.shutil.rmtree = killing(place.shutil.rmtree)
place._flush = killing(place._flush)
cargo = t.Shipment("new", None, None, {}, {"text": t.TEXTS},
                   lambda samples: dict(t.ANSWERS), "# new")
t.export(cargo, folder, "json", overwrite=True)
"""
STEPS = [
    *(("renamed", step) for step in range(1, 8)),
    *(("exchanged", step) for step in range(1, 6) if sys.platform == "linux"),
]
"""Kill before: two mkdirs, flush; then before two renames and two removals, or before
the exchange and a removal."""


def whole(folder: Path) -> str:
    """The name of a whole export."""
    account = json.loads((folder / "export.json").read_text())
    assert all((folder / name).is_file() for name in account["files"])
    return str(account["name"])


@pytest.mark.parametrize(("way", "step"), STEPS)
def test_an_export_that_is_killed_leaves_a_whole_one(
    cargo, old, root, start, way, step
):
    process = start("-c", KILLED, root / "tests" / "export", old, step, way)
    _, error = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, error
    last = 4 if way == "exchanged" else 5
    if way == "renamed":
        # Between the renames there is none; the next call brings the old one back.
        recover(old)
    assert whole(old) == ("trial" if step <= last else "new")
    export(cargo, old, "json", overwrite=True)
    assert [path.name for path in old.parent.iterdir()] == [old.name]


def test_an_old_export_comes_back_without_being_asked_to_overwrite(cargo, old):
    old.rename(old.with_name(f".{old.name}.0123abcd.old"))
    with pytest.raises(UsageError, match="exists.*--overwrite"):
        export(cargo, old, "json")
    assert (old / "export.json").is_file()


def test_an_export_that_is_going_on_is_not_cleared(cargo, format, tmp_path):
    place = tmp_path / "out"

    def another(folder: Path) -> None:
        spoil(format, lambda folder: None)
        export(cargo, place, "json")
        assert folder.is_dir()

    spoil(format, another)
    export(cargo, place, "json", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_folders_of_other_names_are_not_cleared(cargo, format, tmp_path):
    names = [".out.part", ".out.0123abcd.part2", ".other.0123abcd.part", ".out.x.old"]
    for name in names:
        (tmp_path / name).mkdir()
    export(cargo, tmp_path / "out", "json")
    assert {path.name for path in tmp_path.iterdir()} == {*names, "out"}
