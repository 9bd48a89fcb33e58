"""Keras Tuner's oracles, asked and told directly: no files, no prints, no surprises.

What an oracle asks follows from its seed and what it was told alone.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras_tuner
import numpy as np
from threadpoolctl import threadpool_limits

from seqkit.recipe.search import Choice, IntRange
from seqkit.recipe.spec import Spec
from seqkit.tuning.arms.space import hyperparameters, points, rounded

FACTOR = 3
"""Hyperband goes on with one of so many trials, each with so many times the epochs."""

OBJECTIVE = "score"

FIRST = 4
"""Trials at random that a Bayesian search learns from at least."""


def oracle_for(
    search: str,
    space: Mapping[str, Spec],
    trials: int,
    epochs: int,
    direction: str,
    seed: int,
) -> keras_tuner.Oracle:
    """The oracle of a search.

    Args:
        search: ``random``, ``grid``, ``bayesian`` or ``hyperband``.
        space: what it searches, cut into values for a grid.
        trials: how many it may ask for.
        epochs: of a whole trial; Hyperband's shorter ones have shares of it.
        direction: ``max`` if greater scores are better, else ``min``.
        seed: any whole number from 0.
    """
    options: dict[str, Any] = {
        "objective": keras_tuner.Objective(OBJECTIVE, direction),
        "hyperparameters": hyperparameters(space),
        # Keras Tuner counts its seed up, so that neighbours would draw alike; and takes
        # 0 for no seed.
        "seed": 1 + int(np.random.SeedSequence(seed).generate_state(1)[0]) % 2**31,
        # A failed trial has a row of its own in the results; the search goes on.
        "max_consecutive_failed_trials": math.inf,
    }
    oracle: Any
    if not space or search == "random":
        oracle = _Random(max_trials=trials, **options)
    elif search == "grid":
        oracle = _Grid(max_trials=trials, **options)
    elif search == "bayesian":
        first = min(3 * len(space), max(FIRST, trials // 2))
        oracle = _Bayesian(max_trials=trials, num_initial_points=first, **options)
    else:
        oracle = _Hyperband(trials, points(space), max_epochs=epochs, **options)
    oracle.verbose = 0
    oracle.space = dict(space)
    # Near its end a small space is met again and again before a new point is.
    oracle._max_collisions = 20 * min(points(space) or 50, 50)
    return oracle


def ask(oracle: keras_tuner.Oracle, name: str) -> keras_tuner.engine.trial.Trial:
    """The oracle's next trial, for whoever is called ``name``, ongoing until told.

    Its ``status`` is RUNNING; IDLE where the oracle waits to be told of ongoing
    trials; or STOPPED at the end of the search.
    """
    with _quiet():
        return oracle.create_trial(name)


def tell(oracle: keras_tuner.Oracle, trial_id: str, score: float | None) -> None:
    """Tell the oracle a trial's score; None: it failed."""
    with _quiet():
        if score is not None:
            oracle.update_trial(trial_id, {OBJECTIVE: score})
        trial = oracle.get_trial(trial_id)
        trial.status = "FAILED" if score is None else "COMPLETED"
        oracle.end_trial(trial)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep warnings down that nobody can mend: of the fit of a Gaussian process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class _InMemory:
    """What all oracles share: nothing on disk, numbers as a recipe has them."""

    space: dict[str, Spec]
    _max_collisions: int

    def save(self) -> None:
        """Leave no file: a search is resumed by telling a new oracle its results."""

    def _save_trial(self, trial: Any) -> None:
        """Leave no file."""

    def _random_values(self) -> dict[str, Any] | None:
        for _ in range(self._max_collisions):
            values = super()._random_values()  # type: ignore[misc]
            if values is None:
                return None
            values = self._rounded(values)
            if not self._duplicate(values):  # type: ignore[attr-defined]
                return values
        return None

    def _rounded(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values as they will be trained, so that the oracle learns from these."""
        return {
            key: value
            if isinstance(self.space[key], (Choice, IntRange))
            else rounded(float(value), self.space[key])
            for key, value in values.items()
        }


class _Random(_InMemory, keras_tuner.oracles.RandomSearchOracle):
    """Each value drawn by itself; no point twice."""


class _Grid(_InMemory, keras_tuner.oracles.GridSearchOracle):
    """Every point, the last key fastest."""

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        response: dict[str, Any] = super().populate_space(trial_id)
        if response["status"] == "RUNNING":
            # The oracle waits until a trial ends before it looks for the next point,
            # since trials may bring new keys; here the space is known.
            self._populate_next.append(trial_id)
        return response


class _Bayesian(_InMemory, keras_tuner.oracles.BayesianOptimizationOracle):
    """A Gaussian process; a point that it would try again gives way to a random one."""

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        # The order of sums does not hang on the number of cores, and on matrices as
        # small as these one thread is four times as fast.
        with threadpool_limits(1):
            response: dict[str, Any] = super().populate_space(trial_id)
        if response["values"] and self._duplicate(response["values"]):
            response = self._random_populate_space()
        return response

    def _vector_to_values(self, vector: Any) -> dict[str, Any]:
        return self._rounded(super()._vector_to_values(vector))


class _Waiting(Exception):
    """A new bracket would begin while trials of the last one still run."""


class _Hyperband(_InMemory, keras_tuner.oracles.HyperbandOracle):
    """Hyperband within so many trials, each rung of a bracket counting as one.

    Brackets come from the boldest to the mildest, and again from the boldest on, until
    ``trials`` are spent. Those that the trials or points cannot fill are smaller, or
    left out: Keras Tuner's own would spend a small budget on first rungs alone. A
    bracket is ended before the next begins.

    Args:
        trials: how many it may ask for.
        points: of the space; None: too many to tell.
    """

    def __init__(self, trials: int, points: int | None, **options: Any) -> None:
        self._trials = trials
        self._points = math.inf if points is None else points
        super().__init__(factor=FACTOR, hyperband_iterations=None, **options)
        self.max_trials = trials

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        try:
            response: dict[str, Any] = super().populate_space(trial_id)
        except _Waiting:
            response = {"status": "IDLE"}
        return response

    def _increment_bracket_num(self) -> None:
        if self.ongoing_trials:
            raise _Waiting
        super()._increment_bracket_num()
        left = self._trials - len(self.trials)
        while self._current_bracket and self._total(self._current_bracket) > left:
            self._current_bracket -= 1

    def _get_num_brackets(self) -> int:
        brackets: int = super()._get_num_brackets()
        while brackets > 1 and not self._most(brackets - 1):
            brackets -= 1
        return brackets

    def _get_size(self, bracket_num: int, round_num: int) -> int:
        own = super()._get_size
        rungs = range(bracket_num + 1)
        fits = sum(own(bracket_num, rung) for rung in rungs) <= self._trials
        if fits and own(bracket_num, 0) <= self._points:
            size: int = own(bracket_num, round_num)
            return size
        return self._most(bracket_num) * FACTOR ** (bracket_num - round_num)

    def _total(self, bracket: int) -> int:
        return sum(self._get_size(bracket, rung) for rung in range(bracket + 1))

    def _most(self, bracket: int) -> int:
        """Trials of the last rung that the trials and points can pay for; 0: none."""
        powers = [FACTOR**rung for rung in range(bracket + 1)]
        return int(min(self._trials // sum(powers), self._points // powers[-1]))
