"""What the command line does where its streams are closed, full or plain ASCII."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RECIPE = "task: classify_text\ndescription: Größe 中\ndata: {source: sample:reviews}\n"


@pytest.fixture
def seqkit(tmp_path: Path) -> Any:
    """Run the command line through a shell, beside a recipe whose text is not ASCII."""
    (tmp_path / "r.yaml").write_text(RECIPE, encoding="utf-8")

    def run(words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        command = f"{sys.executable} -m seqkit {words}"
        return subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            capture_output=True,
            env=os.environ | environment,
        )

    return run


def test_an_ascii_terminal_gets_escapes_and_valid_json(seqkit: Any) -> None:
    ascii = {"PYTHONIOENCODING": "ascii"}
    shown = seqkit("show r.yaml", **ascii)
    assert shown.returncode == 0
    assert rb"description: Gr\xf6\xdfe \u4e2d" in shown.stdout
    plain = seqkit("show r.yaml --json", **ascii)
    assert plain.stdout.isascii()
    assert json.loads(plain.stdout)["description"] == "Größe 中"


def test_a_name_that_is_no_unicode_is_refused_in_a_sentence(seqkit: Any) -> None:
    refused = seqkit("show $(printf 'gr\\xf6n')")
    assert refused.returncode == 2
    assert refused.stderr.startswith(rb"seqkit: No recipe 'gr\udcf6n'. Known: ")


def test_a_reader_that_stops_early_is_not_told(seqkit: Any) -> None:
    assert seqkit("show r.yaml | head -n 0").stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_output_is_told_in_a_sentence(seqkit: Any) -> None:
    full = seqkit("show r.yaml > /dev/full")
    assert full.returncode == 1
    assert full.stderr.startswith(b"seqkit: ") and full.stderr.count(b"\n") == 1
    assert b"No space left on device" in full.stderr


def test_closed_streams_stop_nothing(seqkit: Any) -> None:
    done = seqkit("show r.yaml <&- >&- 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert seqkit("show nothing <&- 2>&-").returncode == 2
