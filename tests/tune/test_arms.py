"""What an arm asks follows from its seed and from what it was told alone."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from seqkit.errors import UsageError
from seqkit.recipe import Recipe, load_recipe
from seqkit.registry import TASKS
from seqkit.search_space import searched_keys
from seqkit.spec import TrainSpec
from seqkit.tune.arm import GENERATION, Arm
from seqkit.tune.arms import arms_of, checked_space, file_names

SEARCHES = ["random", "grid", "bayesian", "hyperband"]
EPOCHS = 9


def recipe(name: str = "adding_problem", **changes: Any) -> Recipe:
    base = {"train.epochs": EPOCHS, "train.seed": 7}
    return load_recipe(name, {**base, **changes})


def tuned(space: dict[str, Any], **settings: Any) -> Recipe:
    """The adding problem with nothing but ``space`` and ``settings`` in ``tune``."""
    return recipe(tune={**settings, **space})


RATES = {"train.learning_rate": {"log": [0.001, 0.01]}}
SPACE = {
    "model.cell": {"choice": ["lstm", "gru"]},
    "model.units": {"choice": [[8], [16], [8, 8]]},
    **RATES,
}
GRID = {
    "model.cell": {"choice": ["lstm", "gru"]},
    "model.units": {"choice": [[8], [16], [8, 8]]},
    "model.layer_norm": {"choice": [False, True]},
}


TRIALS = {"grid": 6, "bayesian": 6}
"""Of each arm, where it is not the usual number."""


def space_of(search: str) -> dict[str, Any]:
    """The ``tune`` section of a search; few trials, since a Bayesian one takes time."""
    space = GRID if search == "grid" else SPACE
    budget = {"trials": 6 if search == "bayesian" else None}
    return {"search": search, "budget": budget, **space}


def result_of(job: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What training might give: a made-up score that follows from the job alone."""
    draw = random.Random(json.dumps(job["overrides"], sort_keys=True))
    score = draw.random()
    epochs = job["epochs"] or EPOCHS
    losses = [score + 1 / epoch for epoch in range(1, epochs + 1)]
    return {
        **{key: job[key] for key in ("id", "kind", "arm", "number", "overrides")},
        "status": "finished",
        "score": score,
        "val_loss": min(losses),
        "parameters": 100,
        "history": [
            {"epoch": epoch, "val_loss": loss}
            for epoch, loss in enumerate(losses, start=1)
        ],
        **changes,
    }


def failed(job: dict[str, Any]) -> dict[str, Any]:
    nothing = {"score": None, "val_loss": None, "parameters": None, "history": []}
    return result_of(job, status="failed", **nothing)


Telling = Callable[[dict[str, Any]], dict[str, Any]]


def searched(
    arm: Arm, tell: Telling = result_of, order: random.Random | None = None
) -> list[dict[str, Any]]:
    """All jobs that an arm asks for, each told as soon as its generation is done."""
    jobs: list[dict[str, Any]] = []
    while asked := arm.ask():
        assert len(asked) <= GENERATION
        results = [tell(job) for job in asked]
        if order:
            order.shuffle(results)
        arm.tell(results)
        jobs += asked
    assert arm.ask() == []
    return jobs


def one_arm(space: dict[str, Any], direction: str = "min", **settings: Any) -> Arm:
    return arms_of(tuned(space, **settings), direction)[0]


# What is asked


@pytest.mark.parametrize("search", SEARCHES)
def test_jobs_hold_what_a_worker_needs(search: str) -> None:
    changed = tuned(space_of(search))
    arms = arms_of(changed, "min")
    assert [arm.name for arm in arms] == ["lstm", "gru"]
    for arm in arms:
        jobs = searched(arm)
        assert len(jobs) == arm.planned == TRIALS.get(search, 8)
        assert not arm.exhausted
        for number, job in enumerate(jobs, start=1):
            assert json.loads(json.dumps(job)) == job
            assert job["id"] == f"{arm.name}-{number:03d}"
            assert (job["arm"], job["number"]) == (arm.name, number)
            assert job["kind"] == "trial"
            assert set(job["overrides"]) == set(changed.tune.space)
            assert job["overrides"]["model.cell"] == arm.name
            assert job["match"] is None and job["planned_epochs"] is None
            recipe().with_(job["overrides"])
            if search != "hyperband":
                assert job["epochs"] is None and job["resume"] is None
                assert job["keep"] is False


@pytest.mark.parametrize("search", SEARCHES)
def test_fresh_arms_told_the_same_ask_the_same_in_whatever_order(search: str) -> None:
    changed = tuned(space_of(search))
    expected = searched(arms_of(changed, "max")[1])
    for seed in range(2):
        order = random.Random(seed)
        random.seed(seed)
        assert searched(arms_of(changed, "max")[1], order=order) == expected


@pytest.mark.parametrize("search", ["random", "grid"])
def test_arms_of_one_search_try_the_same_settings(search: str) -> None:
    lstm, gru = (
        [{**job["overrides"], "model.cell": None} for job in searched(arm)]
        for arm in arms_of(tuned(space_of(search)), "min")
    )
    assert lstm == gru


@pytest.mark.parametrize("search", ["random", "bayesian", "hyperband"])
def test_seed_decides_what_is_drawn(search: str) -> None:
    first = []
    for seed in (0, 1, 0):
        changed = tuned(SPACE, search=search).with_({"train.seed": seed})
        asked = arms_of(changed, "min")[0].ask()
        first.append([job["overrides"]["train.learning_rate"] for job in asked])
    assert first[0] == first[2]
    # Neighbouring seeds share no draw at all.
    assert not set(first[0]) & set(first[1])


def test_random_draws_rates_evenly_on_the_log_scale() -> None:
    jobs = searched(one_arm(RATES, budget={"trials": 200}))
    rates = [job["overrides"]["train.learning_rate"] for job in jobs]
    logs = [math.log10(rate) + 3 for rate in rates]
    assert len(set(rates)) == 200
    counts = [sum(low <= log < low + 0.25 for log in logs) for low in (0, 0.25, 0.5)]
    assert all(30 <= count <= 70 for count in counts)


def test_grid_tries_every_point_once() -> None:
    jobs = searched(one_arm(GRID, search="grid"))
    tried = {json.dumps(job["overrides"], sort_keys=True) for job in jobs}
    assert len(jobs) == len(tried) == 6


def test_grid_comes_in_whole_generations() -> None:
    arm = one_arm({**GRID, **RATES}, search="grid")
    assert arm.planned == 60
    assert [job["number"] for job in arm.ask()] == [1, 2, 3, 4]


def test_grid_larger_than_the_budget_is_refused() -> None:
    with pytest.raises(UsageError) as raised:
        one_arm(GRID, search="grid", budget={"trials": 5})
    assert str(raised.value) == (
        "The grid has 6 points for each competitor, and tune.budget.trials is 5. Set "
        "tune.budget.trials to 6, search fewer values, or choose another tune.search."
    )
    assert one_arm(GRID, search="grid", budget={"trials": 6}).planned == 6


def test_enormous_grid_is_refused_unless_its_number_is_named() -> None:
    key = {"model.units": {"choice": [[units] for units in range(1, 101)]}}
    assert one_arm({**key, **RATES}, search="grid").planned == 1000
    space = {**key, **RATES, "model.noise": {"linear": [0, 1]}}
    with pytest.raises(UsageError, match="10,000 points.*is null, which allows 1,000"):
        one_arm(space, search="grid")
    big = one_arm(space, search="grid", budget={"trials": 10000})
    assert len(big.ask()) == GENERATION


@pytest.mark.slow
def test_bayesian_search_finds_more_than_chance() -> None:
    """On a smooth hill its last trials are nearer to the top than its first ones."""

    def hill(job: dict[str, Any]) -> dict[str, Any]:
        at = math.log10(job["overrides"]["train.learning_rate"] / 0.004)
        return result_of(job, score=-(at**2))

    arm = one_arm(RATES, direction="max", search="bayesian", budget={"trials": 12})
    rates = [job["overrides"]["train.learning_rate"] for job in searched(arm, hill)]
    apart = [abs(math.log10(rate / 0.004)) for rate in rates]
    assert min(apart[4:]) < 0.02
    assert median(apart[8:]) < median(apart[:4])


def test_bayesian_search_tries_no_point_twice() -> None:
    space = {"model.units": {"choice": [[units] for units in range(1, 9)]}}
    jobs = searched(
        one_arm(space, search="bayesian", budget={"trials": 8}),
        lambda job: result_of(job, score=0.5),
    )
    tried = [tuple(job["overrides"]["model.units"]) for job in jobs]
    assert len(set(tried)) == len(tried) >= 6


@pytest.mark.parametrize("search", ["random", "bayesian", "hyperband"])
def test_a_space_smaller_than_the_budget_ends_the_arm_early(search: str) -> None:
    space = {"model.units": {"choice": [[8], [16], [32]]}}
    arm = one_arm(space, search=search, budget={"trials": 20})
    jobs = searched(arm)
    tried = {json.dumps(job["overrides"]) for job in jobs}
    assert len(tried) == 3
    assert arm.exhausted
    assert arm.planned == len(jobs) < 20


@pytest.mark.parametrize("search", SEARCHES)
def test_a_space_of_the_competitors_alone_has_one_trial_each(search: str) -> None:
    space = {"model.cell": {"choice": ["lstm", "gru"]}}
    for arm in arms_of(tuned(space, search=search), "min"):
        (job,) = searched(arm)
        assert job["overrides"] == {"model.cell": arm.name}
        assert job["epochs"] is None and job["keep"] is False
        assert arm.exhausted == (search != "grid")


def test_budget_gives_trials_and_epochs() -> None:
    arm = one_arm(SPACE, budget={"trials": 5, "epochs": 3})
    jobs = searched(arm)
    assert len(jobs) == arm.planned == 5
    assert {(job["epochs"], job["planned_epochs"]) for job in jobs} == {(3, 3)}


# What is told


def test_a_generation_must_be_told_whole_before_the_next() -> None:
    arm = one_arm(SPACE)
    jobs = arm.ask()
    with pytest.raises(ValueError, match="has not been told"):
        arm.ask()
    with pytest.raises(ValueError, match="asked"):
        arm.tell([result_of(job) for job in jobs[:3]])
    arm.tell([result_of(job) for job in jobs])
    assert len(arm.ask()) == GENERATION


@pytest.mark.parametrize("search", SEARCHES)
def test_a_search_of_failures_goes_to_its_end(search: str) -> None:
    arm = one_arm(space_of(search))
    assert len(searched(arm, failed)) == TRIALS.get(search, 8)
    assert arm.best() is None


def test_a_score_that_is_no_number_counts_as_failed() -> None:
    arm = one_arm(SPACE)

    def lame(job: dict[str, Any]) -> dict[str, Any]:
        score = {1: math.nan, 2: math.inf, 3: None, 4: 0.5}.get(job["number"], 0.6)
        return result_of(job, score=score)

    searched(arm, lame)
    best = arm.best()
    assert best and best["number"] == 4


@pytest.mark.parametrize(("direction", "number"), [("max", 3), ("min", 2)])
def test_best_is_the_best_of_the_finished_ones(direction: str, number: int) -> None:
    scores = {1: 0.5, 2: 0.1, 3: 0.9, 4: 0.95}
    arm = one_arm(SPACE, direction, budget={"trials": 4})
    searched(
        arm,
        lambda job: result_of(
            job,
            score=scores[job["number"]],
            status="failed" if job["number"] == 4 else "finished",
        ),
    )
    best = arm.best()
    assert best and best["number"] == number


@pytest.mark.parametrize(
    ("losses", "parameters", "number"),
    [
        ([0.3, 0.1, 0.2, 0.2], [1, 9, 1, 1], 2),
        ([0.2, 0.2, 0.2, 0.2], [5, 5, 4, 4], 3),
        ([None, None, None, None], [5, 5, 5, 5], 1),
        ([None, 0.9, math.nan, None], [1, 9, 1, 1], 2),
    ],
)
def test_equal_scores_go_to_lower_loss_then_fewer_parameters_then_the_first(
    losses: list[float | None], parameters: list[int], number: int
) -> None:
    arm = one_arm(SPACE, budget={"trials": 4})

    def tie(job: dict[str, Any]) -> dict[str, Any]:
        at = job["number"] - 1
        return result_of(job, score=0.5, val_loss=losses[at], parameters=parameters[at])

    searched(arm, tie, random.Random(0))
    best = arm.best()
    assert best and best["number"] == number


# Hyperband


def rungs(jobs: list[dict[str, Any]]) -> list[int]:
    return [job["epochs"] for job in jobs]


def test_hyperband_goes_on_with_the_better_third() -> None:
    arm = one_arm(SPACE, search="hyperband")
    jobs = searched(arm)
    # 5 trials of 3 epochs, of which the better 2 go on to 9; and a whole one.
    assert rungs(jobs) == [3] * 5 + [9] * 3
    by_id = {job["id"]: job for job in jobs}
    score = {job["id"]: result_of(job)["score"] for job in jobs[:5]}
    best = sorted(score, key=lambda id_: score[id_])[:2]
    assert {job["resume"] for job in jobs[5:]} == {*best, None}
    for job in jobs[5:]:
        assert job["keep"] is False
        if job["resume"]:
            assert job["overrides"] == by_id[job["resume"]]["overrides"]
    assert all(job["keep"] and job["resume"] is None for job in jobs[:5])
    assert all(job["median"] is None for job in jobs)


def test_hyperband_s_own_brackets_come_where_the_budget_pays_for_them() -> None:
    """Li et al. 2018, as Keras Tuner has it for 9 epochs: 9-3-1, 5-2, 3 trials."""
    jobs = searched(one_arm(SPACE, search="hyperband", budget={"trials": 23}))
    first = [1] * 9 + [3] * 3 + [9]
    assert rungs(jobs)[:13] == first
    assert rungs(jobs)[13:] == [3] * 5 + [9] * 2 + [9] * 3


@pytest.mark.parametrize("trials", [1, 2, 3, 4, 5, 8, 12, 13, 17, 30])
def test_hyperband_spends_its_trials_and_some_reach_the_end(trials: int) -> None:
    arm = one_arm(SPACE, search="hyperband", budget={"trials": trials})
    jobs = searched(arm)
    assert len(jobs) == arm.planned == trials
    assert not arm.exhausted
    assert EPOCHS in rungs(jobs)
    going_on = [job for job in jobs if job["resume"]]
    assert bool(going_on) == (trials >= 4)
    assert len({job["resume"] for job in going_on}) == len(going_on)


def test_hyperband_shortens_its_trials_by_the_budget_s_epochs() -> None:
    arm = one_arm(SPACE, search="hyperband", budget={"epochs": 27})
    jobs = searched(arm)
    assert rungs(jobs) == [9] * 6 + [27] * 2
    assert {job["planned_epochs"] for job in jobs} == {27}


def test_a_trial_cut_short_is_not_hyperband_s_best_beside_a_whole_one() -> None:
    def early(job: dict[str, Any]) -> dict[str, Any]:
        return result_of(job, score=0.1 if job["epochs"] < EPOCHS else 0.2)

    arm = one_arm(SPACE, search="hyperband")
    searched(arm, early)
    best = arm.best()
    assert best and best["number"] >= 6


def test_hyperband_s_best_is_a_short_trial_where_all_whole_ones_failed() -> None:
    arm = one_arm(SPACE, search="hyperband")
    searched(arm, lambda job: (result_of if job["epochs"] < EPOCHS else failed)(job))
    best = arm.best()
    assert best and best["number"] <= 5


def test_hyperband_goes_on_where_some_trials_failed() -> None:
    arm = one_arm(SPACE, search="hyperband", budget={"trials": 16})
    jobs = searched(arm, lambda job: (failed if job["number"] % 3 else result_of)(job))
    assert len(jobs) == 16


def test_hyperband_halves_a_small_space_as_well() -> None:
    space = {"model.units": {"choice": [[8], [16], [32], [64]]}}
    jobs = searched(one_arm(space, search="hyperband"))
    assert rungs(jobs)[:4] == [3, 3, 3, 9]


# Hopeless trials


def test_median_is_that_of_earlier_generations_best_losses_so_far() -> None:
    losses = {
        1: [0.9, 0.5, 0.7, 0.4],
        2: [0.6, 0.8, 0.5],  # stopped early: stays at its best
        3: [0.7, 0.2, 0.3, 0.1],
        4: [1.5, 1.4, 1.3, 1.2],
    }
    arm = one_arm(SPACE, budget={"epochs": 4})
    jobs = arm.ask()
    assert [job["median"] for job in jobs] == [None] * 4
    results = []
    for job in jobs:
        history = [{"epoch": 0, "val_loss": loss} for loss in losses[job["number"]]]
        results.append(result_of(job, history=history))
    arm.tell(results)
    # By hand: best so far 0.9 .5 .5 .4 | .6 .6 .5 .5 | .7 .2 .2 .1 | 1.5 1.4 1.3 1.2
    expected = [(0.7 + 0.9) / 2, (0.5 + 0.6) / 2, 0.5, (0.4 + 0.5) / 2]
    for job in arm.ask():
        assert job["median"] == pytest.approx(expected)


@pytest.mark.parametrize(("finished", "rule"), [(2, False), (3, True)])
def test_median_needs_three_finished_trials(finished: int, rule: bool) -> None:
    arm = one_arm(SPACE)
    jobs = arm.ask()
    arm.tell([(result_of if j["number"] <= finished else failed)(j) for j in jobs])
    assert all((job["median"] is not None) == rule for job in arm.ask())


def test_median_reaches_as_far_as_the_trial_is_to_go() -> None:
    arm = one_arm({"train.epochs": {"int": [2, 12]}, **RATES})
    jobs = searched(arm)
    for job in jobs[GENERATION:]:
        assert len(job["median"]) == job["overrides"]["train.epochs"]


def test_trials_without_validation_loss_have_no_median() -> None:
    arm = one_arm(SPACE)
    jobs = searched(arm, lambda job: result_of(job, val_loss=None, history=[{}]))
    assert [job["median"] for job in jobs] == [None] * 8


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, True),
        ({"stop": "none"}, False),
        ({"model.loss": {"choice": ["mse", "mae"]}}, False),
        ({"data.target_scale": {"choice": ["none", "standard"]}}, False),
        ({"data.scale": {"choice": ["none", "standard"]}}, True),
        # Within each competitor the loss is one and the same.
        ({"compare": "model.loss", "model.loss": {"choice": ["mse", "mae"]}}, True),
    ],
)
def test_rule_asks_for_losses_that_can_be_compared(
    changes: dict[str, Any], rule: bool
) -> None:
    for arm in arms_of(tuned({**SPACE, **changes}), "min"):
        assert (searched(arm)[-1]["median"] is not None) == rule


DECIDED = {
    "classify_text": set(),
    "classify_series": set(),
    "regress_series": {"model.loss", "data.target_scale"},
    "forecast": {
        *("model.loss", "model.level", "model.output", "model.strategy"),
        *("data.transform", "data.decompose", "data.scale"),
        *("data.difference", "data.seasonal_difference"),
    },
}
SAME_LOSS = """
data.vocab_size data.max_timesteps data.level data.truncating data.lowercase
data.class_weight data.static data.past data.future data.calendar data.lookback
data.stride model.cell model.units model.bidirectional model.dropout
model.input_dropout model.recurrent_dropout model.layer_norm model.residual
model.embedding model.embedding_dropout model.token_dropout model.pooling
model.segment model.window_norm model.highway model.series_embedding
model.naive_start model.conformal model.noise
""".split()


@pytest.mark.parametrize("name", list(TASKS))
def test_each_key_that_may_be_searched_is_known_to_change_the_loss_or_not(
    name: str,
) -> None:
    task = TASKS.get(name)
    types = {"data": task.Data, "model": task.Model}
    known = set(searched_keys(types))
    assert set(task.loss_keys) == DECIDED[name] <= known
    same = known - DECIDED[name]
    # Whole series are scaled as inputs alone; a forecast's scale is its target's, too.
    assert same - {"data.scale"} <= set(SAME_LOSS)


# The arms of a recipe


def test_one_arm_where_nothing_competes() -> None:
    (arm,) = arms_of(tuned(RATES), "min")
    assert arm.name == "gru"
    (first, *_) = arm.ask()
    assert set(first["overrides"]) == {"train.learning_rate"}


def test_any_key_may_compete_and_names_its_arms() -> None:
    values = [[64, 64], [64], [6, 464]]
    changed = tuned({"model.units": {"choice": values}, **RATES}, compare="model.units")
    arms = arms_of(changed, "min")
    assert [arm.name for arm in arms] == ["[64, 64]", "[64]", "[6, 464]"]
    ids = [arm.ask()[0]["id"] for arm in arms]
    assert ids == ["64-64-001", "64-001", "6-464-001"]


def test_null_and_words_are_told_apart() -> None:
    changed = tuned(
        {"train.clip_norm": {"choice": [None, 1.0]}}, compare="train.clip_norm"
    )
    arms = arms_of(changed, "min")
    assert [arm.name for arm in arms] == ["null", "1.0"]
    assert [arm.fixed["train.clip_norm"] for arm in arms] == [None, 1.0]


def test_file_names_are_safe_and_distinct() -> None:
    names = ["a/b", "a b", "A-B", "../..", "[64, 64]", "x" * 99, "x" * 98]
    safe = file_names(names)
    assert safe[:5] == ["a-b", "a-b-2", "A-B-3", "arm", "64-64"]
    assert len({name.casefold() for name in safe}) == len(names)
    assert all(Path(name).name == name and len(name) < 45 for name in safe)


def test_later_arms_meet_the_first_one_s_parameters() -> None:
    first, *others = arms_of(
        recipe(**{"tune.match": "parameters", "tune.model.noise": None}), "min"
    )
    assert first.name == "simple_rnn" and len(others) == 2
    asked = first.ask()
    assert [job["match"] for job in asked] == [None] * GENERATION
    expected = [job["overrides"] for job in asked]
    for arm in others:
        jobs = arm.ask()
        assert [job["match"] for job in jobs] == expected
        assert all(job["overrides"]["model.cell"] == arm.name for job in jobs)


# What is seen before


def test_spaces_of_recipes_that_ship_are_taken(root: Path) -> None:
    for path in sorted((root / "recipes").glob("*.yaml")):
        checked_space(load_recipe(path))


def test_values_that_do_not_go_together_are_named() -> None:
    space = {
        "model.cell": {"choice": ["lstm", "gru"]},
        "model.residual": {"choice": [False, True]},
        "model.units": {"choice": [[8, 8], [8]]},
        **RATES,
    }
    changed = tuned(space).with_({"model.units": [4, 4]})
    with pytest.raises(UsageError) as raised:
        checked_space(changed)
    told = str(raised.value)
    assert told.startswith(
        "tune would try model.residual=true and model.units=[8], which this recipe "
        "does not take: model sets residual, but"
    )
    assert told.endswith("Take it out of the search.")


def test_values_that_go_together_are_taken_whatever_the_recipe_has() -> None:
    space = {
        "model.residual": {"choice": [True, False]},
        "model.units": {"choice": [[8, 8], [4, 4]]},
    }
    checked_space(tuned(space))


def test_sections_that_do_not_go_together_are_seen() -> None:
    changed = load_recipe("airline_forecast").with_(
        {"tune": {"model.highway": {"choice": [0, 24, 25]}}}
    )
    with pytest.raises(UsageError, match="model.highway=25, which.*longer than the"):
        checked_space(changed)


def test_large_spaces_are_seen_value_by_value() -> None:
    units = [[units] for units in range(1, 600)]
    changed = tuned(
        {
            "model.cell": {"choice": ["lstm", "gru"]},
            "model.units": {"choice": units},
            "train.clip_norm": {"choice": [None, 1.0]},
            "train.clip_value": {"choice": [None, 0.5]},
        }
    ).with_({"train.clip_norm": None})
    checked_space(changed)
    turned = {"choice": [1.0, None]}
    with pytest.raises(UsageError, match="clip_norm=1.0 and train.clip_value=0.5"):
        checked_space(changed.with_({"tune.train.clip_norm": turned}))


# Without a trace


@pytest.mark.parametrize("search", SEARCHES)
def test_nothing_is_printed_and_no_file_written(
    search: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    arm = one_arm(space_of(search))
    searched(arm, lambda job: (result_of if job["number"] % 4 else failed)(job))
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


CODE = """
import json, sys
sys.path.insert(0, {folder!r})
from test_arms import arms_of, searched, space_of, tuned
jobs = [
    searched(arm)
    for search in {searches!r}
    for arm in arms_of(tuned(space_of(search)), "max")
]
print(json.dumps(jobs))
"""


@pytest.mark.slow
def test_other_processes_ask_the_same(
    python: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code = CODE.format(folder=str(Path(__file__).parent), searches=SEARCHES)
    asked = []
    for seed in ("0", "1"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        asked.append(json.loads(python(code).splitlines()[-1]))
    here = [
        searched(arm)
        for search in SEARCHES
        for arm in arms_of(tuned(space_of(search)), "max")
    ]
    assert asked[0] == asked[1] == here


def test_arms_are_seeded_by_the_recipe() -> None:
    train = TrainSpec(seed=3, epochs=2)
    tune = tuned(SPACE).tune
    alone = Arm("lstm", {"model.cell": "lstm"}, tune, train, "min", 7, rule=True)
    (arm, _) = arms_of(tuned(SPACE), "min")
    assert alone.ask() == arm.ask()
