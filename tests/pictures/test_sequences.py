"""Pictures of written texts: what they draw is what the tables hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seqkit.errors import DataError, UsageError
from seqkit.pictures import attention_map, forced_against_free, score_by_length
from seqkit.scores.sequences import SequenceScorer


def lengths(values: list[float]) -> pd.DataFrame:
    bins = pd.DataFrame({"least": [0, 6, 101], "most": [5, 10, np.nan]})[: len(values)]
    value = np.array(values)
    return bins.assign(
        unit="words", rows=1234, value=value, low=value - 1, high=value + 2
    )


def test_a_score_is_drawn_bin_by_bin_beside_its_baselines() -> None:
    figure = score_by_length(
        lengths([30.0, 20.0, 12.34]), "BLEU", {"copy": lengths([1.0, 2.0])}
    )
    assert figure.get_suptitle().replace("\n", " ") == (
        "BLEU is 30.0 for references of 0 to 5 and 12.3 for over 100 words"
    )
    (axes,) = figure.axes
    drawn = [bars.lines[0].get_ydata().tolist() for bars in axes.containers]
    assert drawn == [[30.0, 20.0, 12.34], [1.0, 2.0]]
    ticks = [tick.get_text() for tick in axes.get_xticklabels()]
    assert ticks[0] == "0 to 5\n1,234 rows" and ticks[2].startswith("over 100")
    assert [text.get_text() for text in figure.legends[0].texts] == ["model", "copy"]
    figure.canvas.draw()


def test_one_bin_is_enough_and_none_is_refused() -> None:
    figure = score_by_length(lengths([2.0]), "Exact match")
    assert figure.get_suptitle() == "Exact match is 2.0 for references of 0 to 5 words"
    assert not figure.legends
    with pytest.raises(DataError, match="no rows to draw"):
        score_by_length(lengths([]), "BLEU")


def test_forced_and_free_accuracy_share_their_axes() -> None:
    totals = (0.625, 0.5, 0.7), (0.41, 0.3, 0.5)
    figure = forced_against_free(lengths([0.7, 0.6]), lengths([0.6, 0.3]), totals)
    assert figure.get_suptitle().replace("\n", " ") == (
        "62.5% of tokens are right behind the true ones, 41.0% of places where the "
        "model goes on from its own"
    )
    drawn = [bars.lines[0].get_ydata().tolist() for bars in figure.axes[0].containers]
    assert drawn == [[0.7, 0.6], [0.6, 0.3]]


def test_attention_is_drawn_as_it_is_with_its_tokens() -> None:
    weights = np.array([[0.75, 0.25, 0.0], [0.0, 0.5, 0.5]])
    figure = attention_map(weights, ["ein", "$Hund", "läuft"], ["a", "dog"])
    axes = figure.axes[0]
    assert np.array_equal(axes.images[0].get_array(), weights)
    assert [tick.get_text() for tick in axes.get_xticklabels()][1] == "$Hund"
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a", "dog"]
    assert figure.get_suptitle().startswith("On average 62%")
    figure.canvas.draw()


def test_of_many_tokens_the_first_are_drawn() -> None:
    figure = attention_map(np.full((70, 2), 0.5), ["a", "b"], ["x"] * 70)
    axes = figure.axes[0]
    assert axes.get_ylabel() == "output (the first 60 of 70 tokens)"
    assert axes.images[0].get_array().shape == (60, 2)


@pytest.mark.parametrize("shape", [(3, 2), (0, 3), (2,)])
def test_weights_that_do_not_fit_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match=r"= \(2, 3\), at least one of each, got \("):
        attention_map(np.zeros(shape), list("abc"), list("de"))


def test_a_scorer_draws_what_it_has() -> None:
    names = ["bleu", "token_accuracy", "free_token_accuracy"]
    model, baseline, forced = (SequenceScorer(names, resamples=20) for _ in range(3))
    texts, ones = ["a b c d", "e f g h i j k"], np.ones(2)
    for scorer in (model, baseline):
        scorer.update(texts, {"output": texts})
    own = {"log_probability": -ones, "tokens": 2 * ones, "hits": ones}
    forced.update(texts, {"output": texts, **own})
    tables = {"copy": baseline.result().tables}
    assert set(SequenceScorer.pictures(model.result(), tables)) == {"score_by_length"}
    drawn = SequenceScorer.pictures(forced.result(), tables)
    assert set(drawn) == {"score_by_length", "forced_against_free"}
    assert drawn["forced_against_free"].get_suptitle().startswith("50.0% of tokens")
    nothing = SequenceScorer(["perplexity"], resamples=20)
    nothing.update(texts, {"output": texts})
    assert SequenceScorer.pictures(nothing.result(), {}) == {}
