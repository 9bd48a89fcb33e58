"""What a person names is not put in the place of what is theirs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from matplotlib import figure
from tiny import reviews

from seqkit.cli import main
from seqkit.errors import UsageError
from seqkit.runs.run import Run
from seqkit.shared.files import is_stream, write_text, written_whole
from seqkit.shared.outputs import check_output, check_outputs


@pytest.fixture(scope="module")
def run(copy_of: Callable[[str], Run]) -> Run:
    return copy_of("classify_text")


def read_fifo(path: Path) -> tuple[threading.Thread, list[bytes]]:
    read: list[bytes] = []
    thread = threading.Thread(target=lambda: read.append(path.read_bytes()))
    thread.start()
    return thread, read


def test_a_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    check_output(path, overwrite=False)
    path.write_text("mine")
    with pytest.raises(UsageError, match="exists.*--overwrite, in Python overwrite"):
        check_output(path, overwrite=False)
    check_output(path, overwrite=True)
    check_output(path, overwrite=False, is_ours=True)
    with pytest.raises(UsageError, match="is a folder"):
        check_output(tmp_path, overwrite=True)


@pytest.mark.parametrize("target", ["there", "nowhere"])
def test_a_link_stays_a_link(tmp_path: Path, target: str) -> None:
    (tmp_path / "there").write_text("old")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / target)
    with pytest.raises(UsageError, match="exists"):
        check_output(link, overwrite=False, is_ours=True)
    write_text(link, "new")
    assert link.is_symlink() and (tmp_path / target).read_text() == "new"


def test_a_pipe_takes_what_is_written_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    check_output(pipe, overwrite=False)
    thread, read = read_fifo(pipe)
    write_text(pipe, "through")
    thread.join(10)
    assert read == [b"through"] and pipe.is_fifo()


def test_devices_and_open_files_are_streams(tmp_path: Path) -> None:
    assert all(map(is_stream, map(Path, ("/dev/null", "/dev/stdout", "/dev/fd/1"))))
    assert not is_stream(tmp_path) and not is_stream(tmp_path / "new")


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(ZeroDivisionError), written_whole(tmp_path / "a.txt") as part:
        part.write_text("new")
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_files_of_others_keep_all_of_a_report_away(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text('{"mine": 1}')

    def check(overwrite: bool = False) -> None:
        names = ("report.json", "backtest.csv")
        check_outputs(tmp_path, names, overwrite, "report.json", ("name", "metrics"))

    for content in ('{"mine": 1}', "[", "[]"):
        (tmp_path / "report.json").write_text(content)
        with pytest.raises(UsageError, match=r"report\.json exists"):
            check()
    check(overwrite=True)
    (tmp_path / "report.json").write_text('{"name": 1, "metrics": 2, "more": 3}')
    (tmp_path / "backtest.csv").touch()
    check()


def test_evaluate_writes_its_own_report_again_and_no_other(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    curve = figure.Figure((1, 1))
    monkeypatch.setattr(run, "pictures", lambda: {"learning_curves": curve})
    for _ in range(2):
        run.evaluate(reviews(40, seed=2))
    (tmp_path / "comparison.png").write_text("mine")
    with pytest.raises(UsageError, match=r"comparison\.png exists"):
        run.evaluate(reviews(40, seed=2), out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["comparison.png"]
    run.evaluate(reviews(40, seed=2), out=tmp_path, overwrite=True)
    assert (tmp_path / "comparison.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is no folder"):
        run.evaluate(reviews(40, seed=2), out=tmp_path / "file")


@contextmanager
def output_to(path: Path) -> Iterator[None]:
    """What goes to the process's standard output is added to a file."""
    before = os.dup(1)
    with path.open("a") as file:
        os.dup2(file.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(before, 1)
        os.close(before)


def test_predict_writes_to_the_output_and_replaces_no_file(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def call(out: str) -> int:
        words = ["seqkit", "predict", str(run.path), "a film", "--out", out]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            main()
            sys.exit(0)
        return int(ended.value.code or 0)

    mine, log = tmp_path / "mine.csv", tmp_path / "log"
    mine.write_text("mine")
    assert call(str(mine)) == 2 and "mine.csv exists" in capsys.readouterr().err
    assert mine.read_text() == "mine"
    log.write_text("before\n")
    with output_to(log):
        assert call("-") == 0
    assert capsys.readouterr().out == ""
    before, table = log.read_text().split("\n", 1)
    (tmp_path / "table.csv").write_text(table)
    assert before == "before"
    assert list(pd.read_csv(tmp_path / "table.csv"))[0] == "label"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", [("list",), ("list", "--json"), ("schema",)])
def test_a_full_output_is_one_sentence(
    start: Callable[..., subprocess.Popen[str]], words: tuple[str, ...]
) -> None:
    with open("/dev/full", "w") as full:
        process = start("-m", "seqkit", *words, stdout=full)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert err == "seqkit: The output cannot be written: No space left on device.\n"
