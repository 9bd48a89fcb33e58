"""A tagger that is asked otherwise: the same weights, other tags."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from cases.tag_text import CASE, tiny_sentences

import seqkit
from seqkit import cli
from seqkit.errors import RecipeError, UsageError
from seqkit.export.shipment import Shipment
from seqkit.runs.report import REPORT, Report
from seqkit.runs.run import Run


@pytest.fixture(scope="module")
def run(copy_of: Callable[[str], Run]) -> Run:
    return copy_of("tag_text")


@pytest.fixture(scope="module")
def greedy(run: Run) -> Run:
    return run.decoded(method="argmax")


@pytest.fixture(scope="module")
def sentences(run: Run, greedy: Run) -> list[list[str]]:
    """Sentences that training did not see; both decodings do not agree on all."""
    rows: list[list[str]] = tiny_sentences(120, "test")["tokens"].tolist()
    assert run.predict(rows)["tag"].tolist() != greedy.predict(rows)["tag"].tolist()
    return rows


def padded(sentences: list[list[str]]) -> list[list[str]]:
    longest = max(map(len, sentences))
    return [one + [""] * (longest - len(one)) for one in sentences]


@pytest.fixture
def seqkit_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Call the command line in this process; gives status, output and errors."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["seqkit", *words])
        with pytest.raises(SystemExit) as stop:
            cli.main()
            sys.exit(0)
        return int(stop.value.code or 0), *capsys.readouterr()

    return call


def test_tags_are_the_most_probable_ones(
    run: Run, greedy: Run, sentences: list[list[str]]
) -> None:
    paths, outputs = run.outputs(sentences), greedy.outputs(sentences)
    for row in range(len(sentences)):
        probabilities = outputs["probabilities"][row]
        assert outputs["tags"][row].tolist() == probabilities.argmax(-1).tolist()
        np.testing.assert_array_equal(probabilities, paths["probabilities"][row])


def test_run_asked_otherwise_answers_as_one_whose_recipe_says_so(
    run: Run, greedy: Run, sentences: list[list[str]], tmp_path: Path
) -> None:
    folder = shutil.copytree(run.path, tmp_path / "run")
    (folder / "files.json").unlink()
    text = (folder / "recipe.yaml").read_text()
    (folder / "recipe.yaml").write_text(text.replace("viterbi", "argmax"))
    other = seqkit.load(folder)
    assert other.recipe == greedy.recipe != run.recipe
    pd.testing.assert_frame_equal(other.predict(sentences), greedy.predict(sentences))
    back = other.decoded(method="viterbi")
    pd.testing.assert_frame_equal(back.predict(sentences), run.predict(sentences))


@pytest.mark.slow
def test_run_asked_otherwise_answers_as_one_trained_so(
    run: Run, greedy: Run, sentences: list[list[str]], tmp_path: Path
) -> None:
    trained = seqkit.fit(
        CASE.recipe,
        {**CASE.tiny, "decode.method": "argmax"},
        data=CASE.rows(),
        out=tmp_path / "run",
        progress=False,
    )
    pairs = zip(trained.model.get_weights(), run.model.get_weights(), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)
    assert trained.recipe == greedy.recipe != run.recipe
    pd.testing.assert_frame_equal(trained.predict(sentences), greedy.predict(sentences))
    back = seqkit.load(trained.path).decoded(method="viterbi")
    pd.testing.assert_frame_equal(back.predict(sentences), run.predict(sentences))


def test_both_share_the_trained_model(run: Run, greedy: Run) -> None:
    assert greedy.model is run.model and greedy.preprocessing is run.preprocessing
    assert type(greedy) is type(run) and greedy.path == run.path
    assert run.recipe.to_dict()["decode"] == {"method": "viterbi"}
    assert greedy.decode_changes == {"method": "argmax"} and not run.decode_changes
    assert not greedy.decoded(method="viterbi").decode_changes


def test_reports_lie_apart(
    run: Run, greedy: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in (type(run), Report):
        monkeypatch.setattr(kind, "pictures", lambda one: {})
    frame = tiny_sentences(120, "test")
    own, other = run.evaluate(frame), greedy.evaluate(frame)
    for asked, report in ((run, own), (greedy, other)):
        tags = asked.predict(frame["tokens"].tolist())["tag"].to_numpy()
        accuracy = (tags == np.concatenate(frame["tags"].tolist())).mean()
        assert report.metrics["accuracy"][0] == pytest.approx(accuracy)
    assert own.baselines == other.baselines
    place = run.path / "decode" / "method=argmax"
    assert greedy.report_folder == place and (place / REPORT).is_file()
    for asked, report in ((run, own), (greedy, other)):
        written = json.loads((asked.report_folder / REPORT).read_text())
        assert written["metrics"]["f1"] == list(report.metrics["f1"])
        last = asked._last_report()
        assert last and last["metrics"] == written["metrics"]
    assert own.metrics["f1"] != other.metrics["f1"]


def test_runs_are_compared_with_themselves_decoded_otherwise(
    run: Run, greedy: Run
) -> None:
    comparison = seqkit.compare(run, greedy)
    names = {one.name for one in comparison.competitors}
    assert names == {"decode.method=viterbi", "decode.method=argmax"}
    for again in (run, seqkit.load(run.path), greedy.decoded(method="viterbi")):
        with pytest.raises(UsageError, match="is given twice"):
            seqkit.compare(run, again)


def test_shipment_holds_the_decoding(
    greedy: Run, sentences: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped: list[Shipment] = []
    monkeypatch.setattr("seqkit.export.export", lambda one, *place: shipped.append(one))
    greedy.export("anywhere")
    (shipment,) = shipped
    assert "method: argmax" in shipment.card
    samples = {"tokens": padded(sentences)}
    tags = shipment.serving({"tokens": tf.constant(padded(sentences))})["tag"].numpy()
    found = [[tag.decode() for tag in row] for row in tags]
    assert found == shipment.predict(samples)["tag"]
    assert [tag for row in found for tag in row if tag] == greedy.predict(sentences)[
        "tag"
    ].tolist()


@pytest.mark.slow
def test_export_holds_the_decoding(
    greedy: Run, sentences: list[list[str]], tmp_path: Path
) -> None:
    folder = greedy.export(tmp_path / "export")
    assert "method: argmax" in (folder / "README.md").read_text("utf-8")
    serve = tf.saved_model.load(folder).signatures["serving_default"]
    tags = serve(tokens=tf.constant(padded(sentences)))["tag"].numpy()
    found = [tag.decode() for row in tags for tag in row if tag]
    assert found == greedy.predict(sentences)["tag"].tolist()


def test_folder_and_recipe_of_older_versions_are_read_along_legal_paths(
    run: Run, sentences: list[list[str]], tmp_path: Path
) -> None:
    older = shutil.copytree(run.path, tmp_path / "older")
    (older / "files.json").unlink()
    text = (older / "recipe.yaml").read_text()
    section = "decode:\n  method: viterbi\n"
    assert section in text
    (older / "recipe.yaml").write_text(text.replace(section, ""))
    loaded = seqkit.load(older)
    assert loaded.recipe == run.recipe
    pd.testing.assert_frame_equal(loaded.predict(sentences), run.predict(sentences))


def test_command_line_asks_a_run_otherwise(
    run: Run,
    greedy: Run,
    sentences: list[list[str]],
    seqkit_command: Any,
    tmp_path: Path,
) -> None:
    file, out = tmp_path / "rows.jsonl", tmp_path / "tags.csv"
    pd.DataFrame({"tokens": sentences}).to_json(file, orient="records", lines=True)
    asked = ("--data", str(file), "--out", str(out), "--set", "decode.method=argmax")
    assert seqkit_command("predict", str(run.path), *asked)[0] == 0
    wanted = greedy.predict(sentences)["tag"].tolist()
    assert pd.read_csv(out, keep_default_na=False)["tag"].tolist() == wanted


@pytest.mark.parametrize("verb", ["evaluate", "predict", "export", "compare"])
@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("model.cell=gru", "--set takes keys of the decode section, got model.cell."),
        ("decode.methd=argmax", "Did you mean 'method'?"),
        ("decode.method=3", "must be one of viterbi, argmax, got 3"),
        ("argmax", "An override is written KEY=VALUE, got 'argmax'."),
    ],
)
def test_wrong_settings_are_told_by_every_verb(
    run: Run, verb: str, word: str, sentence: str, seqkit_command: Any
) -> None:
    status, _, error = seqkit_command(verb, str(run.path), "--set", word)
    assert status == 2 and sentence in error


def test_runs_of_tasks_without_the_section_say_so(
    run_of: Callable[[str], Run],
) -> None:
    with pytest.raises(RecipeError, match="classify_text has no decode section"):
        run_of("classify_text").decoded(method="argmax")
