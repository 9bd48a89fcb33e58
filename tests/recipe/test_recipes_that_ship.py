"""Each recipe that ships is whole: described, built, searched, and with its script."""

from __future__ import annotations

import ast
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

import seqkit
from seqkit.recipe.files import shipped_folder
from seqkit.recipe.recipe import load_recipe
from seqkit.recipe.search import Choice
from seqkit.registry import RUNS, TASKS
from seqkit.runs.report import Report
from seqkit.tuning.arms.arms import checked_space
from seqkit.tuning.default_search import is_left_open

RECIPES = sorted(shipped_folder().glob("*.yaml"))
NAMES = [path.stem for path in RECIPES]
KNOWN = {
    "seqkit": set(seqkit.__all__),
    "report": {*Report.__dataclass_fields__, *vars(Report)},
}
"""What a script may ask of the names in it."""
each = pytest.mark.parametrize("name", NAMES)


def script(name: str) -> Path:
    """The script beside a recipe."""
    return shipped_folder() / f"{name}.py"


def tree(name: str) -> ast.Module:
    """A script as Python reads it."""
    return ast.parse(script(name).read_text(encoding="utf-8"))


def calls(name: str) -> dict[str, list[ast.Call]]:
    """A script's calls by what is called, such as ``seqkit.fit``."""
    found: dict[str, list[ast.Call]] = {}
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Call):
            found.setdefault(ast.unparse(node.func), []).append(node)
    return found


def test_every_script_has_its_recipe() -> None:
    scripts = {path.stem for path in shipped_folder().glob("*.py")} - {"__init__"}
    assert scripts == set(NAMES)


@each
def test_recipe_says_what_it_shows(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.description.endswith((".", "?"))
    written = (shipped_folder() / f"{name}.yaml").read_text("utf-8")
    assert written.startswith("# "), "a recipe begins with its question"


@each
def test_recipe_lets_cells_compete_within_a_budget(name: str) -> None:
    recipe = load_recipe(name)
    tune = recipe.tune
    if recipe.auto:
        # What is searched follows from the data, as all else does.
        assert is_left_open(recipe)
        return
    assert tune.compare == "model.cell"
    assert {"lstm", "gru"} <= set(tune.competitors)
    assert len(tune.space) >= 3
    assert tune.budget.trials
    assert tune.seeds == 5


@each
def test_search_can_find_what_the_recipe_ships_with(name: str) -> None:
    recipe = load_recipe(name)
    for key, search in recipe.tune.space.items():
        section, field = key.split(".")
        value = getattr(getattr(recipe, section), field)
        if isinstance(search, Choice):
            assert value in search.choice, key
        else:
            ((low, high),) = search.model_dump().values()
            assert low <= value <= high, key


@each
def test_trial_trains_for_no_longer_than_a_final(name: str) -> None:
    recipe = load_recipe(name)
    assert (recipe.tune.budget.epochs or 1) <= recipe.train.epochs


@each
def test_recipe_takes_all_that_its_search_may_try(name: str) -> None:
    checked_space(load_recipe(name))


@each
def test_model_is_built_without_data(name: str) -> None:
    auto = load_recipe(name).auto
    told = pytest.warns(UserWarning, match="middling case") if auto else nullcontext()
    with told:
        model = seqkit.build(name)
    assert model.optimizer is not None
    assert 100 < model.count_params() < 10_000_000


@each
def test_script_trains_its_own_recipe(name: str) -> None:
    for fit in calls(name)["seqkit.fit"]:
        assert isinstance(fit.args[0], ast.Constant)
        assert fit.args[0].value == name


@each
def test_script_scores_and_answers_or_ships(name: str) -> None:
    done = set(calls(name))
    assert done & {"run.evaluate", "run.backtest"}
    assert done & {"run.predict", "run.export"}


@each
def test_script_says_what_it_does_and_how_it_is_called(name: str) -> None:
    words = ast.get_docstring(tree(name)) or ""
    assert f"\npython recipes/{name}.py" in words
    assert ("sys.argv" in script(name).read_text("utf-8")) == (".py " in words + "\n")


@each
def test_script_uses_public_names_alone(name: str) -> None:
    run = RUNS.get(TASKS.get(load_recipe(name).task).run_kind)
    names = KNOWN | {"run": {"path", *dir(run)}}
    modules: set[str] = set()
    for node in ast.walk(tree(name)):
        assert not isinstance(node, ast.ImportFrom)
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        if isinstance(node, ast.Attribute):
            assert not node.attr.startswith("_")
            owner = ast.unparse(node.value)
            assert node.attr in names.get(owner, {node.attr}), f"{owner}.{node.attr}"
    assert modules <= {"seqkit", "sys"}


@pytest.mark.slow
def test_airline_script_runs_from_end_to_end(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, script("airline_forecast")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "1961-01-01" in done.stdout
    month, years = sorted((tmp_path / "runs" / "airline_forecast").iterdir())
    for run in (month, years):
        for file in ("backtest.csv", "report.json", "comparison.png"):
            assert (run / "backtest" / file).stat().st_size > 1000
    assert (month / "export" / "savedmodel" / "saved_model.pb").is_file()
    assert (years / "forecast.png").stat().st_size > 1000


REAL: dict[str, tuple[str, dict[str, Any]]] = {
    "ett_forecast": (
        "ett/ETTh1.csv.gz",
        {"data.stride": 48, "data.test_stride": 96, "model.units": [16]},
    ),
    "temperature_forecast": ("classic_ts/daily-min-temperatures.csv", {}),
    "stock_returns": ("stocks/sp500_monthly_shiller.csv", {}),
}
"""Recipes whose files need no conversion, with what makes an epoch a short one."""


@pytest.mark.data
@pytest.mark.slow
# The leap years' last days are missing, and a note says that they were filled.
@pytest.mark.filterwarnings("ignore:In csv:seqkit.errors.DataWarning")
@pytest.mark.parametrize("name", REAL)
def test_recipe_trains_an_epoch_on_its_real_file(
    name: str, data_folder: Path, tmp_path: Path
) -> None:
    file, shorter = REAL[name]
    run = seqkit.fit(
        name,
        {"train.epochs": 1, "train.schedule": "constant"} | shorter,
        data=data_folder / file,
        out=tmp_path / "run",
        progress=False,
    )
    assert len(run.history) == 1
    report = run.evaluate()
    # What is prepared carries an untrained model most of the way.
    assert report.metrics["mase"][0] < 1.5 * report.baselines["last value"]["mase"][0]
    assert len(run.predict()) == run.recipe.data.horizon * run.signature.series
