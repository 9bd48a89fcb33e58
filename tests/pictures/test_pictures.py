import subprocess
import sys
from base64 import b64decode
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.image import imread

from seqkit.errors import DataError, UsageError
from seqkit.pictures import (
    as_html,
    comparison,
    confusion_matrix,
    learning_curves,
    length_bins,
    length_histogram,
    reliability_diagram,
)
from seqkit.pictures.shared import BLUE, GREY, ORANGE

LONG_NAMES = [
    "World news and politics",
    "Business, markets & economy",
    "Health care (professional)",
    "Food: $5 and $10 menus",
    "\u65e5\u672c\u8a9e",
    "two\nlines",
    *(f"class {i}" for i in range(94)),
]


def history(epochs):
    epoch = np.arange(1, epochs + 1)
    return pd.DataFrame(
        {
            "epoch": epoch,
            "loss": 0.6 / epoch,
            "accuracy": 0.95 - 0.3 / epoch,
            "val_loss": 0.3 + 0.01 * np.abs(epoch - 3),
            "val_accuracy": 0.8 + 0.001 * epoch,
            "learning_rate": 0.002,
            "seconds": 30.0,
        }
    )


def confusion(counts, names):
    """A confusion table with an interval of 0.05 to each side."""
    counts = np.asarray(counts)
    with np.errstate(invalid="ignore"):
        share = (counts / counts.sum(axis=1, keepdims=True)).ravel()
    return pd.DataFrame(
        {
            "truth": np.repeat(names, len(names)),
            "predicted": np.tile(names, len(names)),
            "count": counts.ravel(),
            "share": share,
            "low": share - 0.05,
            "high": share + 0.05,
        }
    )


def many_classes(n):
    counts = np.random.default_rng(n).integers(1, 9, (n, n)) + 40 * np.eye(n, dtype=int)
    return confusion(counts, LONG_NAMES[:n])


RELIABILITY = pd.DataFrame(
    {
        "bin_low": [7 / 15, 10 / 15, 14 / 15],
        "bin_high": [8 / 15, 11 / 15, 1.0],
        "count": [100, 200, 700],
        "confidence": [0.51, 0.7, 0.98],
        "accuracy": [0.5, 0.6, 0.9],
        "low": [0.4, 0.53, 0.875],
        "high": [0.6, 0.67, 0.92],
    }
)
ERROR = (0.077, 0.06, 0.09)

ROWS = [
    {"name": "mine", "kind": "model", "value": 0.886, "low": 0.882, "high": 0.89},
    {"name": "TF-IDF", "kind": "baseline", "value": 0.879, "low": 0.875, "high": 0.883},
    {"name": "majority", "kind": "baseline", "value": 0.5, "low": 0.49, "high": 0.51},
    {"name": "a paper", "kind": "reference", "value": 0.843},
]
LENGTHS = np.concatenate([np.arange(1, 801), [3000]])

PICTURES = {
    "one epoch": lambda: learning_curves(history(1)),
    "30 epochs": lambda: learning_curves(history(30)),
    "2 classes": lambda: confusion_matrix(confusion([[9, 1], [2, 8]], ["neg", "pos"])),
    "3 long names": lambda: confusion_matrix(many_classes(3)),
    "12 classes": lambda: confusion_matrix(many_classes(12)),
    "30 classes": lambda: confusion_matrix(many_classes(30)),
    "30 short names": lambda: confusion_matrix(
        confusion(np.eye(30, dtype=int), [f"c{i}" for i in range(30)])
    ),
    "100 classes": lambda: confusion_matrix(many_classes(100)),
    "reliability": lambda: reliability_diagram(RELIABILITY, ERROR),
    "lengths": lambda: length_histogram(LENGTHS, 400, "tokens"),
    "comparison": lambda: comparison(ROWS, "accuracy (share of 25,000 rows)"),
    "long comparison": lambda: comparison(
        [row | {"name": 3 * "a very long name "} for row in ROWS],
        "accuracy",
        title=12 * "a title that goes on ",
    ),
}

QUICK = {
    "30 epochs", "2 classes", "12 classes", "100 classes", "reliability", "lengths",
    "long comparison",
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


def bars(axes, colour):
    return [
        bar for bar in axes.patches if to_hex(bar.get_facecolor()) == colour.lower()
    ]


def error_bars(axes):
    """Ends of all error bars: (x, y) to (x, y)."""
    return [
        np.ravel(segment).tolist()
        for container in axes.containers
        if hasattr(container, "has_xerr")
        for collection in container.lines[2]
        for segment in collection.get_segments()
        if len(segment)
    ]


def test_nothing_is_clipped(picture):
    box = picture.get_tightbbox()
    width, height = picture.get_size_inches()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height


def test_tick_labels_do_not_overlap(picture):
    for axes in picture.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = [t for t in axis.get_major_ticks() if low <= t.get_loc() <= high]
            shown = [tick.label1 for tick in ticks if tick.label1.get_visible()]
            # Boxes of slanted texts overlap where the texts do not.
            level = [t.get_window_extent() for t in shown if not t.get_rotation()]
            for one, other in zip(level[:-1], level[1:], strict=True):
                assert not one.overlaps(other), axis.get_label_text()


def test_title_says_something(picture):
    assert len(title(picture)) > 15


def test_notebooks_show_a_picture():
    assert learning_curves(history(2))._repr_png_().startswith(b"\x89PNG")


def test_a_page_holds_the_picture_and_its_title():
    text = 'A "model" & <others>, whose title goes on over more than one line ' * 2
    figure = comparison(ROWS, "accuracy", title=text)
    tags = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.append((tag, attributes))
    parser.feed(as_html(figure))
    ((tag, attributes),) = tags
    found = dict(attributes)
    assert tag == "img" and set(found) == {"src", "alt", "style"}
    assert "\n" in figure.get_suptitle() and found["alt"] == text.strip()
    assert found["style"] == "max-width:100%"
    kind, data = found["src"].split(",")
    assert kind == "data:image/png;base64"
    height, width, _ = imread(BytesIO(b64decode(data, validate=True))).shape
    assert [width, height] == pytest.approx(80 * figure.get_size_inches(), abs=1)


def test_title_never_breaks_within_brackets():
    for words in range(9, 20):
        text = words * "word " + "[0.8980, 0.9053] and (0.880 to 0.889)"
        lines = comparison(ROWS, "accuracy", title=text).get_suptitle().split("\n")
        assert len(lines) == 1 + (len(text) > 90)
        assert all(s.count("[") == s.count("]") for s in lines)
        assert all(s.count("(") == s.count(")") for s in lines)


def test_pictures_leave_pyplot_alone():
    code = (
        "import sys; from seqkit.pictures import length_histogram;"
        "length_histogram([1, 2, 3], 2)._repr_png_();"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_curves_draw_the_history():
    table = history(5)
    figure = learning_curves(table)
    for axes, name in zip(figure.axes, ("loss", "accuracy"), strict=True):
        training, validation, best = axes.lines
        assert training.get_xydata().tolist() == table[["epoch", name]].values.tolist()
        drawn = validation.get_xydata().tolist()
        assert drawn == table[["epoch", f"val_{name}"]].values.tolist()
        assert best.get_xdata() == [3, 3]
        assert axes.get_xlabel() == "epoch"
    assert figure.axes[0].get_ylabel() == "loss"
    assert figure.axes[1].get_ylabel() == "accuracy (% of sequences)"
    labels = [t.get_text() for t in figure.axes[0].get_legend().get_texts()]
    assert labels == ["training", "validation", "best epoch"]


def test_curves_name_the_best_epoch():
    text = title(learning_curves(history(5)))
    assert text == "Best epoch 3 of 5: validation loss 0.300, validation accuracy 80.3%"


def test_the_best_epoch_skips_a_validation_loss_that_is_missing():
    table = history(5)
    table.loc[2, "val_loss"] = np.nan
    assert title(learning_curves(table)).startswith("Best epoch 2 of 5")


@pytest.mark.parametrize("val_loss", [None, np.nan])
def test_without_validation_no_epoch_is_the_best(val_loss):
    table = history(4)[["epoch", "loss", "accuracy"]]
    if val_loss is not None:
        table["val_loss"] = val_loss
    figure = learning_curves(table)
    assert title(figure) == "Epoch 4: loss 0.150, accuracy 87.5%"
    assert "best epoch" not in [line.get_label() for line in figure.axes[0].lines]


def test_curves_need_only_one_metric():
    (axes,) = learning_curves(history(2)[["epoch", "val_loss"]]).axes
    assert axes.get_ylabel() == "loss"
    assert [line.get_label() for line in axes.lines] == ["validation", "best epoch"]


def test_a_learning_rate_that_changes_is_drawn():
    table = history(3).assign(learning_rate=[0.002, 0.001, 0.0])
    *_, axes = learning_curves(table).axes
    assert axes.get_ylabel() == "learning rate"
    assert axes.lines[0].get_ydata().tolist() == [0.002, 0.001, 0.0]
    assert len(learning_curves(history(3)).axes) == 2


def test_a_metric_of_another_task_gets_its_panel():
    figure = learning_curves(history(3).assign(mae=1.0, val_mae=2.0))
    assert figure.axes[2].get_ylabel() == "mae"


@pytest.mark.parametrize(
    "table", [history(3)[["epoch", "seconds"]], history(0), history(3)[["loss"]]]
)
def test_a_history_without_a_curve_is_an_error(table):
    with pytest.raises(DataError, match="no epoch with a metric"):
        learning_curves(table)


def test_a_small_confusion_matrix_shows_share_interval_and_count():
    figure = confusion_matrix(confusion([[90, 10], [40, 160]], ["neg", "pos"]))
    (axes,) = figure.axes
    assert axes.images[0].get_array().tolist() == [[0.9, 0.1], [0.2, 0.8]]
    cells = {t.get_position(): t.get_text() for t in axes.texts}
    assert len(cells) == 4
    assert cells[1, 0] == "10.0%\n5.0 to 15.0%\n10 rows"
    assert cells[0, 1] == "20.0%\n15.0 to 25.0%\n40 rows"
    assert [t.get_text() for t in axes.get_xticklabels()] == ["neg", "pos"]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["neg (100)", "pos (200)"]
    assert axes.get_xlabel() == "predicted"
    assert axes.get_ylabel() == "truth (number of its rows)"
    assert title(figure) == "Most confused: pos read as neg, 40 of 200 rows (20.0%)"


def test_twelve_classes_show_their_shares():
    table = many_classes(12)
    (axes,) = confusion_matrix(table).axes
    shares = [f"{100 * share:.0f}" for share in table["share"]]
    assert [t.get_text() for t in axes.texts] == shares
    assert "% of the truth's rows" in axes.get_xlabel()


def test_thirty_classes_show_colours_and_their_scale():
    figure = confusion_matrix(many_classes(30))
    axes, bar = figure.axes
    assert not axes.texts
    assert bar.get_ylabel() == "share of the truth's rows"
    assert len(axes.get_xticklabels()) == 30


def test_of_a_hundred_classes_every_third_is_named():
    axes, _ = confusion_matrix(many_classes(100)).axes
    assert axes.get_xticks().tolist() == list(range(0, 100, 3))
    assert axes.get_xticklabels()[10].get_text() == LONG_NAMES[30]


def test_names_are_drawn_on_one_line_as_they_are():
    table = confusion(np.eye(4, dtype=int), LONG_NAMES[2:6])
    (axes,) = confusion_matrix(table).axes
    names = [t.get_text() for t in axes.get_xticklabels()]
    boxes = 3 * "\u25a1"  # stand for signs that the font lacks
    assert names == [
        "Health care (professi\u2026", "Food: $5 and $10 menus", boxes, "two lines",
    ]  # fmt: skip
    # "$5 and $" would become italics.
    labels = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    assert not any(label.get_parse_math() for label in labels)


def test_a_truth_without_rows_has_empty_cells():
    table = confusion([[9, 1], [0, 0]], ["neg", "pos"])
    (axes,) = confusion_matrix(table).axes
    assert len(axes.texts) == 2
    assert axes.images[0].get_array().mask.tolist() == [[False] * 2, [True] * 2]


def test_a_confusion_matrix_without_confusion_says_so():
    table = confusion([[9, 0], [0, 4]], ["neg", "pos"])
    assert title(confusion_matrix(table)) == "Every row is read as what it is"


def test_reliability_draws_bins_with_their_intervals():
    above, below = reliability_diagram(RELIABILITY, ERROR).axes
    points = above.containers[0].lines[0].get_xydata()
    assert points.tolist() == RELIABILITY[["confidence", "accuracy"]].values.tolist()
    expected = RELIABILITY[["confidence", "low", "confidence", "high"]].values
    assert np.array(error_bars(above)) == pytest.approx(expected)
    assert [bar.get_height() for bar in below.patches] == [100, 200, 700]
    assert [bar.get_x() for bar in below.patches] == RELIABILITY["bin_low"].tolist()
    diagonal = above.lines[0].get_xydata()
    assert diagonal.tolist() == [[7 / 15, 7 / 15], [1, 1]]
    assert above.get_ylabel() == "accuracy (% of rows, 95% interval)"
    assert below.get_xlabel() == "confidence: probability of the predicted class"
    assert below.get_ylabel() == "rows"


def test_reliability_leaves_out_empty_bins():
    empty = RELIABILITY.assign(count=[0, 200, 700])
    above, below = reliability_diagram(empty, ERROR).axes
    assert len(below.patches) == len(error_bars(above)) == 2


@pytest.mark.parametrize(
    ("accuracy", "lean"),
    [
        # Mean confidence is 0.877, the standard error of the accuracy about 0.011.
        ([0.5, 0.6, 0.9], "overconfident by 7.7 points"),
        ([0.6, 0.9, 1.0], "underconfident by 6.3 points"),
        ([0.51, 0.7, 0.97], "neither over- nor underconfident"),
    ],
)
def test_reliability_says_which_way_the_model_leans(accuracy, lean):
    figure = reliability_diagram(RELIABILITY.assign(accuracy=accuracy), ERROR)
    assert title(figure) == f"Calibration error 0.077 (0.060 to 0.090); {lean}"


def test_reliability_of_nothing_is_an_error():
    with pytest.raises(DataError, match="no rows to draw"):
        reliability_diagram(RELIABILITY.assign(count=0), ERROR)


def test_lengths_show_the_share_that_is_cut():
    lengths = np.arange(1, 501)
    figure = length_histogram(lengths, 400, "tokens")
    (axes,) = figure.axes
    assert title(figure) == "20.0% of 500 sequences are cut at 400 tokens"
    assert sum(bar.get_height() for bar in bars(axes, BLUE)) == 400
    assert sum(bar.get_height() for bar in bars(axes, ORANGE)) == 100
    assert min(bar.get_x() for bar in bars(axes, ORANGE)) == 401
    assert axes.get_xlabel() == "length (tokens)"
    assert axes.get_ylabel() == "sequences in a bin"


def test_few_long_sequences_do_not_squeeze_the_others():
    (axes,) = length_histogram(np.append(np.arange(1, 801), 10**6), 400).axes
    assert axes.get_xlim()[1] < 1000
    assert "some up to 1,000,000, off the edge" in axes.get_xlabel()


def test_lengths_that_all_fit_are_one_colour():
    figure = length_histogram([1, 2, 3], 3)
    assert title(figure) == "None of 3 sequences is longer than 3 timesteps"
    assert not bars(figure.axes[0], ORANGE)


def test_a_tiny_share_is_not_called_none():
    figure = length_histogram(np.append(np.ones(4999), 9), 8)
    assert title(figure) == "Under 0.1% of 5,000 sequences are cut at 8 timesteps"


def test_bins_with_an_edge_at_the_cut_give_the_exact_share():
    figure = length_histogram(([1, 101, 201, 401], [30, 50, 20]), 200)
    assert title(figure) == "20.0% of 100 sequences are cut at 200 timesteps"


def test_bins_across_the_cut_are_split_and_the_share_is_approximate():
    # 301 to 400 are half of the bin's 200 lengths: 10 of its 20 rows.
    figure = length_histogram(([1, 101, 201, 401], [30, 50, 20]), 300)
    assert title(figure) == "About 10.0% of 100 sequences are cut at 300 timesteps"
    (cut,) = bars(figure.axes[0], ORANGE)
    assert (cut.get_x(), cut.get_width(), cut.get_height()) == (301, 100, 20)


@pytest.mark.parametrize("limit", [1, 7, 60, 400, 5000])
def test_length_bins_hold_every_sequence_and_part_at_the_cut(limit):
    lengths = np.random.default_rng(0).lognormal(5, 0.7, 3000).astype(int)
    edges, counts = length_bins(lengths, limit)
    assert counts.sum() == 3000
    assert edges[0] == 0
    assert counts[edges[:-1] >= limit + 1].sum() == (lengths > limit).sum()
    assert len(counts) < 70


@pytest.mark.parametrize("lengths", [[], [1, -1], [1, np.nan], [[1]]])
def test_lengths_that_are_no_lengths_are_an_error(lengths):
    with pytest.raises(DataError, match="one number from 0 for each sequence"):
        length_histogram(lengths, 10)


@pytest.mark.parametrize(
    ("edges", "counts"),
    [([1, 2], [1, 1]), ([2, 1], [1]), ([1, 2], [-1]), ([1, 2], [0]), ([[1, 2]], [1])],
)
def test_bins_that_do_not_fit_are_an_error(edges, counts):
    with pytest.raises(DataError, match="rising edges and one count less"):
        length_histogram((edges, counts), 10)


def test_comparison_draws_points_and_intervals():
    (axes,) = comparison(ROWS, "accuracy").axes
    points = np.concatenate([c.lines[0].get_xydata() for c in axes.containers])
    assert points.tolist() == [[0.886, 0], [0.879, 1], [0.5, 2], [0.843, 3]]
    colours = [c.lines[0].get_color() for c in axes.containers]
    assert colours == [BLUE, ORANGE, GREY]
    assert len({c.lines[0].get_marker() for c in axes.containers}) == 3
    assert np.array(error_bars(axes)) == pytest.approx(
        np.array([[0.882, 0, 0.89, 0], [0.875, 1, 0.883, 1], [0.49, 2, 0.51, 2]])
    )
    assert [t.get_text() for t in axes.texts] == [
        "0.886 (0.882 to 0.890)",
        "0.879 (0.875 to 0.883)",
        "0.500 (0.490 to 0.510)",
        "0.843",
    ]
    assert [t.get_text() for t in axes.get_yticklabels()] == [
        "mine (model)", "TF-IDF (baseline)", "majority (baseline)",
        "a paper (reference)",
    ]  # fmt: skip
    assert axes.get_ylim() == (3.5, -0.5)  # the first row on top
    assert axes.get_xlabel() == "accuracy; higher is better"


@pytest.mark.parametrize(
    ("greater_is_better", "text"),
    [
        (True, "mine is ahead of the best baseline, TF-IDF: 0.886 against 0.879"),
        (False, "mine is behind the best baseline, majority: 0.886 against 0.500"),
    ],
)
def test_comparison_says_who_is_ahead(greater_is_better, text):
    assert title(comparison(ROWS, "metric", greater_is_better)) == text


def test_comparison_takes_the_callers_title():
    assert title(comparison(ROWS, "accuracy", title="No difference")) == "No difference"


def test_comparison_takes_a_frame_with_any_index():
    table = pd.DataFrame(ROWS, index=[5, 5, 9, 9])
    (axes,) = comparison(table, "accuracy").axes
    assert len(axes.texts) == len(axes.get_yticklabels()) == 4


def test_a_model_alone_is_named_with_its_value():
    assert title(comparison(ROWS[:1], "accuracy")) == "mine: 0.886 (0.882 to 0.890)"


@pytest.mark.parametrize(
    ("rows", "text"),
    [([ROWS[0] | {"kind": "rival"}], "got 'rival'"), ([], "got no rows")],
)
def test_comparison_refuses_unknown_kinds(rows, text):
    with pytest.raises(UsageError, match=text):
        comparison(rows, "accuracy")
