"""What can be done with a run: its task names the class that says so."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from tiny import TINY, reviews
from tiny_runs import Maker
from tiny_series import TINY_FORECAST, waves

import seqkit
from seqkit import cli
from seqkit.errors import MissingVerbError, UsageError
from seqkit.registry import RUNS, TASKS
from seqkit.runs.folder import RunFolder
from seqkit.runs.forecast import ForecastRun
from seqkit.runs.run import Run
from seqkit.shared.files import write_json


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    make = Maker(tmp_path_factory.mktemp("runs"), "sample_sentiment", TINY)
    return make("classifier", {}, 0.9, reviews(60)).path


@pytest.fixture(scope="module")
def forecaster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    make = Maker(tmp_path_factory.mktemp("runs"), "airline_forecast", TINY_FORECAST)
    return make("forecaster", {}, 0.9, waves()).path


def test_run_is_loaded_with_the_verbs_of_its_task(
    classifier: Path, forecaster: Path
) -> None:
    assert type(seqkit.load(classifier)) is Run
    run = seqkit.load(forecaster)
    assert type(run) is ForecastRun
    assert hasattr(run, "backtest") and hasattr(run, "plot")


@pytest.mark.parametrize(
    ("verb", "text"),
    [
        ("backtest", "Only forecasts can be backtested"),
        ("plot", "Only forecasts can be plotted"),
    ],
)
def test_missing_verb_says_which_runs_have_it(
    classifier: Path, verb: str, text: str
) -> None:
    run = seqkit.load(classifier)
    assert not hasattr(run, verb)
    with pytest.raises(MissingVerbError) as refusal:
        getattr(run, verb)()
    assert isinstance(refusal.value, UsageError)
    assert str(refusal.value) == (
        f"{text}; this run's task is classify_text. Use: seqkit evaluate {classifier}"
    )


@pytest.mark.parametrize("words", [["backtest"], ["predict", "--picture", "a.png"]])
def test_command_line_tells_a_missing_verb_as_called_wrongly(
    classifier: Path,
    words: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verb, *options = words
    monkeypatch.setattr(sys, "argv", ["seqkit", verb, str(classifier), *options])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    assert "seqkit: Only forecasts can be " in capsys.readouterr().err


def test_plain_run_of_a_forecaster_says_how_to_load_it(forecaster: Path) -> None:
    with pytest.raises(MissingVerbError, match=r"no backtest. .* by seqkit.load"):
        Run(forecaster).backtest()


def test_name_that_no_run_has_is_an_attribute_error(classifier: Path) -> None:
    run = seqkit.load(classifier)
    for name in ("backtst", "_private", "__wrapped__"):
        with pytest.raises(AttributeError, match=name) as error:
            getattr(run, name)
        assert not isinstance(error.value, UsageError)


def test_error_inside_a_property_is_told_as_it_is(
    classifier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(run: Any) -> Any:
        return None.nothing  # type: ignore[attr-defined]

    monkeypatch.setattr(RunFolder, "notes", property(broken))
    with pytest.raises(AttributeError, match="'NoneType' .* 'nothing'"):
        seqkit.load(classifier).notes  # noqa: B018


def test_card_tells_a_backtest_where_nothing_was_evaluated(
    forecaster: Path, classifier: Path, tmp_path: Path
) -> None:
    for path in (forecaster, classifier):
        copy = shutil.copytree(path, tmp_path / path.name)
        (copy / "backtest").mkdir()
        write_json(copy / "backtest" / "report.json", {"name": "of the backtest"})
        run = seqkit.load(copy)
        is_told = {"name": "of the backtest"} if path == forecaster else None
        assert run._last_report() == is_told
        write_json(copy / "report.json", {"name": "of the test part"})
        assert run._last_report() == {"name": "of the test part"}


@pytest.mark.parametrize("task", list(TASKS))
def test_every_task_names_a_kind_of_run(task: str) -> None:
    assert issubclass(RUNS.get(TASKS.get(task).run_kind), Run)


@pytest.mark.parametrize("kind", list(RUNS))
def test_every_verb_is_a_method_that_other_runs_lack(kind: str) -> None:
    for verb in RUNS.get(kind).verbs:
        assert callable(getattr(RUNS.get(kind), verb))
        assert verb not in vars(Run)
