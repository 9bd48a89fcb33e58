"""A new kind of scores gives statistics and a formula, and has all the rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from seqkit.errors import DataError, UnknownNameError, UsageError
from seqkit.scores.digest import row_bytes
from seqkit.scores.intervals import PoissonBootstrap
from seqkit.scores.metric import Metric
from seqkit.scores.scorer import RowScorer, Values

Tags = Sequence[Sequence[str]]


class TagScorer(RowScorer):
    """Tags of sentences: all that such a kind of scores has to say."""

    metrics = {"accuracy": Metric("Accuracy", "share of right tokens", True, most=1.0)}
    truths = "tags"

    def statistics(self, truth: Tags, outputs: Tags) -> Values:
        right = [np.array(one) == two for one, two in zip(truth, outputs, strict=True)]
        return np.array([[len(one), one.sum()] for one in right], float).reshape(-1, 2)

    def formula(self, metric: str, sums: Values) -> Values:
        tokens, hits = sums
        return hits / tokens

    def tables(self) -> dict[str, pd.DataFrame]:
        tokens, hits = self.sums()
        return {"tokens": pd.DataFrame({"tokens": tokens[:1], "right": hits[:1]})}


def sentences(rows: int, seed: int = 0) -> list[list[str]]:
    draw = np.random.default_rng(seed)
    return [
        list(draw.choice(["O", "B-X", "I-X"], n)) for n in draw.integers(1, 9, rows)
    ]


def answers(truth: Tags, share: float, seed: int = 1) -> list[list[str]]:
    """As the truth, but for about a ``share`` of tokens."""
    draw = np.random.default_rng(seed)
    return [[t if draw.random() >= share else "?" for t in one] for one in truth]


def scorer(truth: Tags, outputs: Tags, chunk: int = 10**6, **options: int) -> TagScorer:
    made = TagScorer(**options)
    for start in range(0, len(truth), chunk):
        made.update(truth[start : start + chunk], outputs[start : start + chunk])
    return made


TRUTH = sentences(1500)
GOOD, POOR = answers(TRUTH, 0.1), answers(TRUTH, 0.3, seed=2)


def share(outputs: Tags, times: Values) -> float:
    """Right tokens of all, where each sentence came so many times."""
    right = tokens = 0.0
    for wanted, answered, often in zip(TRUTH, outputs, times, strict=True):
        for one, other in zip(wanted, answered, strict=True):
            right += often * (one == other)
            tokens += often
    return right / tokens


WEIGHTS = PoissonBootstrap(20, seed=3).weights(1500)


def test_a_new_kind_of_scores_gets_the_interval_of_weighted_rows() -> None:
    scores = scorer(TRUTH, GOOD, resamples=20, seed=3).result()
    replicates = [share(GOOD, times) for times in WEIGHTS]
    expected = [share(GOOD, np.ones(1500)), *np.quantile(replicates, [0.025, 0.975])]
    assert scores.metrics == {"accuracy": pytest.approx(expected)}
    assert scores.rows == 1500
    assert scores.tables["tokens"]["tokens"].tolist() == [sum(map(len, TRUTH))]


def test_a_new_kind_of_scores_is_paired() -> None:
    ours, theirs = (scorer(TRUTH, each, resamples=20, seed=3) for each in (GOOD, POOR))
    every = [np.ones(1500), *WEIGHTS]
    values = np.array([[share(each, w) for w in every] for each in (GOOD, POOR)])
    paired = TagScorer.paired([ours, theirs], "accuracy")
    assert paired.values == pytest.approx(values)
    assert paired.units == 1500
    gap = values[0] - values[1]
    expected = [gap[0], *np.quantile(gap[1:], [0.025, 0.975])]
    assert TagScorer.difference(ours, theirs, "accuracy") == pytest.approx(expected)


@pytest.mark.parametrize("chunk", [1, 7, 1024])
def test_chunks_change_nothing(chunk: int) -> None:
    whole, parts = scorer(TRUTH, GOOD), scorer(TRUTH, GOOD, chunk=chunk)
    parts.update([], [])
    assert parts.result().metrics == whole.result().metrics
    assert TagScorer.difference(whole, parts, "accuracy") == (0, 0, 0)


def test_a_new_kind_of_scores_is_compared_on_the_same_rows_alone() -> None:
    ours, fewer = scorer(TRUTH, GOOD), scorer(TRUTH[:9], GOOD[:9])
    other = [["B-X"] * len(one) for one in TRUTH]
    with pytest.raises(UsageError, match="these have other tags or come in another"):
        TagScorer.difference(ours, scorer(other, GOOD), "accuracy")
    with pytest.raises(UsageError, match="other tags or come in another order"):
        TagScorer.difference(ours, scorer(TRUTH[::-1], GOOD[::-1]), "accuracy")
    with pytest.raises(UsageError, match="same number of rows, got 1500 and 9"):
        TagScorer.difference(ours, fewer, "accuracy")
    with pytest.raises(UsageError, match="same seed, got 0 and 5"):
        TagScorer.difference(ours, scorer(TRUTH, GOOD, seed=5), "accuracy")
    with pytest.raises(UnknownNameError, match="Did you mean 'accuracy'"):
        TagScorer.difference(ours, ours, "acuracy")


def test_what_has_no_value_is_not_a_number_and_not_compared() -> None:
    empty = scorer([[], []], [[], []])
    assert np.isnan(empty.result().metrics["accuracy"]).all()
    with pytest.raises(DataError, match="There is no accuracy"):
        TagScorer.paired([empty, empty], "accuracy")


def test_no_rows_have_no_scores() -> None:
    with pytest.raises(DataError, match="No rows were scored"):
        scorer([], []).result()


def test_rows_of_numbers_are_told_apart_whatever_their_width() -> None:
    numbers = np.array([3, 1, 2])
    assert row_bytes(numbers) == row_bytes(numbers.astype(np.int8))
    assert row_bytes(numbers) != row_bytes(numbers[::-1])
    halves = np.array([0.5, 1.5])
    assert row_bytes(halves) == row_bytes(halves.astype(np.float32))


def test_ragged_rows_are_told_apart_by_where_they_end() -> None:
    cut, other = [[1, 2], [3]], [[1], [2, 3]]
    assert row_bytes(cut) != row_bytes(other)
    assert row_bytes([[1, 2]]) + row_bytes([[3]]) == row_bytes(cut)
    arrays = np.empty(2, object)
    arrays[:] = [np.array(one) for one in cut]
    assert row_bytes(arrays) == row_bytes(cut)


def test_rows_of_text_are_told_apart_whatever_holds_them() -> None:
    texts = ["ab", "c"]
    assert row_bytes(texts) != row_bytes(["a", "bc"])
    for same in (np.array(texts), np.array(texts, object), pd.Series(texts)):
        assert row_bytes(same) == row_bytes(texts)
    assert row_bytes(texts[:1]) + row_bytes(texts[1:]) == row_bytes(np.array(texts))
    tags = np.array(["O", "B-X"], object)
    assert row_bytes([tags]) == row_bytes([["O", "B-X"]])
