"""``classify_steps`` and ``regress_steps``: an answer a step, from start to end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny_steps import long_steps, tiny_steps

import seqkit
from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError, RecipeError
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.registry import BASELINES, TASKS
from seqkit.runs.run import Run
from seqkit.training.build import build

COMMON: dict[str, Any] = {
    "model": {"cell": "gru", "units": [6]},
    "train": {"epochs": 10, "batch_size": 16, "learning_rate": 0.03},
}
DATA: dict[str, Any] = {"source": "frame", "values": ["warmth", "noise"], "test": 0.2}
CLASSES = COMMON | {"data": DATA}
MULTI = COMMON | {
    "data": DATA | {"labels": "multi", "label_columns": ["up", "odd"]},
}
NUMBERS = COMMON | {
    "data": DATA | {"targets": ["level", "slow"], "max_timesteps": 9, "overlap": 0.4},
}
KINDS = {
    "single": ("sample_activity", CLASSES),
    "multi": ("sample_activity", MULTI),
    "numbers": ("sample_tracking", NUMBERS),
}
kinds = pytest.mark.parametrize("kind", list(KINDS))


def recipe_of(kind: str, **changes: Any) -> Recipe:
    name, overrides = KINDS[kind]
    return load_recipe(name, overrides | changes)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """A trained run of each kind."""
    folder = tmp_path_factory.mktemp("steps")
    return {
        kind: seqkit.fit(
            name, overrides, data=tiny_steps(), out=folder / kind, progress=False
        )
        for kind, (name, overrides) in KINDS.items()
    }


def opened(frame: pd.DataFrame, kind: str, **data: Any) -> Any:
    """The TaskData of a frame."""
    section = KINDS[kind][1]["data"] | data
    recipe = recipe_of(kind, data=section)
    task = TASKS.get(recipe.task)()
    return task.open(recipe.data, recipe.model, FrameSource(frame))


# Reading


@pytest.mark.parametrize("layout", ["nested", "long"])
@kinds
def test_each_step_is_read_with_its_own_answer(kind: str, layout: str) -> None:
    frame = tiny_steps(12)
    shaped, more = frame, {}
    if layout == "long":
        shaped, more = long_steps(frame), {"layout": "long", "id": "id"}
    data = opened(shaped, kind, test=0.0, validation=0.0, **more)
    rows = [row for chunk in data.rows.rows("train") for row in chunk.answers]
    names = {"single": ["label"], "multi": ["up", "odd"], "numbers": ["level", "slow"]}
    for number, read in enumerate(rows):
        for place, name in enumerate(names[kind]):
            assert read[:, place].tolist() == frame[name][number]


@pytest.mark.parametrize("layout", ["nested", "long"])
def test_held_out_rows_are_read_again_as_they_were(layout: str) -> None:
    frame, more = tiny_steps(30), {}
    if layout == "long":
        frame, more = long_steps(frame), {"layout": "long", "id": "id"}
    data = opened(frame, "single", **more)
    again = opened(data.held_out_frame(), "single", test=0.0, validation=0.0, **more)
    ours = [one.tolist() for chunk in data.examples("test") for one in chunk.truth]
    theirs = [one.tolist() for chunk in again.examples("train") for one in chunk.truth]
    assert ours == theirs and len(ours) == data.count("test")


@pytest.mark.parametrize(
    ("kind", "column", "cell", "mistake"),
    [
        (
            "single",
            "label",
            ["high", "low"],
            "Row 3 .* has 2 answers in column 'label'",
        ),
        ("single", "label", "high", "Row 3 .* which is no list of labels"),
        ("single", "label", 1.0, "Row 3 .* where a list of labels belongs"),
        ("numbers", "slow", [1.0], "Row 3 .* has 1 answers in column 'slow'"),
        ("numbers", "slow", ["x"], "Row 3 .* holds 'x', which is no number"),
        ("numbers", "slow", [float("inf")], "Row 3 .* an infinite number in step 1"),
        ("multi", "odd", [2.0] * 99, "Row 3 .* has 99 answers"),
    ],
)
def test_answers_that_fit_no_steps_are_refused_with_their_row(
    kind: str, column: str, cell: Any, mistake: str
) -> None:
    frame = tiny_steps(12)
    frame.at[2, column] = cell
    with pytest.raises(DataError, match=mistake):
        opened(frame, kind)


def test_labels_other_than_0_and_1_are_refused() -> None:
    frame = tiny_steps(12)
    frame.at[2, "odd"] = [0.0, 2.0, *frame.at[2, "odd"][2:]]
    with pytest.raises(DataError, match="'odd' .* must hold 0 or 1 .* got 2 in step 2"):
        opened(frame, "multi")


def test_a_column_without_any_answer_is_refused() -> None:
    frame = tiny_steps(12)
    frame["slow"] = None
    with pytest.raises(DataError, match="'slow' .* holds no answer at all"):
        opened(frame, "numbers")


@pytest.mark.parametrize(
    "data",
    [
        {"labels": "multi"},
        {"label_columns": ["up"]},
        {"labels": "multi", "label_columns": ["up", "up"]},
        {"labels": "multi", "label_columns": ["up"], "class_weight": "balanced"},
        {"values": ["warmth", "label"]},
    ],
)
def test_sections_that_contradict_themselves_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        recipe_of("single", data=DATA | data)


# Pieces and weights


def stored(frame: pd.DataFrame, kind: str, folder: Path, **data: Any) -> Any:
    """Batches of the training part: steps, targets and weights."""
    opened_data = opened(frame, kind, test=0.0, validation=0.0, **data)
    store = opened_data.stores(opened_data.preprocessing(), folder)["train"]
    return store.arrays(np.arange(len(store)))


@kinds
def test_pieces_hold_every_step_and_each_counts_once(kind: str, tmp_path: Path) -> None:
    frame = tiny_steps(12)
    steps = sum(map(len, frame["warmth"]))
    cut = {"max_timesteps": 7, "overlap": 0.5}
    whole = stored(frame, kind, tmp_path, max_timesteps=None)
    (tmp_path / "cut").mkdir()
    inputs, targets, weights = stored(frame, kind, tmp_path / "cut", **cut)
    assert inputs.shape[1] == 7 < whole[0].shape[1]
    assert np.count_nonzero(weights) == np.count_nonzero(whole[2]) == steps
    # What counts of the pieces, in a row, is what the whole series hold.
    for ours, theirs in zip((inputs, targets), whole[:2], strict=True):
        assert np.array_equal(ours[weights > 0], theirs[whole[2] > 0])


@pytest.mark.parametrize("kind", ["single", "numbers", "multi"])
def test_missing_answers_weigh_nothing(kind: str, tmp_path: Path) -> None:
    frame = tiny_steps(12)
    column = {"single": "label", "numbers": "level", "multi": "up"}[kind]
    frame.at[0, column] = [None, None, *frame.at[0, column][2:]]
    _, _, weights = stored(frame, kind, tmp_path, max_timesteps=None)
    steps = sum(map(len, frame["warmth"]))
    share = 0.0 if kind == "single" else 0.5
    unit = weights[1, 0]
    assert weights[0, :3] / unit == pytest.approx([share, share, 1.0])
    assert weights.sum() / unit == pytest.approx(steps - 2 * (1 - share), rel=1e-5)


@pytest.mark.parametrize("most", [None, 7])
def test_steps_of_balanced_classes_weigh_alike(
    tmp_path: Path, most: int | None
) -> None:
    frame = tiny_steps(12)
    rare = [[step % 5 == 4 for step in range(len(one))] for one in frame["warmth"]]
    frame["label"] = [["rare" if one else "often" for one in row] for row in rare]
    frame.at[0, "label"] = [None, *frame.at[0, "label"][1:]]
    balanced = {"class_weight": "balanced", "max_timesteps": most}
    inputs, targets, weights = stored(frame, "single", tmp_path, **balanced)
    often = np.bincount(targets[weights > 0])[0] / (weights > 0).sum()
    assert 0.7 < often < 0.9
    sums = np.bincount(targets.ravel(), weights.ravel())
    # As many as there are rows, so that the loss is a mean over steps.
    np.testing.assert_allclose(sums, len(inputs) / 2, rtol=1e-5)
    assert not weights[0, 0]


def test_pieces_are_scaled_as_their_whole_series(tmp_path: Path) -> None:
    frame = tiny_steps(12)
    cut = {"scale": "series", "max_timesteps": 7}
    inputs, _, weights = stored(frame, "single", tmp_path, **cut)
    assert inputs.shape[1] == 7 and len(inputs) > 12
    wanted = [np.array(one).T for one in _raw(frame)]
    wanted = [(one - one.mean(axis=0)) / one.std(axis=0) for one in wanted]
    np.testing.assert_allclose(inputs[weights > 0], np.concatenate(wanted), atol=1e-5)
    assert np.abs(inputs[0].mean(axis=0)).min() > 0.05


@pytest.mark.parametrize("kind", ["numbers", "multi"])
def test_losses_are_means_over_known_answers(kind: str) -> None:
    from seqkit.models.step_losses import StepLabelsLoss, StepNumbersLoss

    truth = np.array([[[0.0, 1.0], [1.0, np.nan], [0.0, 0.0]]], np.float32)
    answers = np.array([[[0.25, 0.5], [0.75, 9.0], [7.0, 7.0]]], np.float32)
    weights = np.array([[1.0, 0.5, 0.0]], np.float32)
    weights *= len(truth) / weights.sum()
    if kind == "multi":
        answers = np.clip(answers, 0, 0.9)
        known = -np.log([0.75, 0.5, 0.75])
        assert float(StepLabelsLoss()(truth, answers, weights)) == pytest.approx(
            known.mean(), rel=1e-5
        )
        return
    size = np.array([0.25, 0.5, 0.25])
    for name, each in {"mse": size**2, "mae": size, "huber": size**2 / 2}.items():
        found = float(StepNumbersLoss(name)(truth, answers, weights))
        assert found == pytest.approx(each.mean())


# Models


@kinds
def test_padding_changes_nothing(runs: dict[str, Run], kind: str) -> None:
    run = runs[kind]
    series = [np.array(one).T for one in _raw(tiny_steps(5, seed=3))]
    together = run.outputs(series)
    for one, answers in zip(series, together, strict=True):
        (alone,) = run.outputs([one])
        assert answers.shape == alone.shape and len(answers) == len(one)
        np.testing.assert_allclose(answers, alone, rtol=1e-5, atol=1e-6)


def _raw(frame: pd.DataFrame) -> list[Any]:
    return list(zip(frame["warmth"], frame["noise"], strict=True))


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("single", ["label", "probability"]),
        ("multi", ["p_up", "p_odd"]),
        ("numbers", ["prediction_level", "prediction_slow"]),
    ],
)
def test_prediction_has_a_row_for_each_step(
    runs: dict[str, Run], kind: str, columns: list[str]
) -> None:
    frame = tiny_steps(3, seed=9)
    answers = runs[kind].predict(frame)
    lengths = frame["warmth"].map(len).tolist()
    assert list(answers) == ["series", "step", *columns]
    assert answers.groupby("series").size().tolist() == lengths
    assert answers["step"].tolist() == [s + 1 for one in lengths for s in range(one)]


def test_runs_beat_the_constant_answer(runs: dict[str, Run]) -> None:
    rivals = {
        "single": "majority class",
        "multi": "share of each label",
        "numbers": "training mean",
    }
    for kind, title in rivals.items():
        report = runs[kind].evaluate()
        assert report.rows == 12
        _, low, _ = report.differences[title]
        assert low > 0, kind
        again = runs[kind].evaluate()
        assert again.metrics == report.metrics and again.baselines == report.baselines


@kinds
def test_fitted_baselines_are_the_same_when_loaded(
    runs: dict[str, Run], kind: str
) -> None:
    series = [np.array(one).T for one in _raw(tiny_steps(2, seed=5))]
    for baseline in runs[kind].baselines():
        again = BASELINES.get(baseline.kind).from_arrays(baseline.arrays())
        assert again.title == baseline.title
        for one, other in zip(
            again.outputs(series), baseline.outputs(series), strict=True
        ):
            assert np.array_equal(one, other) and len(one)


def test_window_baseline_sees_the_steps_around_alone() -> None:
    from seqkit.tasks.base import Examples
    from seqkit.tasks.baselines.steps import StepRidge

    draw = np.random.default_rng(0)
    series = [draw.normal(size=(50, 1)) for _ in range(20)]
    truth = [np.roll(one, 2, axis=0) * 3 + 1 for one in series]
    for one in truth:
        one[:2] = np.nan
    chunks = [Examples(series, truth)]
    lags = StepRidge.fit(chunks, 1, range(-3, 1))
    (answers,) = lags.outputs(series[:1])
    np.testing.assert_allclose(answers[2:], truth[0][2:], atol=0.05)
    (now,) = StepRidge.fit(chunks, 1, range(0, 1)).outputs(series[:1])
    assert np.abs(now[2:] - truth[0][2:]).mean() > 1


@pytest.mark.usefixtures("unverified")
def test_a_saved_model_answers_no_step_of_padding(
    runs: dict[str, Run], tmp_path: Path
) -> None:
    import tensorflow as tf

    run = runs["single"]
    run.export(tmp_path / "single")
    serve = tf.saved_model.load(tmp_path / "single").signatures["serving_default"]
    values = np.zeros((2, 5, 2))
    values[1, 3:] = np.nan
    answers = serve(values=tf.constant(values), lengths=tf.constant([5, 3], tf.int32))
    labels = answers["label"].numpy().astype(str)
    assert set(labels[0]) <= {"high", "low"}
    assert labels[1, 3:].tolist() == ["", ""] and "" not in labels[1, :3]
    assert answers["probability"].numpy()[1, 3:].tolist() == [0, 0]


@pytest.mark.parametrize("kind", ["multi", "numbers"])
def test_answers_end_where_a_series_does(runs: dict[str, Run], kind: str) -> None:
    import tensorflow as tf

    serving = runs[kind].preprocessing.serving(runs[kind].model)
    values = np.random.default_rng(0).normal(10, 4, (2, 5, 2))
    inputs = {"values": tf.constant(values), "lengths": tf.constant([5, 3])}
    series = [values[0], values[1, :3]]
    served = runs[kind].task.answers(
        runs[kind].outputs(series), series, runs[kind].preprocessing
    )
    for name, expected in served.items():
        answers = serving(inputs)[name].numpy()
        np.testing.assert_allclose(answers, expected, rtol=1e-5, atol=1e-6)
        end = answers[1, 3:]
        assert np.isnan(end).all() if kind == "numbers" else not end.any()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["multi", "numbers"])
def test_other_kinds_are_exported(
    runs: dict[str, Run], kind: str, tmp_path: Path
) -> None:
    assert runs[kind].export(tmp_path / kind).is_dir()


def test_models_have_the_heads_of_their_answers() -> None:
    activations = {"single": "softmax", "multi": "sigmoid", "numbers": "linear"}
    for kind, activation in activations.items():
        recipe = recipe_of(kind)
        head = build(recipe).layers[-1]
        assert head.activation.__name__ == activation
        assert head.units == 2
