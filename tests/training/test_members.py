"""Several models that answer as one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny import reviews
from tiny_training import StopAt, train

from seqkit.errors import TrainingError, UsageError
from seqkit.recipe.recipe import load_recipe
from seqkit.runs.fit import fit
from seqkit.runs.run import Run
from seqkit.training.members import SEED_STEP

TWO = {"train.members": 2, "train.epochs": 2}
TEXTS = ["a good film", "the plot was dull", ""]


class StopInSecond(StopAt):
    """Raises in the last epoch of the second member."""

    def __init__(self) -> None:
        super().__init__(1, TrainingError)
        self.begun = 0

    def on_train_begin(self, logs: object = None) -> None:
        self.begun += 1

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        if self.begun == 2:
            super().on_train_batch_end(batch, logs)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Stopped in its second member, and gone on with."""
    folder = tmp_path_factory.mktemp("members") / "run"
    with pytest.raises(TrainingError):
        train(folder, TWO, callbacks=[StopInSecond()])
    assert (folder / "checkpoints" / "member-2" / "epoch-0001").is_dir()
    return fit(resume=folder, data=reviews(), progress=False)


def test_answers_are_the_mean_of_models_with_a_seed_each(
    both: Run, tmp_path: Path
) -> None:
    seeds = [7, 7 + SEED_STEP]
    assert [member["seed"] for member in both.facts["members"]] == seeds
    alone = [
        train(tmp_path / str(seed), {"train.epochs": 2}, seed=seed) for seed in seeds
    ]
    shares = [run.predict(TEXTS)["p_good"] for run in alone]
    assert np.abs(shares[0] - shares[1]).max() > 1e-3
    mean = np.mean(shares, axis=0)
    np.testing.assert_allclose(both.predict(TEXTS)["p_good"], mean, atol=1e-6)
    assert both.model.count_params() == 2 * alone[0].model.count_params()


def test_report_tells_how_good_each_is_alone(both: Run) -> None:
    report = both.evaluate()
    (note,) = [note for note in report.notes if "alone" in note]
    assert note.startswith("Each of its 2 members alone has accuracy ")


def test_no_members_are_left_behind(both: Run) -> None:
    assert not (both.path / "checkpoints").exists()


@pytest.mark.parametrize(
    ("recipe", "averages"),
    [
        ("addition", False),
        ("bilstm_crf_ner", False),
        ("pos_tagging", True),
        ("airline_forecast", True),
        ("extractive_summary", True),
    ],
)
def test_only_outputs_that_have_a_mean_are_averaged(
    recipe: str, averages: bool
) -> None:
    if averages:
        assert load_recipe(recipe, {"train.members": 2}).train.members == 2
        return
    with pytest.raises(UsageError, match=r"have no mean\. Set train\.members to 1"):
        load_recipe(recipe, {"train.members": 2})
