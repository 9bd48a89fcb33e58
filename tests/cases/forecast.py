"""``forecast``: its keys, its tiny models and a run of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tiny_series import TINY_FORECAST
from tiny_series import waves as days

from cases.case import STACK_OPTIONS, STACKED, Case
from cases.keys import STACK, TINY, Change, Changes, TaskKeys
from cases.pairs import Combination
from seqkit.signature import Signature


def of(name: str, **keys: Any) -> dict[str, Any]:
    """A base recipe that reads another file."""
    more = {f"data.{key}": value for key, value in keys.items()}
    return {"data.source": f"csv:{name}.csv"} | more


ONE = {"id": None, "values": None}
DATA: Changes = {
    "source": Change("csv:other.csv", shows="series"),
    "data_dir": Change("two", shows="series", base={"data.source": "tfds:tiny_rows"}),
    "encoding": Change("latin-1", shows="series"),
    # As many columns as rows: series either way.
    "layout": Change(
        "wide", "series", of("square", timestamp=None, **ONE), others=("rows",)
    ),
    "timestamp": Change("later", shows="series", others=(None,)),
    "id": Change("name", shows="series"),
    "values": Change(["more"], shows="series"),
    "static": Change(["shop"], shows="train"),
    "past": Change(["rain"], shows="train"),
    "future": Change(["sale"], shows="train"),
    "calendar": Change(
        ["month"], shows="train", others=(["day_of_week"], ["day_of_year"])
    ),
    "frequency": Change("12h", shows="series", base={"data.gaps": "interpolate"}),
    # Without it an hour is missing in spring, and one is twice there in autumn.
    "timezone": Change("Europe/Berlin", "series", of("local", **ONE), refused=True),
    "until": Change("2024-03-05", shows="series"),
    "gaps": Change(
        "interpolate", "series", of("gaps"), others=("forward_fill",), refused=True
    ),
    "duplicates": Change(
        "first", "series", of("twice"), others=("last", "mean", "sum"), refused=True
    ),
    "unsorted": Change("sort", "series", of("unsorted"), refused=True),
    "short": Change("drop", "series", of("short"), refused=True),
    "constant": Change("drop", "series", of("still"), others=("keep",), refused=True),
    "transform": Change("log", shows="train", others=("log1p", "box_cox")),
    "seasons": (
        Change([5], shows="season", others=([], None)),
        Change(
            [7], shows="train", base={"data.decompose": "seasons"}, others=([6, 7],)
        ),
    ),
    "decompose": Change("seasons", shows="train", others=("seasons_and_trend",)),
    "difference": Change(1, shows="train", others=(2,)),
    "seasonal_difference": Change(6, shows="train", others=(1, 7)),
    "scale": Change("none", shows="train", others=("minmax", "mean")),
    "lookback": Change(14, shows="train"),
    "horizon": (Change(4, shows="train"), Change(4, shows="test")),
    "stride": Change(3, shows="train"),
    "validation": Change(15, shows="validation", others=(0.3,)),
    "test": Change(12, shows="test", others=(0.2,)),
    "test_stride": (Change(2, shows="test"), Change(2, shows="validation")),
}
QUANTILE = {"model.output": "quantile"}
MODEL: Changes = STACK | {
    "residual": Change(
        True, shows="answers", base={"model.units": [4, 4], "model.embedding": 4}
    ),
    "strategy": Change(
        "recursive",
        shows="shapes",
        base={"model.segment": 2},
        others=("encoder_decoder", "segments"),
    ),
    "segment": Change(2, shows="shapes"),
    "embedding": Change(5, shows="shapes"),
    "window_norm": Change("last", shows="answers", others=("mean", "standard")),
    "highway": Change(3, shows="shapes"),
    "highway_start": Change("season", shows="served", base={"model.highway": 6}),
    "series_embedding": Change(3, shows="shapes"),
    "output": Change("quantile", shows="shapes", others=("gaussian",)),
    "loss": Change("mse", shows="weights", others=("huber",)),
    "level": Change(0.3, shows="weights"),
    "wide": Change(
        ["theta"],
        shows="shapes",
        base={"data.difference": 0, "data.seasonal_difference": 0},
        others=(["ridge", "last", "seasonal_naive"],),
    ),
    "naive_start": Change(True, shows="served"),
    "quantiles": (
        Change([0.2, 0.5, 0.7], shows="weights", base=QUANTILE),
        Change([0.5], shows="shapes", base=QUANTILE),
        Change([0.2, 0.5, 0.7], shows="served"),
    ),
    "move_point": Change(False, shows="served"),
    "conformal": (
        Change(False, shows="served"),
        Change(False, shows="served", base=QUANTILE),
        Change(False, shows="served", base={"model.output": "gaussian"}),
    ),
}
BASE = TINY | {
    "data.source": "csv:rows.csv",
    "data.id": "id",
    "data.values": ["value"],
    "data.transform": "none",
    "data.difference": 0,
    "data.seasonal_difference": 0,
    "data.seasons": [6],
    "data.lookback": 12,
    "data.horizon": 3,
    "data.validation": 12,
    "data.test": 9,
    "model.highway": 0,
    "train.learning_rate": 0.1,
}


def waves(seed: int = 0, steps: int = 72) -> pd.DataFrame:
    """Two daily series of season 6 with all kinds of covariates, in csv's words."""
    draw = np.random.default_rng(seed)
    frames = []
    for number in range(2):
        at = np.arange(steps)
        stamps = pd.date_range("2024-01-01", periods=steps, freq="D")
        values = 50 + 20 * number + 10 * np.sin(2 * np.pi * at / 6) + 0.1 * at
        named = {
            "timestamp": stamps.strftime("%Y-%m-%d"),
            "later": (stamps + pd.Timedelta(days=40)).strftime("%Y-%m-%d"),
            "id": f"Caf\u00e9 {number}",
            "name": ("north", "south")[number],
            "value": (values + draw.normal(size=steps)).round(3),
            "more": (2 * values + draw.normal(size=steps)).round(3),
            "rain": at % 5,
            "sale": (at % 7 == 0).astype(int),
            "shop": ("small", "large")[number],
        }
        frames.append(pd.DataFrame(named))
    return pd.concat(frames, ignore_index=True)


def hours_in_berlin() -> pd.DataFrame:
    """Hours of the year 2024's two changes of the clocks, as clocks showed them."""
    stamps = pd.date_range("2024-03-29", "2024-04-03", freq="h", tz="Europe/Berlin")
    values = 20 + np.arange(len(stamps)) % 24
    local = stamps.tz_localize(None).strftime("%Y-%m-%d %H:%M")
    return pd.DataFrame({"timestamp": local, "value": values})


def square() -> pd.DataFrame:
    """40 rows of 40 columns, ``value`` the first."""
    numbers = np.random.default_rng(1).normal(50, 5, (40, 40)).round(2)
    return pd.DataFrame(numbers, columns=["value", *(f"c{i}" for i in range(1, 40))])


def frames() -> dict[str, pd.DataFrame]:
    rows = waves()
    changed = rows["value"] * 3
    still = rows["value"].where(rows["name"] == "north", 7.0)
    return {
        "rows": rows,
        "other": waves(seed=1),
        "square": square(),
        "local": hours_in_berlin(),
        "gaps": rows.drop(index=[20, 21, 90]),
        "twice": pd.concat(
            [rows, rows.assign(value=changed).iloc[[20, 90]]]
        ).sort_values(["id", "timestamp"], kind="stable"),
        "unsorted": pd.concat([rows[72:], rows[1:72], rows[:1]]),
        "short": rows[:87],
        "still": rows.assign(value=still),
    }


def windows(store: Any) -> Any:
    """The windows of a store as plain data."""
    inputs, targets, weights = store.arrays(np.arange(len(store)))
    assert all(np.isfinite(array).all() for array in inputs.values())
    plain = {name: array.tolist() for name, array in inputs.items()}
    return plain, targets.tolist(), weights.tolist()


def prepared(data: Any, preprocessing: Any, stores: Any) -> dict[str, Any]:
    chunks = list(data.examples("test"))
    histories = [history for chunk in chunks for history in chunk.inputs]
    return {
        "series": [
            (one.id, str(one.start), one.static, one.values.tolist())
            for one in data.series
        ],
        "season": [history.season for history in histories],
        "test": [
            # NaN, a value that was filled, is not equal to itself.
            (history.id, history.origin, str(truth.tolist()))
            for chunk in chunks
            for history, truth in zip(chunk.inputs, chunk.truth, strict=True)
        ],
        **{part: windows(store) for part, store in stores.items()},
    }


def inputs(model: Any) -> dict[str, Any]:
    """Eight windows that vary."""
    draw = np.random.default_rng(0)
    return {
        name: draw.normal(2, 1, (8, *tensor.shape[1:])).astype(np.float32)
        for name, tensor in model.input.items()
    }


def row(one: Any) -> Any:
    """A window's place in time, and what MASE divides its errors by."""
    return one.id, str(one.series.start), one.origin, one.train_end, one.season


def answers(data: Any, answer: Any) -> Any:
    return [answer(chunk).tolist() for chunk in data.histories("test")]


KEYS = TaskKeys(
    recipe="airline_forecast",
    base=BASE,
    data=DATA,
    model=MODEL,
    frames=frames,
    prepared=prepared,
    inputs=inputs,
    row=row,
    answers=answers,
    quick=("data", "model", "train"),
    slow=("data.data_dir",),
)

# A model


WIDTHS = {"point": 1, "quantile": 3, "gaussian": 2}


def signature(combination: Combination) -> Signature:
    """Every kind of covariate that the strategy can read."""
    past = 0 if combination["strategy"] == "recursive" else 1
    return Signature(
        timesteps=5,
        features=1 + past + 2,
        horizon=3,
        future_features=2,
        static_features=2,
        series=3,
    )


def varied(model: Any) -> dict[str, Any]:
    """A window, and for each input one that differs from it in that alone."""
    assert set(model.input) == {"steps", "future", "static", "series"}
    draw = np.random.default_rng(1)
    windows = {}
    for number, (name, tensor) in enumerate(model.input.items()):
        first, other = draw.normal(size=(2, *tensor.shape[1:])).astype(np.float32)
        if tensor.dtype == "int32":
            first, other = np.int32([0, 2])
        windows[name] = np.stack([first] * (1 + len(model.input)))
        windows[name][1 + number] = other
    return windows


def are_forecasts(combination: Combination, rows: NDArray[np.float32]) -> None:
    """As many numbers for each step ahead as the kind of output takes."""
    steps = 1 if combination["strategy"] == "recursive" else 3
    assert rows.shape[1:] == (steps, WIDTHS[combination["output"]])
    assert np.isfinite(rows).all()
    assert combination["output"] != "gaussian" or (rows[:, :, 1] > 0).all()


CASE = Case(
    keys=KEYS,
    model={"units": [3], "highway": 3, "series_embedding": 2},
    # 5 steps and 3 ahead: neither makes whole segments.
    options=STACK_OPTIONS | {"segment": 2, "embedding": 4},
    held=(
        *("units", "highway", "series_embedding", "loss", "level", "naive_start"),
        *("highway_start", "wide", "quantiles", "conformal", "move_point"),
    ),
    implied=STACKED | {("strategy", "segments"): {"segment": 2}},
    in_turn=("window_norm",),
    data={"data.difference": 0, "data.seasonal_difference": 0},
    signature=signature,
    batch=varied,
    varied=varied,
    check=are_forecasts,
    rtol=1e-5,
    atol=1e-5,
    tiny=TINY_FORECAST | {"train.epochs": 1},
    rows=days,
    trained_like={"output": "point", "series_embedding": 0},
)
