"""Plain forecasts beside a network: fitted apart, mixed in by validation windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.windows import WindowStore
from seqkit.layers.forecast.quantiles import naive_error
from seqkit.models.forecast.spec import ForecastModel
from seqkit.models.forecast.wide import MIXTURE, apart, set_shares
from seqkit.tasks.compiled import compiled_model
from seqkit.tasks.forecast.conformal_parts import (
    effective_windows,
    evenly_spread,
    time_blocks,
)
from seqkit.tasks.forecast.linear_wide import fit_ridge
from seqkit.tasks.forecast.tree_wide import fit_trees
from seqkit.tasks.forecast.window_chunks import by_series

if TYPE_CHECKING:
    import keras

Floats = NDArray[np.float64]

JUDGED, BATCH = 4000, 512
"""Validation windows that choose the shares, and windows answered at a time."""
PULL = 2.0
"""How hard the shares are held at equal ones, in windows of a naive error each.

Equal shares are hard to beat (Smith & Wallis 2009, "A simple explanation of the
forecast combination puzzle"): few windows are not to move them far. Chosen on time cut
from the training parts of 16 sets, once to three times: at these 30 cuts weaker pulls
won at some single series what they lost at others; many series lose nothing by 2.
"""
SHARED = 0.02
"""What share of an error all series of one time have in common, about: thousands of
them say no more than some fifty that had nothing in common."""
SMOOTH = 1e-3
"""Errors below this share of the naive one cost as their squares do."""


def fit_plain(
    spec: ForecastModel,
    model: keras.Model,
    stores: Mapping[str, WindowStore],
    seed: int,
) -> None:
    """Fit what ``spec.wide`` names, then how much each method counts at each step.

    Args:
        spec: the recipe's model.
        model: made by ``with_plain``, its network trained.
        stores: ``train``, and ``validation`` unless there is none.
        seed: of what is drawn.
    """
    if "ridge" in spec.wide:
        fit_ridge(model.get_layer("ridge"), stores["train"])
    able = np.ones(1 + len(spec.wide), bool)
    if "trees" in spec.wide:
        fitted = fit_trees(model.get_layer("trees"), stores["train"], seed)
        able[1 + spec.wide.index("trees")] = fitted
    validation = stores.get("validation")
    ends = np.zeros((2, len(able)))
    ends[:, able] = 1 / able.sum()
    if validation:
        season = model.get_layer(MIXTURE).season
        every = judged(model, validation, season)
        some = every._replace(forecasts=every.forecasts[able])
        ends[:, able] = chosen_shares(some, cost_of(spec))
    set_shares(model, ends)


class Judged(NamedTuple):
    """What methods gave of validation windows, and what came."""

    forecasts: Floats
    """(methods, windows, horizon)"""
    targets: Floats
    """(windows, horizon), NaN where nobody knows."""
    unit: Floats
    """(windows,): what errors are measured in, the naive error of their series."""
    worth: Floats
    """(windows,): as how many of its own a window counts, at most 1."""


def judged(model: keras.Model, store: WindowStore, season: int) -> Judged:
    """What each method of a model gives of a store's windows, of many a sample."""
    import keras

    answer = compiled_model(keras.Model(model.input, apart(model)))
    rows = evenly_spread(len(store), JUDGED)
    forecasts, targets, errors = [], [], []
    for start in range(0, len(rows), BATCH):
        inputs, values, weights = store.arrays(rows[start : start + BATCH])
        forecasts.append(np.stack([np.asarray(one)[:, :, 0] for one in answer(inputs)]))
        counts = np.reshape(weights, (len(values), -1)) > 0
        targets.append(np.where(counts, values, np.nan))
        errors.append(np.asarray(naive_error(inputs["steps"][:, :, 0], season)))
    owners, origins = store.places(rows)
    return Judged(
        np.concatenate(forecasts, axis=1).astype(np.float64),
        np.concatenate(targets).astype(np.float64),
        by_series(np.concatenate(errors).astype(np.float64), owners),
        worth_of(owners, origins, store.horizon),
    )


def worth_of(
    owners: NDArray[np.int64], origins: NDArray[np.int64], horizon: int
) -> Floats:
    """What windows count as (windows,): less where they overlap or share their time.

    Args:
        owners: which series each is of; all of them end at one time.
        origins: each window's place in its series.
        horizon: steps that a window forecasts.
    """
    numbers = np.unique(owners, return_inverse=True)[1]
    last = np.full(numbers.max() + 1, -1, np.int64)
    np.maximum.at(last, numbers, origins)
    block = time_blocks(origins - last[numbers], horizon)
    pairs = np.unique(np.stack([block, numbers]), axis=1)
    beside = np.bincount(pairs[0])[block]
    apart = effective_windows(owners, origins, horizon).mean() / len(owners)
    return np.asarray(min(apart, 1.0) / (1 + SHARED * (beside - 1)))


Cost = Callable[[Floats], tuple[Floats, Floats]]
"""Errors, what came less a forecast, to what they cost, and the slope of it."""


def cost_of(spec: ForecastModel) -> Cost:
    """What a model is trained for, of errors in any unit."""
    level = spec.level

    def straight(errors: Floats) -> tuple[Floats, Floats]:
        # |e|, but smooth at 0; scaled by 2 level above and 2 (1 - level) below.
        size = np.sqrt(errors**2 + SMOOTH**2)
        side = np.where(errors > 0, 2 * level, 2 * (1 - level))
        return side * (size - SMOOTH), side * errors / size

    def squared(errors: Floats) -> tuple[Floats, Floats]:
        return errors**2, 2 * errors

    return squared if spec.loss == "mse" else straight


def chosen_shares(judged: Judged, cost: Cost, pull: float = PULL) -> Floats:
    """The shares (2, methods) at the first and the last step that cost least.

    None is below 0, and those of a step sum to 1. Beside the cost of each window, its
    mean over the steps that are known, counts ``pull`` times the squared distance from
    equal shares.
    """
    from scipy.optimize import minimize

    methods, _, horizon = judged.forecasts.shape
    later = np.linspace(0.0, 1.0, horizon)
    equal = np.full(2 * methods, 1 / methods)
    present = np.isfinite(judged.targets)
    known = np.maximum(present.sum(axis=1, keepdims=True), 1)
    weights = judged.worth[:, None] * present / known
    targets = np.where(present, judged.targets, 0.0)
    # Errors are linear in the shares: those of shares of a step that sum to one.
    errors = (targets - judged.forecasts) / judged.unit[:, None]

    def loss(flat: Floats) -> tuple[float, Floats]:
        ends = flat.reshape(2, methods)
        shares = (1 - later) * ends[0][:, None] + later * ends[1][:, None]
        costs, slopes = cost(np.einsum("mnh,mh->nh", errors, shares))
        slope = np.einsum("nh,mnh->mh", weights * slopes, errors)
        slope = np.stack([slope @ (1 - later), slope @ later])
        apart = ends - 1 / methods
        total = (weights * costs).sum() + pull * (apart**2).sum()
        return float(total), (slope + 2 * pull * apart).ravel()

    sums = np.kron(np.eye(2), np.ones(methods))
    best = minimize(
        loss,
        equal,
        jac=True,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * len(equal),
        constraints={
            "type": "eq",
            "fun": lambda x: sums @ x - 1,
            "jac": lambda _: sums,
        },
    )
    shares = np.clip(best.x if np.isfinite(best.x).all() else equal, 0.0, 1.0)
    ends = shares.reshape(2, methods)
    return np.asarray(ends / ends.sum(axis=1, keepdims=True))
