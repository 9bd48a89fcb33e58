"""Kernels beside a model of series: fitted apart, mixed in by validation, exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifierCV, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tiny_whole_series import tiny_series

import seqkit
from seqkit.data.sources.given import given_source
from seqkit.data.stores.store import padded
from seqkit.models.averaged import members_of
from seqkit.models.wide import parts, shares_of
from seqkit.runs.run import Run, run_at
from seqkit.tasks.baselines.mini_rocket import ALPHAS
from seqkit.tasks.wide import chosen_number_shares, chosen_shares

RECIPES = {"label": "motion_classification", "level": "adding_problem"}
CHANGES = {
    "data.source": "frame",
    "data.values": ["warmth", "noise"],
    "data.validation": 0.3,
    "model.cell": "gru",
    "model.units": [4],
    "model.pooling": "mean",
    "model.wide": "kernels",
    "train.epochs": 2,
}
ANSWERS = pytest.mark.parametrize("answer", RECIPES)


def trained(folder: Path, answer: str, **changes: Any) -> Run:
    own = {key.replace("__", "."): value for key, value in changes.items()}
    key = "data.label" if answer == "label" else "data.target"
    return seqkit.fit(
        RECIPES[answer],
        {**CHANGES, key: answer, **own},
        data=tiny_series(),
        out=folder,
        progress=False,
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("wide")
    return {answer: trained(folder / answer, answer) for answer in RECIPES}


def rows_of(run: Run, part: str) -> tuple[list[Any], Any]:
    recipe, source = run.recipe, given_source(tiny_series(), run.recipe.data)
    chunks = list(run.task.open(recipe.data, recipe.model, source).examples(part))
    series = [one for chunk in chunks for one in chunk.inputs]
    return series, np.concatenate([chunk.truth for chunk in chunks])


def alone(run: Run, series: list[Any]) -> list[Any]:
    """What the network and the kernels answer, each by itself."""
    both = parts(run.model, "kernels").values()
    return [run.preprocessing.answering(part)(series) for part in both]


@ANSWERS
def test_the_network_is_bit_for_bit_the_one_without_kernels(
    runs: dict[str, Run], tmp_path: Path, answer: str
) -> None:
    plain = trained(tmp_path / "run", answer, model__wide="none")
    deep = [w for w in runs[answer].model.weights if w.trainable]
    for one, other in zip(deep, plain.model.weights, strict=True):
        np.testing.assert_array_equal(one, other)


@ANSWERS
def test_kernels_alone_answer_as_scikit_learn_does(
    runs: dict[str, Run], answer: str
) -> None:
    run = runs[answer]
    encoder = run.preprocessing.inputs.encoder  # type: ignore[attr-defined]
    layer = run.model.get_layer("kernel_scores")

    def features(series: list[Any]) -> Any:
        lengths = np.array([len(one) for one in series])
        steps = encoder(padded(series), lengths)
        return np.asarray(layer.features(steps)).reshape(len(series), -1)

    series, truth = rows_of(run, "train")
    others = rows_of(run, "validation")[0]
    model = (RidgeClassifierCV if answer == "label" else RidgeCV)(ALPHAS)
    pipeline = make_pipeline(StandardScaler(), model).fit(features(series), truth)
    found, wanted = alone(run, others)[1], pipeline.predict(features(others))
    if answer == "label":
        assert found.argmax(axis=1).tolist() == wanted.tolist()
        assert len(set(wanted)) == 2
    else:
        np.testing.assert_allclose(found, wanted, rtol=1e-3)


@ANSWERS
def test_shares_are_those_of_the_validation_rows(
    runs: dict[str, Run], answer: str
) -> None:
    run = runs[answer]
    series, truth = rows_of(run, "validation")
    deep, wide = alone(run, series)
    whole = run.preprocessing.answering(run.model)(series)
    if answer == "label":
        wanted = chosen_shares([np.log(deep), np.log(wide)], truth)
        logits = wanted[0] * np.log(deep) + wanted[1] * np.log(wide)
        mixed = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    else:
        scale = run.preprocessing.answer.scale  # type: ignore[attr-defined]
        center, unit = scale.center[0], scale.unit[0]
        scaled = [(each - center) / unit for each in (deep, wide, truth)]
        wanted = chosen_number_shares(scaled[0][:, None], scaled[1][:, None], scaled[2])
        mixed = (wanted[0] * scaled[0] + wanted[1] * scaled[1]) * unit + center
    assert shares_of(run.model) == pytest.approx(wanted, abs=2e-3)
    np.testing.assert_allclose(whole, mixed, rtol=2e-3, atol=1e-4)


def test_shares_of_numbers_err_least() -> None:
    draw = np.random.default_rng(0)
    truth = draw.normal(size=80)
    deep, wide = (truth + draw.normal(0, noise, 80) for noise in (0.4, 0.8))

    def cost(a: float, b: float) -> float:
        errors = a * deep + b * wide - truth
        pull = (a - 0.5) ** 2 + (b - 0.5) ** 2
        return float(40 * np.log(np.mean(errors**2)) + pull)

    a, b = chosen_number_shares(deep[:, None], wide[:, None], truth)
    grid = np.linspace(0, 1.5, 61)
    assert cost(a, b) <= min(cost(one, other) for one in grid for other in grid) + 1e-6
    assert a > b > 0


def test_shares_of_numbers_are_halves_without_rows_and_do_not_depend_on_units() -> None:
    none = np.zeros((0, 1))
    assert chosen_number_shares(none, none, np.zeros(0)) == (0.5, 0.5)
    draw = np.random.default_rng(1)
    truth = draw.normal(size=20)
    deep, wide = truth[:, None] + draw.normal(size=(2, 20, 1))
    first = chosen_number_shares(deep, wide, truth)
    other = chosen_number_shares(1e3 * deep, 1e3 * wide, 1e3 * truth)
    assert first == pytest.approx(other, abs=1e-3)


@ANSWERS
def test_the_report_gives_both_parts(runs: dict[str, Run], answer: str) -> None:
    report = runs[answer].evaluate()
    assert list(report.parts) == ["without kernels", "kernels alone"]


@pytest.mark.slow
def test_members_have_kernels_of_their_own_and_refit_keeps_shares(
    runs: dict[str, Run], tmp_path: Path
) -> None:
    run = trained(tmp_path / "run", "label", train__members=2, train__refit=True)
    series = rows_of(run, "validation")[0]
    members = members_of(run.model)
    answers = [run.preprocessing.answering(one)(series) for one in members]
    whole = run.preprocessing.answering(run.model)(series)
    np.testing.assert_allclose(np.mean(answers, axis=0), whole, rtol=1e-4)
    thresholds = [one.get_layer("kernel_scores").thresholds.numpy() for one in members]
    assert not np.array_equal(*thresholds)
    assert shares_of(members[0]) == shares_of(runs["label"].model)
    titles = ["member 1", "member 2", "without kernels", "kernels alone"]
    assert list(run.parts()) == titles
    again = run_at(run.path)
    np.testing.assert_array_equal(
        again.preprocessing.answering(again.model)(series), whole
    )


@pytest.mark.parametrize("format", ["onnx", "litert"])
def test_formats_that_series_lack_refuse_in_a_sentence(
    runs: dict[str, Run], tmp_path: Path, format: str
) -> None:
    with pytest.raises(seqkit.errors.SeqkitError, match=format):
        runs["label"].export(tmp_path / format, format=format)


@pytest.mark.slow
@ANSWERS
@pytest.mark.parametrize("format", ["savedmodel", "keras"])
def test_an_export_answers_as_the_run(
    runs: dict[str, Run], tmp_path: Path, format: str, answer: str
) -> None:
    # It is asked in a fresh process, which raises where answers differ.
    runs[answer].export(tmp_path / format, format=format)


@pytest.mark.slow
def test_a_run_that_broke_ends_in_the_same_weights(
    runs: dict[str, Run], tmp_path: Path
) -> None:
    from tiny_training import StopAt

    with pytest.raises(ZeroDivisionError):
        seqkit.fit(
            RECIPES["label"],
            {**CHANGES, "data.label": "label"},
            data=tiny_series(),
            out=tmp_path / "run",
            callbacks=[StopAt(1, ZeroDivisionError)],
            progress=False,
        )
    resumed = seqkit.fit(resume=tmp_path / "run", data=tiny_series(), progress=False)
    pairs = zip(runs["label"].model.weights, resumed.model.weights, strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)
