"""The command line as a person uses it: what it prints, and its exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tiny import TINY, write_reviews

from seqkit import cli

Cli = Callable[..., tuple[int, str, str]]
TINY_WORDS = [f"{k}={'null' if v is None else v}" for k, v in TINY.items()]


@pytest.fixture
def seqkit(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> Cli:
    """Call the command line in this process; gives status, output and errors."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["seqkit", *words])
        with pytest.raises(SystemExit) as stop:
            cli.main()
            sys.exit(0)
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return call


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reviews(tmp_path_factory.mktemp("data") / "reviews.csv")


@pytest.fixture(scope="module")
def run(copy_of: Callable[[str], Any]) -> Path:
    path: Path = copy_of("classify_text").path
    return path


def test_fit_tells_its_epochs_and_what_comes_next(
    seqkit: Cli, data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    words = ("fit", "sample_sentiment", *TINY_WORDS, "--data", str(data))
    status, out, err = seqkit(*words, "--out", str(folder))
    assert status == 0, err
    assert f"Next: seqkit evaluate {folder}" in out
    assert err.count("epoch ") == TINY["train.epochs"], err


@pytest.mark.slow
def test_a_process_of_its_own_prints_what_seqkit_says_alone(
    data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "seqkit", "fit", "sample_sentiment", *TINY_WORDS]
    command += ["--data", str(data), "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"Next: seqkit evaluate {folder}" in done.stdout
    assert done.stderr.count("epoch ") == TINY["train.epochs"], done.stderr
    assert "cuda" not in done.stderr.lower()


def test_list_names_every_recipe(seqkit: Cli) -> None:
    status, out, _ = seqkit("list")
    assert status == 0
    assert {"bilstm_sentiment", "sample_sentiment"} <= {
        r.split()[0] for r in out.splitlines()
    }
    status, out, _ = seqkit("list", "--json")
    assert {row["name"] for row in json.loads(out)} >= {"char_rnn_sentiment"}


def test_show_resolves_every_key(seqkit: Cli) -> None:
    status, out, _ = seqkit(
        "show", "stacked_gru_sentiment", "model.units=[8, 8]", "--json"
    )
    shown = json.loads(out)
    assert status == 0
    assert shown["model"]["units"] == [8, 8]
    assert shown["model"]["cell"] == "gru"
    assert shown["data"]["encoding"] == "utf-8"
    cells = ["simple_rnn", "lstm", "gru", "tcn"]
    assert seqkit("show", "--cells")[1].split() == cells


def test_schema_is_json_schema(seqkit: Cli, tmp_path: Path) -> None:
    assert "anyOf" in json.loads(seqkit("schema")[1])
    assert seqkit("schema", "--out", str(tmp_path / "schema.json"))[0] == 0
    assert "anyOf" in json.loads((tmp_path / "schema.json").read_text())


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["show", "bilstm_sentimant"], 2, "Did you mean 'bilstm_sentiment'?"),
        (["show", "bilstm_sentiment", "model.cell=lsmt"], 2, "Did you mean 'lstm'?"),
        (["show", "bilstm_sentiment", "model.cel=gru"], 2, "Did you mean 'cell'?"),
        (["show", "bilstm_sentiment", "model.cell"], 2, "KEY=VALUE"),
        (["show"], 2, "show needs a recipe"),
        (["fit"], 2, "fit needs a recipe"),
        (["fit", "sample_sentiment", "--data", "gone.csv"], 1, "gone.csv"),
        (["fit", "sample_sentiment", "--data", "text.docx"], 2, "kind of 'text.docx'"),
        (["fit", "--resume", "nowhere"], 1, "no run to resume in nowhere"),
        (["fit", "train.epochs=2"], 2, "fit needs a recipe"),
        (["tune", "train.epochs=2"], 2, "tune needs a recipe"),
        (["tune", "x", "--worker", "h:5000"], 2, "tune NAME --cluster tls://HOST:PORT"),
        (["tune", "x", "--chief", "5000"], 2, "--chief and --worker are gone"),
        (
            ["tune", "sample_sentiment", "--cluster", "tcp://10.0.0.7:8786"],
            2,
            "is not encrypted",
        ),
        (["evaluate", "nowhere"], 1, "not a run's folder"),
        (["predict", "nowhere"], 1, "not a run's folder"),
        (["predict", "nowhere", "a film", "--data", "a.csv"], 2, "not both"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_a_mistake_gives_one_sentence_and_its_status(
    seqkit: Cli,
    words: list[str],
    status: int,
    text: str,
    tmp_path: Path,
    monkeypatch: Any,
) -> None:
    monkeypatch.chdir(tmp_path)
    got, out, err = seqkit(*words)
    assert got == status
    assert text in err
    assert "Traceback" not in err + out
    assert not list(tmp_path.iterdir())


def test_mistakes_are_json_with_json(seqkit: Cli) -> None:
    status, out, _ = seqkit("show", "nothing", "--json")
    assert status == 2
    assert "nothing" in json.loads(out)["error"]


def test_evaluate_prints_intervals_and_baselines(seqkit: Cli, run: Path) -> None:
    status, out, _ = seqkit("evaluate", str(run))
    assert status == 0
    assert "majority class" in out
    assert "TF-IDF with logistic regression" in out
    assert "[" in out
    for name in ("learning_curves", "confusion_matrix", "reliability", "lengths"):
        assert (run / f"{name}.png").stat().st_size > 10_000
    report = json.loads((run / "report.json").read_text())
    assert set(report["metrics"]) == {"accuracy", "f1", "log_loss", "calibration_error"}


def test_evaluate_takes_other_data(seqkit: Cli, run: Path, tmp_path: Path) -> None:
    other = write_reviews(tmp_path / "other.csv", rows=60, seed=3)
    status, out, _ = seqkit("evaluate", str(run), "--data", str(other), "--json")
    assert status == 0
    report = json.loads(out)
    assert report["rows"] == 60
    majority = report["baselines"]["majority class"]
    assert majority["accuracy"][0] == pytest.approx(0.5)


def test_predict_answers_words_and_files_alike(
    seqkit: Cli, run: Path, data: Path, tmp_path: Path
) -> None:
    status, out, _ = seqkit("predict", str(run), "a lovely film", "--json")
    assert status == 0
    record = json.loads(out)
    assert set(record) == {"label", "probability", "p_bad", "p_good"}
    assert record["p_bad"] + record["p_good"] == pytest.approx(1.0)
    target = tmp_path / "answers.csv"
    assert (
        seqkit("predict", str(run), "--data", str(data), "--out", str(target))[0] == 0
    )
    answers = pd.read_csv(target)
    assert len(answers) == len(pd.read_csv(data))


def test_export_refuses_a_folder_that_exists(
    seqkit: Cli, run: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    words = ("export", str(run), "--out", str(tmp_path / "mine"))
    status, _, err = seqkit(*words)
    assert status == 2
    assert "overwrite" in err
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_an_unknown_format_is_named(seqkit: Cli, run: Path) -> None:
    status, _, err = seqkit("export", str(run), "--format", "savedmodle")
    assert status == 2
    assert "Did you mean 'savedmodel'?" in err


@pytest.mark.usefixtures("unverified")
def test_the_cli_exports_a_savedmodel(seqkit: Cli, run: Path, tmp_path: Path) -> None:
    target = tmp_path / "export"
    status, out, err = seqkit("export", str(run), "--out", str(target), "--json")
    assert status == 0, err
    assert json.loads(out)["export"] == str(target)
    assert "bad, good" in (target / "README.md").read_text()
