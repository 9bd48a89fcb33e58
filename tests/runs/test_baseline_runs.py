"""Runs that ship a plain baseline in place of a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tiny import write_reviews

import seqkit
from seqkit.errors import ExportError, RecipeError, RunError, UsageError
from seqkit.runs.run import Run

AIRLINE = {"data.horizon": 3, "data.validation": 12, "data.test": 24}


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("baseline")
    data = write_reviews(folder / "reviews.csv")
    return seqkit.fit(
        "text_classifier", data=data, out=folder / "run", baseline="ratio_logistic"
    )


@pytest.fixture(scope="module")
def airline(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("baseline")
    return seqkit.fit(
        "airline_forecast", AIRLINE, out=folder / "run", baseline="seasonal_naive"
    )


def test_its_answers_are_those_of_the_baseline(reviews: Run) -> None:
    texts = ["a good film", "bad"]
    answers = reviews.predict(texts)
    assert reviews.plain is not None
    expected = reviews.plain.outputs(texts).max(axis=1)
    np.testing.assert_allclose(answers["probability"], expected)


def test_a_report_has_the_other_baselines_beside_it(reviews: Run) -> None:
    report = reviews.evaluate()
    assert "TF-IDF with logistic regression" in report.baselines
    assert "log-count ratios with logistic regression" not in report.baselines
    assert "log-count ratios" in report.name
    assert not (reviews.path / "learning_curves.png").exists()


def test_its_export_answers_with_tensorflow_alone(reviews: Run, tmp_path: Path) -> None:
    reviews.export(tmp_path / "export")
    serve = tf.saved_model.load(str(tmp_path / "export")).signatures["serving_default"]
    served = serve(tf.constant(["a good film"]))["probability"].numpy()[0]
    assert served == pytest.approx(reviews.predict(["a good film"])["probability"][0])
    card = (tmp_path / "export" / "README.md").read_text()
    assert "a plain baseline (log-count ratios" in card


def test_it_is_loaded_and_compared_as_any_run(reviews: Run, tmp_path: Path) -> None:
    loaded = seqkit.load(reviews.path)
    other = seqkit.fit(
        reviews.recipe, {"baseline": "tfidf_logistic"}, out=tmp_path / "other"
    )
    comparison = seqkit.compare(loaded, other)
    assert {one.name for one in comparison.competitors} == {
        "baseline=ratio_logistic",
        "baseline=tfidf_logistic",
    }


def test_a_forecast_by_a_baseline_has_its_quantiles(airline: Run) -> None:
    answers = airline.predict()
    assert list(answers.columns) == ["id", "timestamp", "forecast", "q10", "q50", "q90"]
    assert answers["q10"].lt(answers["q90"]).all()


def test_a_forecast_of_a_baseline_is_exported(airline: Run, tmp_path: Path) -> None:
    airline.export(tmp_path / "export")
    serve = tf.saved_model.load(str(tmp_path / "export")).signatures["serving_default"]
    series = np.arange(40.0) ** 2
    served = serve(tf.constant(series[None], tf.float64))["forecast"].numpy()[0]
    np.testing.assert_allclose(served, series[-12:-9])
    np.testing.assert_allclose(served, airline.predict(series)["forecast"])


def test_what_needs_a_network_is_refused(airline: Run) -> None:
    with pytest.raises(RunError, match="ships the baseline seasonal_naive"):
        _ = airline.model


def test_a_baseline_without_a_graph_is_not_exported(tmp_path: Path) -> None:
    run = seqkit.fit(
        "airline_forecast", AIRLINE, out=tmp_path / "run", baseline="ridge"
    )
    with pytest.raises(ExportError, match="ridge on lags has no graph"):
        run.export(tmp_path / "export")
    assert not (tmp_path / "export").exists()


def test_a_name_of_no_baseline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="Did you mean 'theta'"):
        seqkit.fit("airline_forecast", out=tmp_path / "run", baseline="thetta")


def test_a_baseline_of_another_task_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="only last_value, drift"):
        seqkit.fit("airline_forecast", out=tmp_path / "run", baseline="tfidf_logistic")
    assert not (tmp_path / "run").exists()
