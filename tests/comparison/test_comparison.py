"""What a comparison says, shows and draws; the winner by its rule."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from tiny_comparison import around, tiny_comparison

from seqkit.comparison import Comparison

GRU, LSTM = around(0.884), around(0.882, 0.004)[::-1]
PLAIN = {"majority class": 0.51, "TF-IDF": 0.861}


def said(*args: object, **options: object) -> str:
    return tiny_comparison(*args, **options).sentence


# two competitors


def test_of_equivalents_the_cheaper_is_taken() -> None:
    told = tiny_comparison(
        {"lstm": LSTM, "gru": GRU},
        PLAIN,
        parameters=[100, 75],
        steps=[1.2, 1],
        margin=0.02,
    )
    assert told.outcome == "equivalent" and told.winner == told.taken == "gru"
    assert told.sentence == (
        "GRU: 0.884 +- 0.003, LSTM: 0.882 +- 0.004 (accuracy, 5 seeds); equivalent "
        "within 0.020 (+0.002, 95% interval -0.007 to 0.011); GRU has 25% fewer "
        "parameters and trains 1.2 times faster a step (1.2 to 1.2): take GRU."
    )
    assert "equivalent within 0.020 (tune.margin)" in str(told)


def test_of_equivalents_the_cheaper_is_taken_even_with_the_lesser_mean() -> None:
    told = tiny_comparison(
        {"gru": GRU, "lstm": LSTM}, parameters=[100, 75], steps=[1, 1.3], margin=0.02
    )
    assert told.winner == "lstm"
    assert not told.significant
    assert told.sentence.endswith(
        "; LSTM has 25% fewer parameters but trains 1.3 times slower a step (1.3 to "
        "1.3): take LSTM."
    )


def test_the_cheaper_is_not_taken_where_it_is_undecided_who_is_better() -> None:
    told = tiny_comparison(
        {"lstm": LSTM, "gru": around(0.885, 0.012)}, PLAIN, parameters=[75, 100]
    )
    assert (told.outcome, told.winner, told.taken) == ("undecided", None, "gru")
    assert told.advice == "in the meantime take GRU"
    assert re.search(
        r"; undecided \(\+0.003, 95% interval -.* to .*\); .* would tell.* if the "
        r"difference stays as it is.*\. In the meantime take GRU, the better mean so "
        r"far\.$",
        told.sentence,
    )
    assert "winner" not in told.sentence and "fewer parameters" not in told.sentence


def test_a_model_of_a_wide_spread_and_worse_mean_is_not_taken_for_its_size() -> None:
    scores = {"gru": [0.9, 0.901, 0.902], "lstm": [0.6, 0.7, 0.88]}
    told = tiny_comparison(scores, parameters=[100, 75])
    assert (told.winner, told.taken) == (None, "gru")
    assert told.sentence.endswith(
        "; about 8 seeds in place of 3 would tell if the difference stays as it is; "
        "more test rows alone would not, since seeds leave too much open. In the "
        "meantime take GRU, the better mean so far."
    )


def test_the_same_scores_in_every_row_are_equivalent_without_a_margin() -> None:
    told = tiny_comparison({"a": [0.9, 0.8], "b": [0.9, 0.8]}, rows=0)
    assert told.outcome == "equivalent"
    assert "; the same (+0.0" in told.sentence


# the margin


def test_the_margin_is_a_tenth_of_the_lead_that_is_sure() -> None:
    told = tiny_comparison({"gru": GRU, "lstm": LSTM}, {"a": 0.7, "b": 0.75})
    (lead,) = [one for one in told.leads_over("b") if one.name == "gru"]
    assert told.margin and told.margin.baseline == "b"
    assert told.margin.value == pytest.approx(0.1 * lead.low)
    assert f"within {told.margin.value:.3f} (at most 10% of the sure lead" in str(told)


def test_the_margin_is_at_most_a_fiftieth_of_the_range() -> None:
    told = tiny_comparison({"gru": GRU, "lstm": LSTM}, {"majority class": 0.1})
    assert told.margin and told.margin.value == pytest.approx(0.02)
    errors = {"task": "regress_series", "metric": "mae", "rows": 0.01}
    free = tiny_comparison({"gru": [2.0, 2.1], "lstm": [2.0, 2.1]}, {"x": 12}, **errors)
    assert free.margin and free.margin.value == pytest.approx(1, abs=0.1)


def test_a_margin_is_never_rounded_away() -> None:
    wide = tiny_comparison({"gru": around(0.8, 0.2), "lstm": around(0.7, 0.2)},
                           margin=0.0042)  # fmt: skip
    assert "GRU: 0.8 +- 0.2" in wide.sentence
    assert "equivalent within 0.0042 (tune.margin)" in str(wide)
    large = {"task": "regress_series", "metric": "mae", "rows": 1.0, "margin": 1234.0}
    told = said({"a": around(9000, 20), "b": around(9001, 21)}, **large)
    assert "; equivalent within 1,234 (" in told


def test_without_a_sure_lead_nobody_is_equivalent() -> None:
    told = tiny_comparison({"gru": GRU, "lstm": LSTM}, {"TF-IDF": 0.9})
    assert told.margin and told.margin.value == 0
    assert told.outcome == "undecided"
    assert "no margin, since no lead over TF-IDF is sure" in str(told)
    assert tiny_comparison({"gru": GRU, "lstm": LSTM}).margin is None


def test_an_equivalent_that_a_baseline_may_beat_is_not_taken_for_its_size() -> None:
    scores = {"gru": around(0.884, 0.02), "lstm": around(0.886, 0.002)}
    told = tiny_comparison(scores, {"TF-IDF": 0.875}, parameters=[75, 100], margin=0.1)
    assert told.outcome == "equivalent" and told.winner == "lstm"


def test_a_difference_beyond_doubt_is_none_within_a_margin() -> None:
    told = tiny_comparison({"lstm": around(0.9), "gru": GRU}, margin=0.1)
    assert told.outcome == "better" and told.winner == "lstm"


def test_a_clear_difference_is_named_with_its_costs() -> None:
    told = tiny_comparison(
        {"lstm": around(0.9), "gru": GRU}, parameters=[100, 75], steps=[1.2, 1]
    )
    assert told.winner == "lstm" and told.significant and told.outcome == "better"
    assert re.search(
        r"; LSTM is better \(\+0.016, 95% interval 0.015 to 0.017\), but has 33% more "
        r"parameters and trains 1.2 times slower a step \(1.2 to 1.2\): take LSTM\.$",
        told.sentence,
    )


@pytest.mark.parametrize(
    ("parameters", "steps", "text"),
    [
        ([75, 100], [1, 1], " and has 25% fewer parameters: take GRU."),
        ([75, 100], [1, 2], ", has 25% fewer parameters and trains 2.0 times faster"),
        (
            [75, 100],
            [2, 1],
            " and has 25% fewer parameters but trains 2.0 times slower a step",
        ),
        ([300, 100], [1, 1.09], ", but has 3.0 times as many parameters: take GRU."),
        ([100, 104], [1, 1], "): take GRU."),
        ([1, 10**6], [1, 1], " and has 99% fewer parameters: take GRU."),
    ],
)
def test_costs_are_told_where_they_differ(
    parameters: list[int], steps: list[float], text: str
) -> None:
    scores = {"gru": around(0.9), "lstm": LSTM}
    assert text in said(scores, parameters=parameters, steps=steps)


def test_of_equal_costs_the_better_mean_is_taken() -> None:
    equal = {"margin": 0.02}
    assert said({"lstm": LSTM, "gru": GRU}, parameters=[98, 100], **equal).endswith(
        "; both have about as many parameters, and GRU the better mean: take GRU."
    )
    assert "better mean; it trains 1.5 times slower a step (1.5 to 1.5): take GR" in (
        said({"lstm": LSTM, "gru": GRU}, steps=[1, 1.5], **equal)
    )
    assert "as many parameters and the same mean: take LSTM." in said(
        {"lstm": GRU, "gru": GRU}, **equal
    )


def test_no_word_of_speed_where_its_spread_holds_one() -> None:
    told = tiny_comparison({"lstm": LSTM, "gru": GRU}, margin=0.02, steps=[1, 1.5])
    assert "slower" in told.sentence
    noisy = {"gru": (1.0, 1.0, 9.0, 1.0), "lstm": (0.9, 0.9, 0.8, 2.5)}
    assert "times" not in replace(told, steps=noisy).sentence
    assert "times" not in replace(told, steps={}).sentence
    few = {"gru": (2.0, 2.0), "lstm": (1.0, 1.0)}
    assert "times" not in replace(told, steps=few).sentence


def test_less_is_better_for_errors() -> None:
    told = tiny_comparison(
        {"lstm": around(49.2, 1), "gru": around(44.1, 1.5)},
        {"Theta": 60.0},
        task="forecast",
        metric="rmse",
        rows=0.1,
    )
    assert told.sentence.startswith(
        "GRU: 44.1 +- 1.5, LSTM: 49.2 +- 1.0 (RMSE, less is better, 5 seeds); GRU is "
        "better (-5.1, 95% interval -"
    )
    (gap,) = told.differences
    assert (gap.first, gap.second) == ("gru", "lstm")
    assert gap.value == pytest.approx(5.1) and gap.low > 0 and gap.g > 0
    assert gap.superiority == 1
    assert all(lead.value > 10 for lead in told.leads)


def test_decimals_follow_the_spread() -> None:
    errors = {"task": "regress_series", "metric": "mae"}
    scores = {"a": around(12345, 150), "b": around(16000, 150)}
    assert said(scores, **errors, rows=50).startswith("a: 12,345 +- 150, b: 16,000")
    small = {"a": around(0.00123, 0.00004), "b": around(0.00151, 0.00004)}
    assert "a: 0.00123 +- 0.00004, " in said(small, **errors, rows=1e-6)


def test_the_side_of_zero_on_which_an_interval_ends_is_seen() -> None:
    shifted = list(np.array(GRU) - 0.0036 + [0.004, 0, 0, 0, -0.004])
    told = tiny_comparison({"gru": GRU, "lstm": shifted}, rows=1e-5)
    (gap,) = told.differences
    assert 0 < gap.low < 0.0005
    assert "GRU: 0.8840 +- 0.0030, LSTM: 0.8804" in told.sentence
    assert f"(+0.0036, 95% interval {gap.low:.4f} to " in told.sentence


# more or fewer of them


def test_of_three_the_smallest_that_is_not_worse_is_taken() -> None:
    scores = {"lstm": LSTM, "gru": GRU, "simple_rnn": around(0.7)}
    told = tiny_comparison(scores, parameters=[100, 75, 30], margin=0.02)
    assert told.winner == "gru"
    assert "; GRU and LSTM are equivalent within 0.020 (+0.002, " in told.sentence
    assert told.sentence.endswith(
        "; simple RNN is worse; GRU has 25% fewer parameters than LSTM: take GRU."
    )
    unclear = tiny_comparison(scores, parameters=[100, 75, 30])
    assert "; undecided between GRU and LSTM (+0.002, " in unclear.sentence
    assert "; simple RNN is worse; " in unclear.sentence
    same = tiny_comparison(
        scores | {"simple_rnn": GRU}, parameters=[100, 75, 30], margin=0.02
    )
    assert same.winner == "simple_rnn"
    assert same.sentence.endswith(
        "simple RNN has the fewest parameters: take simple RNN."
    )


def test_the_best_of_three_names_the_next() -> None:
    scores = {"gru": around(0.9), "lstm": around(0.85), "simple_rnn": around(0.7)}
    told = tiny_comparison(scores)
    assert told.significant
    assert (
        "; GRU is better than all others (than LSTM, the next: +0.05" in told.sentence
    )


def test_differences_of_three_hold_together() -> None:
    two = tiny_comparison({"gru": GRU, "lstm": LSTM}, rows=0)
    three = tiny_comparison({"gru": GRU, "lstm": LSTM, "a": around(0.7)}, rows=0)
    narrow = two.difference("gru", "lstm")
    wide = three.difference("gru", "lstm")
    # Student's t with 4 degrees of freedom at 0.05 / 2 and at 0.05 / 3 / 2.
    ratio = (wide.high - wide.low) / (narrow.high - narrow.low)
    assert ratio == pytest.approx(3.9608 / 2.7764, rel=1e-4)


def test_one_competitor_is_told_beside_the_baseline() -> None:
    assert said({"gru": GRU}, PLAIN).startswith(
        "GRU: 0.884 +- 0.003 (accuracy, 5 seeds); better than the plain baseline, "
        "TF-IDF at 0.861 (+0.023, 95% interval 0.0"
    )
    assert said({"gru": GRU}, {"TF-IDF": 0.884}).startswith(
        "GRU is no better than the plain baseline, TF-IDF at 0.884 (+0.000, "
    )
    assert said({"gru": GRU}, {"TF-IDF": 0.95}).startswith(
        "The plain baseline wins: TF-IDF 0.950. GRU: 0.884 +- 0.003 (accuracy, 5 seeds)"
    )
    assert said({"mine": GRU}).startswith(
        "mine: 0.884 +- 0.003 (accuracy, 5 seeds, 95% interval 0.8"
    )
    assert not tiny_comparison({"gru": GRU}, PLAIN).significant


# baselines


def test_a_baseline_that_wins_comes_first() -> None:
    told = tiny_comparison({"gru": GRU, "lstm": LSTM}, PLAIN | {"TF-IDF": 0.902})
    assert told.winning_baseline and told.winning_baseline.name == "TF-IDF"
    assert told.sentence.startswith("The plain baseline wins: TF-IDF 0.902. GRU: 0.884")
    assert told.winner is None and told.taken == "gru"
    assert told.advice.startswith("take the baseline, TF-IDF, or mend the training")
    assert told.sentence.endswith(f": {told.advice}.")
    assert "take GRU" not in told.sentence


def test_a_baseline_that_is_as_good_comes_first() -> None:
    scores = {"gru": around(0.512, 0.01), "lstm": around(0.506, 0.01)[::-1]}
    told = tiny_comparison(scores, {"majority class": 0.513})
    assert told.winning_baseline is None
    assert told.sentence.startswith(
        "No cell is better than the plain baseline, majority class at 0.513. GRU: "
    )
    ahead = said(scores, {"majority class": 0.511})
    assert ahead.startswith("No cell is better for sure than the plain baseline, ")
    assert told.unlearnt and told.unlearnt.name == "majority class"
    assert told.winner is None
    assert told.advice.startswith("mend the training first")
    assert told.sentence.endswith(f": {told.advice}.")
    other = said(scores, {"majority class": 0.511}, kind="run")
    assert other.startswith("No run is better for sure than the plain baseline, ")


def test_a_winner_that_no_baseline_proves_is_told() -> None:
    scores = {"gru": around(0.884, 0.02), "lstm": around(0.886, 0.002)}
    scores["gru"] = around(0.887, 0.02)
    told = tiny_comparison(scores, {"TF-IDF": 0.875}, parameters=[75, 100])
    assert (told.winner, told.taken) == (None, "gru")
    assert told.sentence.endswith(
        "In the meantime take GRU, the better mean so far. GRU is not better for sure "
        "than the plain baseline, TF-IDF at 0.875; LSTM is."
    )


# single runs


def test_single_runs_leave_luck_open() -> None:
    told = said({"gru": [0.884], "lstm": [0.86]})
    assert told.startswith("GRU: 0.884, LSTM: 0.860 (accuracy, one run each); ")
    assert told.endswith(
        " With one run each, what another seed would change is not known."
    )
    assert said({"gru": [0.884]}, PLAIN).endswith(
        " With one run, what another seed would change is not known."
    )
    same = tiny_comparison({"gru": [0.884], "lstm": [0.8839]}, PLAIN, margin=0.05)
    assert same.outcome == "undecided" and same.winner is None
    assert same.sentence.endswith(
        ". In the meantime take GRU, the better mean so far. With one run each, what "
        "another seed would change is not known."
    )
    mixed = said({"gru": GRU, "lstm": [0.882]})
    assert "LSTM: 0.882 (accuracy, 5 and 1 seeds)" in mixed
    assert mixed.endswith(
        " Of LSTM there is one run, whose luck is taken to vary as that of the others."
    )


# what it holds


def test_no_two_accuracies_differ_by_more_than_one() -> None:
    told = tiny_comparison({"lstm": [0.9, 0.2], "gru": [0.1, 0.15]}, {"plain": 0.5})
    (gap,) = told.differences
    assert gap.high == 1.0 and gap.low >= -1.0 and gap.value == pytest.approx(0.425)
    assert all(-1.0 <= one.low <= one.high <= 1.0 for one in told.leads)


def test_what_else_differs_is_told_beside_the_names() -> None:
    found = {"lstm": {"model.units": [64], "train.clip_norm": None}, "gru": {}}
    told = replace(tiny_comparison({"lstm": LSTM, "gru": GRU}), settings=found)
    line = "LSTM: model.units=[64], train.clip_norm=null"
    assert line in str(told).splitlines() and line in told._repr_html_()
    assert not any(text.startswith("GRU: model") for text in str(told).splitlines())
    assert Comparison.from_dict(told.to_dict()).settings == found


def test_the_winner_is_at_most_a_twentieth_larger_than_the_smallest() -> None:
    scores = {"a": GRU, "b": around(0.883), "c": around(0.8829)}
    wide = {"margin": 0.02}
    near = tiny_comparison(scores, parameters=[105, 100, 100], **wide)
    assert near.winner == "a"
    assert near.sentence.endswith(
        "all have about as many parameters, and a the best mean: take a."
    )
    two = tiny_comparison(scores, parameters=[105, 100, 150], **wide)
    assert two.sentence.endswith(
        "of those with the fewest parameters a has the best mean: take a."
    )
    assert tiny_comparison(scores, parameters=[106, 100, 100], **wide).winner == "b"


def test_a_competitors_interval_holds_seeds_and_rows() -> None:
    one = tiny_comparison({"gru": GRU}, rows=0.002).competitors[0]
    seeds = 2.776445 * 0.003 / 5**0.5
    half = (seeds**2 + 0.004**2) ** 0.5
    assert (one.mean, one.low, one.high) == pytest.approx(
        (0.884, 0.884 - half, 0.884 + half), abs=1e-6
    )
    alone = tiny_comparison({"gru": [0.884]}, rows=0.002).competitors[0]
    assert (alone.low, alone.high) == pytest.approx((0.88, 0.888))
    sure = tiny_comparison({"gru": around(0.999)}, rows=0.002).competitors[0]
    assert sure.high == 1


def test_a_comparison_comes_back_from_json() -> None:
    told = tiny_comparison(
        {"gru": GRU, "lstm": [0.88]},
        PLAIN,
        reference={"metric": "accuracy", "value": 1},
        steps=[0.2, 0.1],
    )
    plain = json.loads(json.dumps(told.to_dict(), allow_nan=False))
    assert plain["taken"] == "gru" and plain["sentence"] == told.sentence
    assert plain["outcome"] == "undecided" and plain["winner"] is None
    assert plain["differences"][0]["needed"].keys() == {"seeds", "rows", "both"}
    assert plain["margin"]["baseline"] == "TF-IDF"
    assert plain["differences"][0]["g"] is None
    plain["competitors"][0]["overrides"] = {"model.cell": "gru"}
    assert Comparison.from_dict(plain | {"search": "random"}) == told
    # As an older seqkit wrote it.
    for key in ("margin", "kind", "steps"):
        del plain[key]
    for gap in plain["differences"]:
        del gap["outcome"], gap["needed"]
    assert Comparison.from_dict(plain).competitors == told.competitors


def test_a_difference_can_be_asked_for_either_way() -> None:
    told = tiny_comparison({"gru": GRU, "lstm": LSTM})
    one, other = told.difference("gru", "lstm"), told.difference("lstm", "gru")
    assert other.value == -one.value and other.low == -one.high
    assert one.g + other.g == 0 and one.superiority + other.superiority == 1
    assert other.turned() == one
    with pytest.raises(KeyError):
        told.difference("gru", "gru")


PUBLISHED = {"metric": "accuracy", "value": 0.8428, "source": "Somebody"}


def test_the_table_holds_competitors_baselines_and_the_reference() -> None:
    told = tiny_comparison({"gru": GRU, "lstm": LSTM}, PLAIN, reference=PUBLISHED)
    table = told.table
    assert list(table.index) == ["gru", "lstm", *PLAIN, "Somebody"]
    assert list(table["kind"]) == [*["competitor"] * 2, *["baseline"] * 2, "reference"]
    assert table.loc["gru", "mean"] == pytest.approx(0.884)
    assert np.isnan(table.loc["gru", "behind"])
    assert table.loc["lstm", "behind"] == told.difference("gru", "lstm").value
    assert table.loc["TF-IDF", "behind"] == pytest.approx(0.023)
    assert table.loc["Somebody", "mean"] == 0.8428
    other = tiny_comparison({"gru": GRU}, reference=PUBLISHED | {"metric": "f1"})
    assert list(other.table.index) == ["gru"]


def test_a_comparison_shows_itself() -> None:
    told = tiny_comparison({"gru": GRU, "lstm": LSTM}, PLAIN)
    assert repr(told) == str(told)
    assert str(told).startswith(told.sentence)
    assert "500 rows of csv:x.csv, test part; more is better" in str(told)
    assert "0.884 +- 0.003" in str(told) and "GRU is better by" in str(told)
    shown = told._repr_html_()
    assert told.sentence in shown and shown.count("<img") == 1


def test_the_picture_shows_scores_and_leads() -> None:
    told = tiny_comparison(
        {"gru": GRU, "lstm": LSTM}, PLAIN | {"<$x$>": 0.8837}, reference=PUBLISHED
    )
    figure = told.plot()
    FigureCanvasAgg(figure).draw()
    scores, leads = figure.axes
    assert scores.get_xlabel() == "accuracy; higher is better"
    assert leads.get_xlabel() == "GRU is better by"
    labels = [label.get_text() for label in scores.get_yticklabels()]
    assert labels == ["GRU", "LSTM", "majority class", "TF-IDF", "<$x$>", "Somebody"]
    # Coin flipping lies too far off to be drawn beside them.
    low, high = scores.get_xlim()
    assert low > 0.7 and max(GRU) < high
    assert "\u2190 0.510" in [text.get_text() for text in scores.texts]


@pytest.mark.parametrize("scores", [{"gru": [0.9]}, {"gru": [0.9], "lstm": [0.9]}])
def test_what_does_not_vary_can_be_drawn(scores: dict[str, list[float]]) -> None:
    figure = tiny_comparison(scores, rows=0).plot()
    FigureCanvasAgg(figure).draw()
    low, high = figure.axes[0].get_xlim()
    assert low < 0.9 < high
