"""Baselines of taggers by hand and against scikit-learn, kept as plain arrays."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from seqkit.tasks.baselines import crfsuite
from seqkit.tasks.baselines import tags as tag_baselines
from seqkit.tasks.baselines.crfsuite import CrfSuite, features, word_shape
from seqkit.tasks.baselines.tags import (
    MajorityTag,
    MostFrequentTag,
    WindowLogistic,
)

N, V, A = 0, 1, 2
TRAIN = [
    ("the dog runs".split(), [A, N, V]),
    ("the Dog sleeps".split(), [A, N, V]),
    ("the runs of dogs".split(), [A, N, A, N]),
    ("she runs".split(), [N, V]),
    ("Paris sleeps".split(), [N, V]),
]


def coded(rows: Any) -> list[tuple[list[str], Any]]:
    return [(tokens, np.array(codes)) for tokens, codes in rows]


def reloaded(baseline: Any) -> Any:
    """The baseline after a way through a file, without pickle."""
    file = io.BytesIO()
    np.savez_compressed(file, **baseline.arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return type(baseline).from_arrays(dict(arrays))


def letters(rows: int = 30, seed: int = 0) -> list[tuple[list[str], Any]]:
    """Random letters; a tag says whether the neighbours are alike."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(rows):
        tokens = random.choice(list("ABCD"), random.integers(1, 40)).tolist()
        around = ["?", *tokens, "?"]
        same = [int(a == b) for a, b in zip(around, around[2:], strict=False)]
        found.append((tokens, np.array(same) + (random.random(len(same)) < 0.1)))
    return found


def all_baselines() -> list[Any]:
    rows = coded(TRAIN)
    return [
        MajorityTag.fit(rows, 3),
        MostFrequentTag.fit(rows, 3),
        WindowLogistic.fit(rows, 3),
        CrfSuite.fit(rows, 3),
    ]


def test_majority_answers_the_shares_of_the_training_part() -> None:
    baseline = MajorityTag.fit(coded(TRAIN), 4)
    (answer,) = baseline.probabilities([["x", "y"]])
    np.testing.assert_allclose(answer, [[6 / 14, 4 / 14, 4 / 14, 0]] * 2, rtol=1e-6)


def test_each_word_gets_its_most_frequent_tag() -> None:
    baseline = MostFrequentTag.fit(coded(TRAIN), 3)
    assert baseline.codes("the dog runs Paris".split()).tolist() == [A, N, V, N]


def test_new_words_go_by_their_lower_case_then_their_ending_then_the_most() -> None:
    baseline = MostFrequentTag.fit(coded(TRAIN), 3)
    assert baseline.codes(["THE"]).tolist() == [A]  # as "the"
    assert baseline.codes(["keeps"]).tolist() == [V]  # as "sleeps"
    assert baseline.codes(["cogs"]).tolist() == [N]  # as "dogs", by three letters
    assert baseline.codes(["Zofis"]).tolist() == [N]  # as "Paris": a capital and -is
    assert baseline.codes(["zzz"]).tolist() == [N]  # of three equal ones the first
    assert baseline.codes(["\u4e2d"]).shape == (1,)
    one_hot = baseline.probabilities([["the", "dog"]])[0]
    assert one_hot.tolist() == [[0, 0, 1], [1, 0, 0]]


def test_endings_are_learnt_from_rare_words_alone() -> None:
    rows = coded([(["this"], [A])] * 6 + [(["iris"], [N])] + [(["go"], [V])] * 20)
    baseline = MostFrequentTag.fit(rows, 3)
    assert baseline.codes(["this", "metis"]).tolist() == [A, N]
    assert baseline.codes(["9"]).tolist() == [N]


def test_rare_words_are_forgotten_where_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tag_baselines, "MOST_WORDS", 10)
    rows = coded([(["often"] * 3, [V] * 3)] + [([f"w{n}"], [N]) for n in range(40)])
    baseline = MostFrequentTag.fit(rows, 3)
    assert sum(key.startswith("word ") for key in baseline.table) <= 10
    assert baseline.codes(["often", "w0"]).tolist() == [V, N]


@pytest.mark.parametrize("tags", [2, 3])
def test_windows_answer_as_scikit_learn_on_named_places(tags: int) -> None:
    rows = [(tokens, np.minimum(codes, tags - 1)) for tokens, codes in letters()]
    others = [tokens for tokens, _ in letters(5, seed=1)] + [["Z", "A"]]

    def named(tokens: list[str]) -> list[dict[str, str]]:
        at = dict(enumerate(tokens))
        return [
            {str(step): at[place + step] for step in range(-6, 7) if place + step in at}
            for place in range(len(tokens))
        ]

    vectorizer = DictVectorizer()
    inputs = vectorizer.fit_transform(sum((named(tokens) for tokens, _ in rows), []))
    model = LogisticRegression(max_iter=1000)
    model.fit(inputs, np.concatenate([codes for _, codes in rows]))
    wanted = model.predict_proba(
        vectorizer.transform(sum((named(tokens) for tokens in others), []))
    )
    found = WindowLogistic.fit(rows, tags).probabilities(others)
    assert [len(answer) for answer in found] == [len(tokens) for tokens in others]
    np.testing.assert_allclose(np.concatenate(found), wanted, atol=2e-3)


def test_tags_that_windows_never_saw_have_no_chance() -> None:
    rows = [(tokens, np.where(codes > 0, 3, 1)) for tokens, codes in letters(10)]
    answers = np.concatenate(WindowLogistic.fit(rows, 5).probabilities([list("ABCA")]))
    assert (answers[:, [0, 2, 4]] == 0).all()
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-6)
    only = WindowLogistic.fit([(["A"], np.array([1]))], 3).probabilities([["B"]])[0]
    assert only.tolist() == [[0, 1, 0]]


def test_windows_are_fitted_on_so_many_letters_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = letters(30)
    monkeypatch.setattr(tag_baselines, "MOST_LETTERS", sum(len(t) for t, _ in rows[:9]))
    few = WindowLogistic.fit(iter(rows), 3)
    np.testing.assert_array_equal(few.weights, WindowLogistic.fit(rows[:9], 3).weights)


def test_crfsuite_knows_what_comes_next() -> None:
    def tagged(seed: int) -> list[tuple[list[str], Any]]:
        return [
            (tokens, np.array([int(after == "A") for after in [*tokens[1:], "?"]]))
            for tokens, _ in letters(30, seed)
        ]

    crf = CrfSuite.fit(tagged(0), 2)
    alone = MostFrequentTag.fit(tagged(0), 2)
    others = tagged(1)
    for tokens, codes in others:
        assert crf.codes(tokens).tolist() == codes.tolist()
    truth = np.concatenate([codes for _, codes in others])
    guessed = np.concatenate([alone.codes(tokens) for tokens, _ in others])
    assert (truth == guessed).mean() < 0.9


def test_marginals_sum_to_one_and_lead_mostly_where_the_best_path_goes() -> None:
    rows = [(tokens, np.minimum(codes, 1)) for tokens, codes in letters(40)]
    crf = CrfSuite.fit(rows, 3)
    inputs = [tokens for tokens, _ in letters(10, seed=2)]
    for tokens, answer in zip(inputs, crf.probabilities(inputs), strict=True):
        assert answer.shape == (len(tokens), 3) and (answer[:, 2] == 0).all()
        np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-5)
    paths = np.concatenate([crf.codes(tokens) for tokens in inputs])
    leading = np.concatenate(
        [answer.argmax(axis=1) for answer in crf.probabilities(inputs)]
    )
    assert (paths == leading).mean() > 0.9


@pytest.mark.parametrize(("name", "most"), [("MOST_TOKENS", 4), ("MOST_STEPS", 36)])
def test_crfsuite_says_how_much_it_was_fitted_on(
    name: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CrfSuite.fit(coded(TRAIN), 3).title == "CRFsuite with hand-made features"
    monkeypatch.setattr(crfsuite, name, most)
    title = CrfSuite.fit(coded(TRAIN), 3).title
    assert title == "CRFsuite with hand-made features (on 6 of 14 tokens)"


def test_features_of_a_token_tell_its_neighbours_and_the_ends() -> None:
    first, second, _ = features(["Oslo", "is", "42"])
    assert {"bias", "word=Oslo", "shape=Xxx", "title", "suffix=lo", "BOS"} <= set(first)
    assert {"+1:lower=is", "+2:lower=42", "+2:digit"} <= set(first)
    assert {"-1:lower=oslo", "-1:title", "+1:lower=42"} <= set(second)
    assert not {"BOS", "EOS"} & set(second)
    assert {"BOS", "EOS", "prefix=a"} <= set(features(["a"])[0])


@pytest.mark.parametrize(
    ("token", "shape"), [("aaaa", "xx"), ("NATO", "XX"), ("x-1", "x-d"), ("...", "..")]
)
def test_shapes_are_short(token: str, shape: str) -> None:
    assert word_shape(token) == shape


@pytest.mark.parametrize("place", range(4))
def test_baselines_answer_alike_from_their_arrays(place: int) -> None:
    baseline = all_baselines()[place]
    again = reloaded(baseline)
    inputs = [["the", "dog"], ["Keeps"], ["\u4e2d", "\U0001f600", "a b"]]
    for ours, theirs in zip(
        baseline.probabilities(inputs), again.probabilities(inputs), strict=True
    ):
        assert ours.dtype == np.float32 and ours.shape[1] == 3
        np.testing.assert_array_equal(ours, theirs)
    assert again.title == baseline.title
    assert baseline.probabilities([]) == []


def test_kinds_of_baselines_differ() -> None:
    assert len({baseline.kind for baseline in all_baselines()}) == 4


def test_tokens_of_any_characters_are_kept() -> None:
    tokens = ["", "a", "\u4e2d\n", "\ud800", "a\0b", "a\0"]
    rows = coded([([token], [place % 3]) for place, token in enumerate(tokens)])
    codes = [place % 3 for place in range(len(tokens))]
    assert reloaded(MostFrequentTag.fit(rows, 3)).codes(tokens).tolist() == codes
    assert list(reloaded(WindowLogistic.fit(rows, 3)).letters) == sorted(tokens)


def test_a_missing_crfsuite_is_told_with_its_mend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pycrfsuite", None)
    with pytest.raises(Exception, match=r"pip install 'seqkit\[crf\]'"):
        CrfSuite.fit(coded(TRAIN), 3)


def test_taggers_are_kept_alive_with_their_bytes(tmp_path: Path) -> None:
    """CRFsuite reads from memory that it does not own."""
    inputs = [tokens for tokens, _ in letters(20)]
    crf = CrfSuite.fit([(t, np.minimum(c, 1)) for t, c in letters(40)], 2)
    wanted = [crf.codes(tokens).tolist() for tokens in inputs]
    for _ in range(5):
        other = reloaded(crf)
        junk = [bytes(len(crf.model)) for _ in range(50)]
        assert [other.codes(tokens).tolist() for tokens in inputs] == wanted
        del junk
