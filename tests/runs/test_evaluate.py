"""What a report says first, and that test rows stay unseen."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure
from tiny import TINY, reviews
from tiny_training import untrained

from seqkit.errors import DataError, RunError, UsageError
from seqkit.runs.fit import fit
from seqkit.runs.report import Report
from seqkit.runs.run import Run
from seqkit.scores.classes import ClassificationScorer
from seqkit.scores.scorer import Scores
from seqkit.tasks.answers.classes import Classes


def report(lead: tuple[float, float, float]) -> Report:
    """A report in which only the paired lead over the baseline matters."""
    scores = {"accuracy": (0.8, 0.78, 0.82)}
    return Report(
        name="mine",
        task="classify_text",
        data="csv:x.csv",
        rows=100,
        primary_metric="accuracy",
        metrics=scores,
        baselines={"majority class": scores, "plain": scores},
        differences={"majority class": (0.3, 0.2, 0.4), "plain": lead},
        reference=None,
        cost={"parameters": 10, "seconds": 1.0, "bytes": 5},
    )


def test_a_baseline_that_wins_comes_first() -> None:
    said = str(report((-0.02, -0.03, -0.01)))
    assert said.startswith("The plain baseline wins: plain")


def test_a_lead_whose_interval_holds_zero_is_no_real_difference() -> None:
    assert "no real difference" in report((0.001, -0.01, 0.012)).sentence


def test_a_clear_lead_is_named() -> None:
    assert report((0.02, 0.01, 0.03)).sentence.endswith("the model wins.")


def test_notes_stand_beside_the_headline_wherever_it_is_told() -> None:
    noted = replace(report((0.02, 0.01, 0.03)), notes=("three rows < left out.",))
    assert str(noted).splitlines()[1] == "Note: three rows < left out."
    assert "Note: three rows &lt; left out." in noted._repr_html_()
    assert noted.to_dict()["notes"] == ["three rows < left out."]


def forecast_report() -> Report:
    """A report of a forecast, whose metrics are many and whose errors are low."""
    names = ("mae", "rmse", "mape", "smape", "mase", "coverage_80")
    scores = {name: (0.5, 0.4, 0.6) for name in names}
    lead = report((0.1, 0.05, 0.15))
    forecast = {"task": "forecast", "primary_metric": "mase", "metrics": scores}
    rivals = {name: scores for name in lead.baselines}
    return replace(lead, **forecast, baselines=rivals)


def headings(told: Report) -> list[str]:
    """The headings of a report's table in a notebook: of columns, then of rows."""
    return re.findall("<th>(.*?)</th>", told._repr_html_())


def test_many_metrics_stand_in_rows_on_terminals_and_in_notebooks() -> None:
    told = forecast_report()
    assert "coverage_80  0.5000" in str(told)
    assert headings(told) == ["", "mine", "majority class", "plain", *told.metrics]


def test_few_metrics_stand_beside_each_other() -> None:
    told = report((0.1, 0.0, 0.2))
    assert headings(told) == ["", "accuracy", "mine", "majority class", "plain"]


def test_a_report_shows_itself_in_words() -> None:
    told = forecast_report()
    assert repr(told) == str(told)
    assert "100 windows of csv:x.csv" in repr(told)
    assert "100 rows of csv:x.csv" in repr(report((0.1, 0.0, 0.2)))


@pytest.mark.parametrize(
    ("told", "way"),
    [
        (report((0.1, 0.0, 0.2)), "accuracy; higher is better"),
        (forecast_report(), "mase; lower is better"),
    ],
)
def test_the_picture_says_which_way_is_better(told: Report, way: str) -> None:
    (axes,) = told.pictures()["comparison"].axes
    assert axes.get_xlabel() == way


CONFUSION = pd.DataFrame({"truth": ["a", "a"], "predicted": ["a", "b"]})


def test_a_report_gives_its_tables_by_name() -> None:
    with_table = replace(report((0.1, 0.0, 0.2)), tables={"confusion": CONFUSION})
    for one in (with_table, copy.copy(with_table), copy.deepcopy(with_table)):
        assert one.confusion.equals(CONFUSION)
    again = pickle.loads(pickle.dumps(with_table))
    assert again.sentence == with_table.sentence and again.confusion.equals(CONFUSION)
    with pytest.raises(AttributeError, match="neither 'horizon' nor such a table"):
        _ = with_table.horizon


def test_a_report_draws_what_its_scorer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    class Drawing(ClassificationScorer):
        @classmethod
        def pictures(cls, scores: Scores, baselines: Any) -> dict[str, Figure]:
            assert list(scores.filled) == ["confusion"]
            assert scores.metrics["accuracy"] == (0.8, 0.78, 0.82)
            return {title: Figure() for title in baselines}

    monkeypatch.setattr(Classes, "scorer_type", lambda: Drawing)
    tables = {"confusion": CONFUSION, "reliability": CONFUSION[:0]}
    told = replace(
        report((0.1, 0.0, 0.2)), tables=tables, baseline_tables={"plain": tables}
    )
    assert list(told.pictures()) == ["comparison", "plain"]


def test_forecasts_are_drawn_by_step_beside_their_baselines() -> None:
    horizon = pd.DataFrame({"step": [1, 2], "mase": [0.5, 0.7]})
    told = replace(
        forecast_report(),
        tables={"horizon": horizon, "coverage": horizon[:0]},
        baseline_tables={"naive": {"horizon": horizon + 1}},
    )
    drawn = told.pictures()
    assert list(drawn) == ["comparison", "horizon"]
    labels = [line.get_label() for line in drawn["horizon"].axes[0].lines]
    assert labels == ["naive", "model"]
    single = replace(told, tables={"horizon": horizon[:1]})
    assert list(single.pictures()) == ["comparison"]


@pytest.fixture(scope="module")
def run(copy_of: Callable[[str], Run]) -> Run:
    return copy_of("classify_text")


def test_without_data_the_held_out_rows_are_scored(run: Run, tmp_path: Path) -> None:
    assert run.evaluate(out=tmp_path).rows == run.facts["rows"]["test"] == 40


def test_the_held_out_part_is_refused_when_the_data_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in (Run, Report):
        monkeypatch.setattr(kind, "pictures", lambda one: {})
    data = tmp_path / "reviews.csv"
    reviews(200).to_csv(data, index=False)
    with untrained():
        run = fit(
            "sample_sentiment",
            TINY | {"train.epochs": 1},
            data=data,
            out=tmp_path / "run",
            progress=False,
        )
    assert run.evaluate().rows == pytest.approx(20, abs=2)
    reviews(200, seed=5).to_csv(data, index=False)
    with pytest.raises(RunError, match="changed since this run was trained"):
        run.evaluate()


def test_the_model_learns_the_telling_words(run: Run) -> None:
    scored = run.evaluate(reviews(300, seed=9), out=run.path / "fresh")
    assert scored.metrics["accuracy"][0] > 0.9
    value, low, high = scored.metrics["f1"]
    assert low <= value <= high
    assert scored.confusion["count"].sum() == 300


def test_predict_keeps_the_order_of_the_inputs(run: Run) -> None:
    texts = list(reviews(300, seed=4)["text"])
    together = run.predict(texts)
    for position in (0, 7, 150, 299):
        alone = run.predict([texts[position]])
        assert alone["p_good"][0] == pytest.approx(
            together["p_good"][position], abs=1e-6
        )


def test_predict_takes_frames_and_awkward_texts(run: Run) -> None:
    frame = pd.DataFrame({"text": ["fine", "\U0001f600", "x" * 100_000]})
    assert len(run.predict(frame)) == 3
    assert len(run.predict(["", " ", "\ud800"])) == 3
    assert run.predict(frame["text"]).equals(run.predict(frame))


def test_predict_names_what_it_cannot_take(run: Run) -> None:
    with pytest.raises(UsageError, match=r"Write it as a list"):
        run.predict("a film")
    with pytest.raises(DataError, match="must be a text"):
        run.predict([3])
    with pytest.raises(UsageError, match="at least one input"):
        run.predict([])
    with pytest.raises(DataError, match="label 'great'"):
        run.evaluate(pd.DataFrame({"text": ["a"], "label": ["great"]}))


def test_a_small_difference_keeps_its_digits() -> None:
    told = report((-0.00003, -0.0004, 0.00034)).sentence
    assert "(-0.00003, 95% interval -0.00040 to +0.00034)" in told
    told = report((0.001, -0.01, 0.012)).sentence
    assert "(+0.0010, 95% interval -0.0100 to +0.0120)" in told
    assert (
        "(-1,234.4, 95% interval -2,000.0 to +34,567.0)"
        in report((-1234.4, -2000.0, 34567.0)).sentence
    )
    assert "(+0.0000, 95%" in report((0.0, 0.0, 0.0)).sentence
