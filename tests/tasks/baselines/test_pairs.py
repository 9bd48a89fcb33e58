"""Baselines of pairs of texts by hand and by brute force, kept as plain arrays."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from seqkit.data.pairs.spec import PairData
from seqkit.data.sources.base import open_source
from seqkit.registry import BASELINES
from seqkit.tasks.base import Baseline, Examples, load_baselines, save_baselines
from seqkit.tasks.baselines import pairs
from seqkit.tasks.baselines.pairs import Copy, Dateutil, Lead, Title, training_pairs
from seqkit.tasks.baselines.pairs_lexicon import Lexicon
from seqkit.tasks.baselines.pairs_nearest import NearestSource

TRAIN = [
    ("der Hund schl\u00e4ft", "the dog sleeps"),
    ("der Mann lacht", "the man laughs"),
    ("der Hund lacht", "the dog laughs"),
    ("ein Mann schl\u00e4ft.", ["a man sleeps.", "some man is asleep."]),
]


def examples(rows: Any = TRAIN) -> list[Examples]:
    half = len(rows) // 2
    return [
        Examples([one for one, _ in some], [other for _, other in some])
        for some in (rows[:half], rows[half:])
    ]


def reloaded(baseline: Baseline) -> Any:
    """The baseline after a way through a file, without pickle."""
    file = io.BytesIO()
    np.savez_compressed(file, **baseline.arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return BASELINES.get(baseline.kind).from_arrays(dict(arrays))


def outputs(baseline: Baseline, *inputs: str) -> list[str]:
    """What it answers, which is the same after it was saved and loaded."""
    answers = baseline.outputs(list(inputs))
    again = reloaded(baseline)
    assert again.outputs(list(inputs)) == answers and again.title == baseline.title
    assert list(answers) == ["output"]
    return list(answers["output"])


def test_copy_answers_the_input() -> None:
    assert outputs(Copy(), "a b", "") == ["a b", ""]


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("It rains. Does it?", "It rains."),
        ("One\nTwo. Three", "One"),
        ('He said "No." Then left.', 'He said "No."'),
        ("\u4e0b\u96e8\u3002\u662f\u5417\uff1f", "\u4e0b\u96e8\u3002"),
        ("Costs 3.50 now", "Costs 3.50 now"),
        ("\n  \n So.", "So."),
        (" ", ""),
    ],
)
def test_lead_is_the_first_sentence(text: str, lead: str) -> None:
    assert outputs(Lead(), text) == [lead]
    assert outputs(Lead(titled=True), f"A title. Of two\n{text}") == [lead]
    assert outputs(Title(), f"A title. Of two\n{text}") == ["A title. Of two"]


def test_dateutil_reads_dates_either_way_and_never_looks_at_today() -> None:
    day, month = Dateutil(day_first=True), Dateutil(day_first=False)
    texts = ["2/7/99", "de: 02.07.1999", "7 February 1949", "Feb 7, 49", "13/2/50"]
    assert outputs(day, *texts) == [
        "1999-07-02", "1999-07-02", "1949-02-07", "2049-02-07", "1950-02-13",
    ]  # fmt: skip
    assert outputs(month, *texts)[:2] == ["1999-02-07", "1999-02-07"]
    assert outputs(month, "10 Mai 2001", "", "7. helmikuuta", "99" * 40) == [""] * 4
    assert outputs(day, "May 2001") == ["2001-05-01"]


def test_dateutil_applies_where_every_output_is_a_date() -> None:
    rows = [("1/2/99", "1999-02-01"), ("3.3.2000", ["2000-03-03"])]
    assert Dateutil.applies(examples(rows))
    assert not Dateutil.applies(examples([*rows, ("x", "2023-02-29")]))
    assert not Dateutil.applies([])


def test_lexicon_puts_the_word_that_mostly_stands_beside() -> None:
    lexicon = Lexicon.fit(examples())
    assert outputs(lexicon, "der Mann schl\u00e4ft.") == ["the man sleeps."]
    # In lower case, else as it is.
    assert outputs(lexicon, "Der Hund , Anna !") == ["the dog, Anna!"]
    assert outputs(lexicon, "", "  ") == ["", ""]


def test_lexicon_takes_the_highest_dice_coefficient() -> None:
    random = np.random.default_rng(0)
    rows = [
        tuple(
            " ".join(random.choice(list(letters), 6))
            for letters in ("abcdef", "uvwxyz")
        )
        for _ in range(40)
    ]
    sides = [[set(row[side].split()) for row in rows] for side in (0, 1)]
    counts = [Counter(word for words in side for word in words) for side in sides]
    expected = {}
    for word in counts[0]:
        dice = {}
        for other in counts[1]:
            both = sum(word in a and other in b for a, b in zip(*sides, strict=True))
            dice[other] = 2 * both / (counts[0][word] + counts[1][other])
        expected[word] = min(dice, key=lambda w: (-dice[w], -counts[1][w], w))
    assert Lexicon.fit(examples(rows)).table == expected


def test_lexicon_by_letter_keeps_spaces_and_joins_without_any() -> None:
    rows = [("ab c", "AB C"), ("bc", "BC"), ("c", "C"), ("a", "A"), ("b", "B")]
    lexicon = Lexicon.fit(examples(rows), "character")
    assert outputs(lexicon, "cab b", "d") == ["CAB B", "d"]


def test_nearest_input_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    words = [f"w{number}" for number in range(30)]
    texts = [" ".join(random.choice(words, 5)) for _ in range(60)]
    rows = [(text, f"out {row}") for row, text in enumerate(texts[:40])]
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    known = vectorizer.fit_transform(texts[:40])
    best = (vectorizer.transform(texts) @ known.T).toarray().argmax(axis=1)
    found = outputs(NearestSource.fit(examples(rows)), *texts)
    assert found == [f"out {row}" for row in best]


def test_nearest_input_may_be_compared_by_letters() -> None:
    rows = [("02.07.1999", "a"), ("7 May 2001", "b"), ("1999", "c")]
    nearest = NearestSource.fit(examples(rows), "character")
    assert outputs(nearest, "2 May 2001", "02.07.99", "") == ["b", "a", "a"]


def test_ties_and_empty_texts_take_the_first_row() -> None:
    rows = [("a b", "first"), ("a b", "second"), ("c d", "third")]
    assert outputs(NearestSource.fit(examples(rows)), "a b", "x", "") == ["first"] * 3
    assert outputs(NearestSource.fit(examples([("", "x"), ("", "y")])), "a") == ["x"]
    assert Lexicon.fit(examples([("", "x"), ("", "y")])).table == {}


def test_training_rows_are_thinned_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "MOST_PAIRS", 10)
    rows = [(str(row), str(-row)) for row in range(75)]
    inputs, texts, seen = training_pairs(examples(rows))
    assert inputs == [str(row) for row in range(0, 75, 8)] and seen == 75
    assert texts == [str(-row) for row in range(0, 75, 8)]
    assert Lexicon.fit(examples(rows)).title.endswith("(on 10 of 75 rows)")
    assert outputs(NearestSource.fit(examples(rows)), "16") == ["-16"]
    monkeypatch.setattr(pairs, "MOST_LETTERS", 20)
    assert len(training_pairs(examples(rows))[0]) < 10


def test_all_of_them_are_kept_in_a_runs_folder(tmp_path: Path) -> None:
    fitted = [
        Copy(), Title(), Lead(True), Dateutil(True), Lexicon.fit(examples()),
        NearestSource.fit(examples()),
    ]  # fmt: skip
    save_baselines(fitted, tmp_path)
    loaded = load_baselines(tmp_path, lambda arrays: [])
    assert [one.title for one in loaded] == [one.title for one in fitted]
    inputs = ["der Hund\nlacht. So", "7 May 2001"]
    for one, other in zip(fitted, loaded, strict=True):
        assert one.outputs(inputs) == other.outputs(inputs)


@pytest.mark.data
def test_lexicon_is_a_strong_rival_on_multi30k(data_folder: Path) -> None:
    import sacrebleu

    folder = data_folder / "multi30k"
    address = f"parallel:{folder}/*.de.gz,{folder}/*.en.gz"
    source = open_source(PairData(source=address))

    def part(name: str) -> list[Examples]:
        frames = source.chunks(name, ["input", "output"])
        return [Examples(f["input"].tolist(), f["output"].tolist()) for f in frames]

    lexicon = Lexicon.fit(part("train"))
    inputs = [text for chunk in part("test") for text in chunk.inputs]
    truth = [text for chunk in part("test") for text in chunk.truth]
    answers = lexicon.outputs(inputs)["output"]
    assert sacrebleu.corpus_bleu(answers, [truth], lowercase=True).score > 22.0
    copied = sacrebleu.corpus_bleu(inputs, [truth], lowercase=True).score
    assert copied < 1
