import json
import math
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from scipy.stats import kruskal, spearmanr
from tiny_verdict import awkward_searches, tiny_search

from seqkit.errors import DataError
from seqkit.pictures import (
    as_svg,
    finalist_curves,
    hyperparameter_effects,
    hyperparameter_shares,
    score_against_cost,
)
from seqkit.pictures.search.cost import pareto_front
from seqkit.pictures.search.shared import limits, looks, value_text

SEARCHES = {"usual": tiny_search(), **awkward_searches()}
DRAW = {
    "curves": lambda s: finalist_curves(s.verdict, s.finals),
    "parameters": lambda s: score_against_cost(s.verdict, s.trials),
    "effects": lambda s: hyperparameter_effects(s.verdict, s.trials),
}


QUICK = {"usual", "all failed but one", "values of all kinds"}
CASES = [
    pytest.param(search, which, marks=[] if search in QUICK else [pytest.mark.slow])
    for search in SEARCHES
    for which in DRAW
]


@pytest.mark.parametrize(("search", "which"), CASES)
def test_nothing_is_clipped_and_no_tick_labels_overlap(search, which):
    figure = DRAW[which](SEARCHES[search])
    FigureCanvasAgg(figure).draw()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert box.x0 > -0.01 and box.x1 < width + 0.01
    assert box.y0 > -0.01 and box.y1 < height + 0.01
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = [t for t in axis.get_major_ticks() if low <= t.get_loc() <= high]
            shown = [tick.label1 for tick in ticks if tick.label1.get_visible()]
            # Boxes of slanted texts overlap where the texts do not.
            level = [t.get_window_extent() for t in shown if not t.get_rotation()]
            for one, other in zip(level[:-1], level[1:], strict=True):
                assert not one.overlaps(other), [text.get_text() for text in shown]


def runs(arm, *curves):
    """Finals with these validation losses; the training loss is a tenth of them."""
    return [
        {
            "arm": arm,
            "status": "finished",
            "kept_epoch": 1 + int(np.argmin(curve)),
            "history": [
                {"epoch": epoch, "val_loss": loss, "loss": loss / 10}
                for epoch, loss in enumerate(curve, 1)
            ],
        }
        for curve in curves
    ]


VERDICT = {"competitors": [{"name": "gru"}], "winner": "gru"}


def test_curve_is_the_mean_of_seeds_and_dashed_where_one_has_stopped():
    finals = runs("gru", [1.0, 0.5, 0.7, 0.9], [2.0, 0.7])
    axes = finalist_curves(VERDICT, finals).axes[0]
    whole, rest, *_ = axes.lines
    np.testing.assert_allclose(whole.get_xydata(), [[1, 1.5], [2, 0.6]])
    np.testing.assert_allclose(rest.get_xydata(), [[2, 0.6], [3, 0.7], [4, 0.9]])
    assert whole.get_linestyle() == "-" and rest.get_linestyle() == "--"
    dots = [line.get_xydata().tolist() for line in axes.lines[4:]]
    assert dots == [[[2, 0.5]], [[2, 0.7]]]


def test_band_goes_from_the_lowest_seed_to_the_highest():
    finals = runs("gru", [1.0, 0.5], [2.0, 0.7], [1.5, 0.2])
    (band,) = finalist_curves(VERDICT, finals).axes[0].collections
    corners = {tuple(point) for point in band.get_paths()[0].vertices.tolist()}
    assert corners == {(1, 1.0), (1, 2.0), (2, 0.2), (2, 0.7)}


def test_losses_that_are_no_numbers_are_left_out():
    finals = runs("gru", [1.0, 0.5, math.nan])
    finals[0]["history"].append({"epoch": 4, "val_loss": None, "loss": math.inf})
    whole, *_ = finalist_curves(VERDICT, finals).axes[0].lines
    np.testing.assert_allclose(whole.get_xydata(), [[1, 1.0], [2, 0.5]])


def test_no_curve_at_all_is_a_data_error():
    with pytest.raises(DataError, match="No finalist"):
        finalist_curves(VERDICT, [])


@pytest.mark.parametrize(("greater", "front"), [(True, "abe"), (False, "acd")])
def test_front_holds_what_no_other_trial_beats_in_both(greater, front):
    rows = pd.DataFrame(
        {
            "score": [5, 6, 3, 2, 9, 7, 6],
            "parameters": [1, 2, 3, 4, 5, 6, 7],
            "trial": list("abcdefg"),
        }
    )
    shuffled = rows.sample(frac=1, random_state=1)
    found = pareto_front(shuffled, "parameters", greater)
    assert "".join(found["trial"]) == front


def test_front_leaves_trials_that_were_stopped_early_aside():
    search = tiny_search()
    trials = search.trials.assign(stopped=None, status="finished")
    trials["score"] = 0.8
    trials["seconds"] = np.arange(len(trials)) + 1.0
    trials.loc[0, ["stopped", "score"]] = ["hopeless", 0.99]
    trials.loc[3, "score"] = 0.85
    axes = score_against_cost(search.verdict, trials, "seconds").axes[0]
    stairs = next(line for line in axes.lines if line.get_drawstyle() == "steps-post")
    np.testing.assert_allclose(stairs.get_xydata(), [[2, 0.8], [4, 0.85]])


def test_trials_stand_at_their_cost_and_score_and_link_to_their_row():
    search = tiny_search(failed=lambda number: False)
    axes = score_against_cost(search.verdict, search.trials).axes[0]
    low, high = axes.get_ylim()
    found = {}
    for drawn in axes.collections:
        found |= dict(
            zip(drawn.get_urls() or (), drawn.get_offsets().tolist(), strict=False)
        )
    for row, trial in search.trials.iterrows():
        place = [trial["parameters"], min(max(trial["score"], low), high)]
        np.testing.assert_allclose(found[f"#trial-{row}"], place)


@pytest.mark.parametrize("greater", [True, False])
def test_hopeless_scores_do_not_widen_the_axis_but_the_best_always_does(greater):
    sign = 1 if greater else -1
    scores = sign * np.array([0.90, 0.91, 0.92, 0.93, 0.1, 2.0])
    low, high = limits(scores, [], greater)
    ends = (low, high) if greater else (-high, -low)
    assert 0.8 < ends[0] < 0.9 and ends[1] > 2.0


def table(**columns):
    """Trials with these hyperparameters; ``score`` among them."""
    rows = pd.DataFrame(columns)
    fixed = {"status": "finished", "stopped": None, "cell": "gru", "trial": "t"}
    return rows.assign(**fixed)


ONE_CELL = {
    "competitors": [],
    "compare": "model.cell",
    "metric": "accuracy",
    "greater_is_better": True,
}


@pytest.mark.parametrize("ties", [False, True])
def test_share_of_named_values_agrees_with_kruskal_and_wallis(ties):
    draw = np.random.default_rng(3)
    units = draw.choice(["[32]", "[64]", "[64, 64]"], 20)
    score = 0.02 * np.char.str_len(units) + draw.normal(0, 0.05, 20)
    score = score.round(2) if ties else score
    rows = table(**{"model.units": units, "score": score})
    groups = [score[units == value] for value in np.unique(units)]
    h = kruskal(*groups).statistic
    (share,) = hyperparameter_shares(ONE_CELL, rows)["explained"]
    assert share == pytest.approx((h - 3 + 1) / (20 - 3)) and share > 0.05


def test_correlation_of_numbers_agrees_with_spearman():
    draw = np.random.default_rng(5)
    rate = draw.uniform(1, 10, 15)
    score = -rate + draw.normal(0, 3, 15)
    rows = table(**{"train.learning_rate": rate, "score": score})
    (found,) = hyperparameter_shares(ONE_CELL, rows)["correlation"]
    assert found == pytest.approx(spearmanr(rate, score).statistic)


def test_what_decides_comes_first_and_what_does_not_explains_little():
    draw = np.random.default_rng(7)
    rate, units = draw.uniform(0, 1, 40), draw.choice([32.0, 64.0], 40)
    rows = table(
        **{
            "model.dropout": draw.uniform(0, 1, 40),
            "model.units": units,
            "train.learning_rate": rate,
            "score": 3 * (units > 40) + rate,
        }
    )
    shares = hyperparameter_shares(ONE_CELL, rows).set_index("key")["explained"]
    assert shares.index[0] == "model.units" and shares.iloc[0] > 0.7
    assert shares["model.dropout"] < 0.1 < shares["train.learning_rate"]


def test_values_tried_once_each_explain_nothing():
    rows = table(**{"model.units": ["[1]", "[2]", "[3]"], "score": [0.1, 0.2, 0.3]})
    assert hyperparameter_shares(ONE_CELL, rows)["explained"].isna().all()


def test_shares_are_told_where_trials_can_tell_them_from_chance():
    draw = np.random.default_rng(11)
    told = []
    for trials in (4, 8, 16, 40) * 25:
        rows = table(
            **{
                "model.units": draw.choice([32.0, 64.0, 128.0], trials),
                "model.dropout": draw.uniform(0, 1, trials),
                "score": draw.normal(size=trials),
            }
        )
        told.append(hyperparameter_shares(ONE_CELL, rows)["told"].any())
    # Nothing matters here: of 100 searches 5 say so of any key, give or take.
    assert np.mean(told) < 0.11
    sure = table(**{"model.units": [1, 2] * 10, "score": [0.0, 1.0] * 10})
    (row,) = hyperparameter_shares(ONE_CELL, sure).to_dict("records")
    assert row["told"] and row["chance"] < 0.001
    # With two trials of each value nobody could tell, however far they lie apart.
    few = table(**{"model.units": [1, 2] * 2, "score": [0.0, 1.0] * 2})
    (row,) = hyperparameter_shares(ONE_CELL, few).to_dict("records")
    assert not row["told"] and row["explained"] > 0.5
    words = hyperparameter_effects(ONE_CELL, few).axes[0].get_xlabel()
    assert words == "4 trials cannot tell its effect from chance"
    words = hyperparameter_effects(ONE_CELL, sure).axes[0].get_xlabel()
    assert words.startswith("explains ")


def test_trials_that_failed_do_not_count():
    rows = table(**{"model.units": [1, 1, 2, 2] * 2, "score": [1, 2, 3, 4.0] * 2})
    worse = rows.assign(status="failed", score=math.nan)
    both = pd.concat([rows, worse], ignore_index=True)
    found = [hyperparameter_shares(ONE_CELL, trials) for trials in (rows, both)]
    pd.testing.assert_frame_equal(*found)


def test_strips_stand_in_the_order_of_their_values():
    values = ["[64, 64]", None, 0.5, "[64]", 8, "[8]", "sum", "mul"] * 2
    rows = table(**{"model.units": values, "score": np.linspace(0, 1, 16)})
    axes = hyperparameter_effects(ONE_CELL, rows, ["model.units"]).axes[0]
    names = [label.get_text() for label in axes.get_xticklabels()]
    whole = ["null", "0.5", "8", "[8]", "[64]", "[64, 64]", "mul", "sum"]
    assert names == whole


@pytest.mark.parametrize(
    ("space", "scale"),
    [({"a.b": {"log": [1, 2]}}, "log"), ({"a.b": {"linear": [1, 2]}}, "linear")],
)
def test_axis_of_a_range_is_as_it_was_searched(space, scale):
    rows = table(**{"a.b": np.linspace(1, 2, 10), "score": np.linspace(0, 1, 10)})
    figure = hyperparameter_effects({**ONE_CELL, "space": space}, rows)
    assert figure.axes[0].get_xscale() == scale


def test_axis_guesses_a_log_range_from_its_values():
    for values, scale in (
        (np.geomspace(1e-4, 1e-1, 12), "log"),
        (np.linspace(0.01, 0.6, 12), "linear"),
    ):
        rows = table(**{"a.b": values, "score": np.linspace(0, 1, 12)})
        figure = hyperparameter_effects(ONE_CELL, rows)
        assert figure.axes[0].get_xscale() == scale


def test_cell_keeps_its_colour_in_all_pictures_and_the_winner_has_the_first():
    search = tiny_search(("lstm", "gru", "min_gru"))
    chosen = looks(search.verdict, search.trials)
    assert next(iter(chosen)) == search.verdict["winner"]
    assert looks(search.verdict, None).items() <= chosen.items()
    assert len(set(chosen.values())) == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"), (math.nan, "null"), (True, "true"), (0.00012345, "0.0001234"),
        ([64, 64], "[64, 64]"), ("[64, 64]", "[64, 64]"), (2.0, "2"), (64, "64"),
        (25000, "25,000"), ("concat", "concat"),
    ],
)  # fmt: skip
def test_values_are_written_as_a_recipe_writes_them(value, text):
    assert value_text(value) == text


def svg(search, name="cost"):
    return as_svg(score_against_cost(search.verdict, search.trials), name, "")


def test_svg_holds_text_and_follows_the_page_colours_alone():
    search = tiny_search()
    root = ElementTree.fromstring(svg(search))
    texts = {element.text for element in root.iter("text")}
    assert {"lstm", "gru", "parameters"} <= texts
    tags = {element.tag for element in root.iter()}
    assert not tags & {"style", "image", "metadata"}
    styles = "".join(element.get("style", "") for element in root.iter())
    assert "#" not in styles and "font-family" not in styles
    assert {"var(--blue)", "var(--orange)", "var(--muted)"} <= {
        part.split(": ")[1]
        for part in styles.replace("}", ";").split(";")
        if ": v" in part
    }


def test_svg_is_the_same_each_time_and_its_ids_are_its_own():
    search = tiny_search()
    assert svg(search) == svg(search)
    ids = [
        {e.get("id") for e in ElementTree.fromstring(svg(search, name)).iter()} - {None}
        for name in ("one", "two")
    ]
    assert ids[0] and not ids[0] & ids[1]


def test_svg_uses_only_ids_that_it_holds():
    root = ElementTree.fromstring(svg(tiny_search()))
    ids = {element.get("id") for element in root.iter()}
    used = {e.get("href", "")[1:] for e in root.iter("use")}
    used |= {e.get("clip-path", "")[5:-1] for e in root.iter()} - {""}
    assert used and used <= ids


def test_lists_from_memory_and_from_a_csv_file_give_the_same_picture(tmp_path):
    search = tiny_search()
    stored = search.trials.assign(
        **{"model.units": search.trials["model.units"].map(json.dumps)}
    )
    stored.to_csv(tmp_path / "trials.csv", index=False)
    read = pd.read_csv(tmp_path / "trials.csv")
    keys = ["model.units", "train.patience"]
    pictures = [
        as_svg(hyperparameter_effects(search.verdict, trials, keys), "a", "")
        for trials in (search.trials, read)
    ]
    assert pictures[0] == pictures[1]
