import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import date2num

from seqkit.errors import DataError
from seqkit.pictures import (
    backtest_panels,
    forecast_fan,
    horizon_errors,
    interval_coverage,
    residual_autocorrelation,
)
from seqkit.pictures.forecast.fan import intervals
from seqkit.pictures.shared import BLUE, GREY, ORANGE

QUANTILES = ("q2.5", "q10", "q50", "q90", "q97.5")
OFFSETS = (-20, -10, 0, 10, 20)
LONG = "electricity $load$ of the substation \u65e5\u672c at the far end"


def months(count, start="1949-01-01"):
    return pd.date_range(start, periods=count, freq="MS")


def past(steps, dated=True):
    times = {"timestamp": months(steps)} if dated else {"step": np.arange(steps)}
    return pd.DataFrame(times | {"value": 100.0 + np.arange(steps) % 12})


def ahead(steps, after, dated=True, quantiles=QUANTILES):
    times = {"step": after + np.arange(steps)}
    if dated:
        times = {"timestamp": months(after + steps)[after:]}
    frame = pd.DataFrame(times | {"forecast": 105.0 + np.arange(steps)})
    for name, offset in zip(QUANTILES, OFFSETS, strict=True):
        if name in quantiles:
            frame[name] = frame["forecast"] + offset
    return frame


def windows(ids, origins, horizon, quantiles=QUANTILES):
    """Windows whose truth is 1 above the forecast."""
    parts = []
    for id in ids:
        for origin in origins:
            one = ahead(horizon, 0, dated=False, quantiles=quantiles)
            one["step"] += 1
            one.insert(0, "id", id)
            one.insert(1, "origin", origin)
            parts.append(one.assign(truth=one["forecast"] + 1))
    return pd.concat(parts, ignore_index=True)


def by_step(values, spread=0.1):
    values = np.asarray(values, np.float64)
    return pd.DataFrame(
        {
            "step": np.arange(1, len(values) + 1),
            "n": 9,
            "mase": values,
            "mase_low": values - spread,
            "mase_high": values + spread,
        }
    )


def by_lag(values, bound=0.2):
    lags = np.arange(1, len(values) + 1)
    columns = {"lag": lags, "autocorrelation": values, "low": -bound, "high": bound}
    return pd.DataFrame(columns | {"n": 96})


COVERAGE = pd.DataFrame(
    {
        "nominal": [0.1, 0.5, 0.9],
        "share": [0.12, 0.5, 0.86],
        "low": [0.1, 0.47, 0.84],
        "high": [0.14, 0.53, 0.88],
        "n": 1000,
    }
)
RIVALS = {"seasonal naive (season 12)": by_step(np.full(12, 1.0)), LONG: by_step([2.0])}

PICTURES = {
    "fan": lambda: forecast_fan(past(120), ahead(24, 120), unit="passengers"),
    "fan and truth": lambda: forecast_fan(past(120), ahead(24, 120), np.full(24, 110)),
    "fan of one step": lambda: forecast_fan(past(30), ahead(1, 30), [120]),
    "fan of steps": lambda: forecast_fan(past(9, False), ahead(3, 9, False)),
    "fan from one value": lambda: forecast_fan(past(1), ahead(2, 1)),
    "fan without quantiles": lambda: forecast_fan(past(30), ahead(4, 30, quantiles=())),
    "long ids": lambda: backtest_panels(
        windows([LONG + str(i) for i in range(6)], months(1), 24)
    ),
    "hours": lambda: backtest_panels(
        windows(
            [LONG, "b"], pd.to_datetime(["2020-01-01 13:00", "2020-02-01 00:00"]), 48
        )
    ),
    "one window": lambda: backtest_panels(windows([LONG], [1_000_000], 24)),
    "one step": lambda: backtest_panels(windows(list("ab"), months(30), 1)),
    "one step, one window": lambda: backtest_panels(windows([LONG], months(1), 1)),
    "one step, many series": lambda: backtest_panels(
        windows(6 * [LONG], months(1), 1).assign(id=[f"{i}{LONG}" for i in range(6)])
    ),
    "no quantiles": lambda: backtest_panels(windows("abcd", [50], 12, ())),
    "horizon": lambda: horizon_errors(by_step(0.5 + np.arange(12) / 20), RIVALS),
    "horizon of one": lambda: horizon_errors(by_step([0.5]), RIVALS),
    "long horizon": lambda: horizon_errors(by_step(np.sqrt(np.arange(1, 721)))),
    "autocorrelation": lambda: residual_autocorrelation(by_lag(np.cos(np.arange(48)))),
    "one lag": lambda: residual_autocorrelation(by_lag([0.1])),
    "coverage": lambda: interval_coverage(COVERAGE),
}

QUICK = {
    "fan and truth", "fan from one value", "long ids", "hours",
    "one step, many series", "horizon", "autocorrelation", "coverage",
}  # fmt: skip
"""The fullest of each kind."""


def cases(pictures):
    """The other pictures are slow."""
    return [
        pytest.param(one, marks=[] if one in QUICK else [pytest.mark.slow])
        for one in pictures
    ]


@pytest.fixture(scope="module", params=cases(PICTURES))
def picture(request):
    figure = PICTURES[request.param]()
    FigureCanvasAgg(figure).draw()
    return figure


def title(figure):
    return " ".join(figure.get_suptitle().split())


def line(axes, label):
    (found,) = (one for one in axes.lines if one.get_label() == label)
    return found


def bands(axes):
    """Label -> low and high ends (points, 2) of each filled band."""
    found = {}
    for band in axes.collections:
        points = np.concatenate([path.vertices for path in band.get_paths()])
        times = np.unique(points[:, 0])
        ends = [points[points[:, 0] == time, 1] for time in times]
        found[band.get_label()] = np.array([(each.min(), each.max()) for each in ends])
    return found


def test_nothing_is_clipped(picture):
    box = picture.get_tightbbox()
    width, height = picture.get_size_inches()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height


def test_texts_do_not_overlap(picture):
    boxes = [text.get_window_extent() for text in picture.texts]
    boxes += [legend.get_window_extent() for legend in picture.legends]
    for axes in picture.axes:
        if not axes.get_visible():
            continue
        boxes.append(axes.title.get_window_extent())
        boxes.append(axes._left_title.get_window_extent())
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            boxes += [
                tick.label1.get_window_extent()
                for tick in axis.get_major_ticks()
                if low <= tick.get_loc() <= high and tick.label1.get_text()
            ]
            boxes.append(axis.label.get_window_extent())
    boxes = [box for box in boxes if box.width > 1 and box.height > 1]
    assert len(boxes) > 3
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            assert not one.overlaps(other)


def test_title_says_something(picture):
    assert len(title(picture)) > 15


def test_no_text_is_read_as_a_formula(picture):
    labels = [text for legend in picture.legends for text in legend.get_texts()]
    shown = [*picture.texts, *labels, *(axes._left_title for axes in picture.axes)]
    assert not any(text.get_parse_math() for text in shown if "$" in text.get_text())


def test_pictures_leave_pyplot_alone():
    code = (
        "import sys, pandas as pd; from seqkit.pictures import horizon_errors;"
        "table = pd.DataFrame({'step': [1, 2], 'mase': [0.5, 0.6]});"
        "horizon_errors(table)._repr_png_();"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_a_fan_draws_history_forecast_truth_and_origin():
    history, answers = past(120), ahead(24, 120)
    (axes,) = forecast_fan(history, answers, np.arange(24.0), "passengers").axes
    times, values = line(axes, "history").get_data()
    # Four horizons of history, though there is more.
    assert (times == history["timestamp"].to_numpy()[-96:]).all()
    assert values.tolist() == history["value"].tolist()[-96:]
    times, values = line(axes, "forecast").get_data()
    assert (times == answers["timestamp"].to_numpy()).all()
    assert values.tolist() == answers["forecast"].tolist()
    assert line(axes, "truth").get_ydata().tolist() == list(range(24))
    origin = line(axes, "origin").get_xdata()[0]
    assert date2num(origin) == date2num(np.datetime64("1958-12-01"))
    colours = [line(axes, name).get_color() for name in ("history", "forecast")]
    assert colours == [GREY, BLUE]
    assert axes.get_ylabel() == "passengers"


def test_a_fan_nests_its_intervals_darker_inside():
    answers = ahead(3, 30)
    (axes,) = forecast_fan(past(30), answers).axes
    assert list(bands(axes)) == ["95% interval", "80% interval"]
    for label, (low, high) in zip(
        bands(axes), (("q2.5", "q97.5"), ("q10", "q90")), strict=True
    ):
        assert bands(axes)[label].tolist() == answers[[low, high]].values.tolist()
    outer, inner = axes.collections
    assert outer.get_facecolor().sum() > inner.get_facecolor().sum()
    assert outer.get_zorder() < inner.get_zorder() < line(axes, "forecast").zorder


def test_one_step_ahead_has_bars_for_intervals():
    (axes,) = forecast_fan(past(30), ahead(1, 30), [120]).axes
    assert bands(axes)["95% interval"].tolist() == [[85, 125]]
    assert bands(axes)["80% interval"].tolist() == [[95, 115]]
    assert line(axes, "forecast").get_marker() == "o"


def test_quantiles_that_are_not_given_are_left_out():
    answers = ahead(3, 30).assign(q10=np.nan)
    (axes,) = forecast_fan(past(30), answers).axes
    assert list(bands(axes)) == ["95% interval"]


def test_intervals_are_those_that_two_quantiles_bound():
    columns = ["q5", "q10", "q12.5", "q50", "q87.5", "q90", "q99", "quality"]
    table = pd.DataFrame(1.0, index=[0], columns=columns)
    assert intervals(table) == [(80, "q10", "q90"), (75, "q12.5", "q87.5")]


def test_stamps_with_a_time_zone_are_drawn_in_local_time():
    history, answers = past(30), ahead(3, 30)
    for frame in (history, answers):
        frame["timestamp"] = frame["timestamp"].dt.tz_localize("Europe/Berlin")
    (axes,) = forecast_fan(history, answers).axes
    assert line(axes, "forecast").get_xdata()[0] == np.datetime64("1951-07-01")


@pytest.mark.parametrize(
    ("truth", "text"),
    [
        (None, "4 steps ahead, 1951-10: 108 (95% interval 88 to 128)"),
        (
            [100, 130, 107, np.nan],
            "4 steps ahead: the forecast is off by 9.67 on average; "
            "2 of 3 true values lie within the 95% interval",
        ),
        (
            [115, np.nan, np.nan, np.nan],
            "4 steps ahead: the forecast is off by 10; the true value lies within the "
            "95% interval",
        ),
    ],
)
def test_a_fan_says_how_good_it_is_or_what_it_says(truth, text):
    assert title(forecast_fan(past(30), ahead(4, 30), truth)) == text


def test_a_picture_takes_the_callers_title():
    fan = forecast_fan(past(30), ahead(4, 30), title="Up it goes, by a third")
    assert title(fan) == "Up it goes, by a third"
    assert title(backtest_panels(windows("a", [1], 2), "Well done")) == "Well done"


def test_panels_draw_truth_and_forecast_of_each_window():
    table = windows("ab", [50, 60], 12)
    panels = backtest_panels(table).axes
    assert [axes.get_title(loc="left") for axes in panels if axes.get_visible()] == [
        "a, from step 50", "a, from step 60", "b, from step 50", "b, from step 60",
    ]  # fmt: skip
    for axes in panels[:4]:
        truth = line(axes, "truth")
        assert truth.get_xdata().tolist() == list(range(1, 13))
        assert truth.get_ydata().tolist() == table["truth"].tolist()[:12]
        assert truth.get_color() == "black"
        assert line(axes, "forecast").get_color() == BLUE
        assert list(bands(axes)) == ["95% interval", "80% interval"]
    assert not any(axes.get_visible() for axes in panels[4:])


def test_of_many_windows_six_are_chosen_evenly():
    panels = backtest_panels(windows("abc", range(10, 15), 4)).axes
    titles = [axes.get_title(loc="left") for axes in panels]
    assert len(titles) == 6
    assert (titles[0], titles[-1]) == ("a, from step 10", "c, from step 14")
    assert {text[0] for text in titles} == set("abc")


@pytest.mark.parametrize(
    ("stamp", "words"),
    [
        ("1960-12-01", "1960-12"),
        ("1960-12-31", "1960-12-31"),
        ("1960-12-31 23:00", "1960-12-31 23:00"),
    ],
)
def test_a_panel_names_its_origin_no_finer_than_it_is(stamp, words):
    (axes,) = backtest_panels(windows("a", [pd.Timestamp(stamp)], 4)).axes
    assert axes.get_title(loc="left") == f"a, from {words}"


def test_panels_name_all_origins_as_finely_as_one_needs():
    origins = pd.to_datetime(["2020-01-31 23:00", "2020-02-01 00:00"])
    panels = backtest_panels(windows("a", origins, 4)).axes
    titles = [axes.get_title(loc="left") for axes in panels]
    assert titles == ["a, from 2020-01-31 23:00", "a, from 2020-02-01 00:00"]


def test_forecasts_of_one_step_are_drawn_over_their_origins():
    figure = backtest_panels(windows("ab", range(10, 15), 1))
    one, other = figure.axes
    assert one.get_title(loc="left") == "a" and other.get_title(loc="left") == "b"
    assert line(one, "truth").get_xdata().tolist() == [10, 11, 12, 13, 14]
    assert one.get_xlabel() == "origin"


def test_panels_say_how_much_the_interval_holds():
    table = windows("ab", [50], 2)
    table.loc[0, "truth"] = 1000
    text = "In the 2 windows shown, 3 of 4 true values lie within the 95% interval"
    assert title(backtest_panels(table)) == text
    # 2 |106 - 105| / (106 + 105) and 2 |107 - 106| / (107 + 106)
    table = windows("ab", [50], 2, quantiles=())
    text = "In the 2 windows shown, forecasts are off by 0.9% on average (sMAPE)"
    assert title(backtest_panels(table)) == text


def test_errors_by_step_are_drawn_beside_the_baselines():
    table = by_step([0.5, 0.75, 1.25])
    rivals = {"drift": by_step([1, 1, 1]), "theta": by_step([0.6, 0.8, 0.9])}
    figure = horizon_errors(table, rivals, label="MASE")
    (axes,) = figure.axes
    assert line(axes, "model").get_xydata().tolist() == [[1, 0.5], [2, 0.75], [3, 1.25]]
    assert line(axes, "drift").get_ydata().tolist() == [1, 1, 1]
    assert bands(axes)["95% interval"] == pytest.approx(
        np.array([[0.4, 0.6], [0.65, 0.85], [1.15, 1.35]])
    )
    assert axes.get_ylabel() == "MASE; lower is better" and axes.get_ylim()[0] == 0
    styles = {(one.get_color(), str(one.get_linestyle())) for one in axes.lines}
    assert len(styles) == 3 and len({one.get_marker() for one in axes.lines}) == 3
    assert title(figure) == (
        "MASE grows from 0.500 at step 1 to 1.250 at step 3; below the best "
        "baseline's, theta, at 2 of 3 steps"
    )


@pytest.mark.parametrize(("rival", "words"), [(0.6, "below"), (0.4, "not below")])
def test_a_single_step_is_compared_in_words(rival, words):
    text = title(horizon_errors(by_step([0.5]), {"drift": by_step([rival])}))
    assert text == (f"MASE is 0.500 one step ahead; {words} the best baseline's, drift")


def test_a_baseline_that_lacks_a_step_is_drawn_where_it_has_one():
    figure = horizon_errors(by_step([0.5, 0.5]), {"drift": by_step([1.0])})
    drawn = line(figure.axes[0], "drift").get_ydata()
    assert drawn[0] == 1 and np.isnan(drawn[1])
    assert "at 1 of 1 steps" in title(figure)


def test_errors_of_unknown_interval_have_no_band():
    table = by_step([0.5, 0.6], np.nan)
    assert not horizon_errors(table).axes[0].collections
    assert not horizon_errors(table[["step", "mase"]]).axes[0].collections


def test_lags_outside_the_bounds_stand_out():
    figure = residual_autocorrelation(by_lag([0.1, -0.3, 0.0, 0.5]))
    (axes,) = figure.axes
    assert line(axes, "within").get_xydata().tolist() == [[1, 0.1], [3, 0.0]]
    assert line(axes, "outside").get_xydata().tolist() == [[2, -0.3], [4, 0.5]]
    assert line(axes, "outside").get_color() == ORANGE
    (bounds,) = (b for name, b in bands(axes).items() if name.startswith("where"))
    assert (bounds == [-0.2, 0.2]).all()
    stems = [s.tolist() for c in axes.collections[1:] for s in c.get_segments()]
    assert [[4, 0], [4, 0.5]] in stems and len(stems) == 4
    assert title(figure) == (
        "Errors one step ahead: 2 of 4 lags lie outside; about 0.2 would by chance. "
        "The furthest is lag 4 with 0.50"
    )


def test_lags_that_all_lie_within_are_said_to():
    text = title(residual_autocorrelation(by_lag(np.zeros(40))))
    assert text == (
        "Errors one step ahead: none of 40 lags lies outside; about 2.0 would by chance"
    )


def test_coverage_is_drawn_against_what_it_should_be():
    figure = interval_coverage(COVERAGE)
    (axes,) = figure.axes
    points = axes.containers[0].lines[0].get_xydata()
    assert points.tolist() == COVERAGE[["nominal", "share"]].values.tolist()
    segments = axes.containers[0].lines[2][0].get_segments()
    ends = np.array([[segment[0][1], segment[1][1]] for segment in segments])
    assert ends == pytest.approx(COVERAGE[["low", "high"]].to_numpy())
    assert line(axes, "as it should be").get_xydata().tolist() == [[0, 0], [1, 1]]
    assert title(figure) == (
        "Quantiles are off by 4.0 points at most: 86.0% of the true values lie below "
        "the 90% quantile"
    )


def test_coverage_of_unknown_interval_is_drawn():
    figure = interval_coverage(COVERAGE.assign(low=np.nan, high=np.nan))
    assert len(figure.axes[0].containers[0].lines[0].get_xydata()) == 3


@pytest.mark.parametrize(
    ("draw", "text"),
    [
        (lambda: forecast_fan(past(0), ahead(2, 0)), "history has no rows"),
        (lambda: forecast_fan(past(9), ahead(0, 9)), "answers has no rows"),
        (lambda: forecast_fan(past(9), ahead(2, 9)[["q50"]]), "no column 'forecast'"),
        (lambda: forecast_fan(past(9), ahead(2, 9), [1]), "each of the 2 steps ahead"),
        (lambda: forecast_fan(past(9)[["value"]], ahead(2, 9)), "'timestamp' or 'st"),
        (lambda: backtest_panels(windows("a", [1], 0)), "windows has no rows"),
        (lambda: horizon_errors(by_step([1]), metric="mae"), "no steps with 'mae'"),
        (lambda: horizon_errors(by_step([np.nan])), "no steps with 'mase'"),
        (lambda: residual_autocorrelation(by_lag([])), "holds no autocorrelation"),
        (lambda: interval_coverage(COVERAGE[["share"]]), "no column 'nominal'"),
    ],
)
def test_what_cannot_be_drawn_is_an_error(draw, text):
    with pytest.raises(DataError, match=text):
        draw()
