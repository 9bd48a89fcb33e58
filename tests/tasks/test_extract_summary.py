"""extract_summary from texts to an export: the sentences that are picked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from cases.extract_summary import texts_of

from seqkit.layers.extracts import SentenceLines, SentencePicker, SentenceTokens
from seqkit.layers.text import TextEncoder
from seqkit.models.extractor import MissedMerit
from seqkit.models.specs import ExtractorModel
from seqkit.runs.run import Run
from seqkit.tasks.answers.extracts import Extracts
from seqkit.tasks.baselines.pairs import sentences

TEXTS = (
    "It rains. Does it? Yes",
    'He said "No!" Then he left (it was late.) The end',
    "One.Two. 3.5 mm;\u00a0no\u2026 more",
    "\u5929\u6c14\u597d\u3002\u662f\u5417\uff1f \u662f",
    "Rain, i.e. water.\n\n  It falls. \n",
    "\t A sentence?!  \u2003 Another.\x85Third",
    "no mark at all",
    "",
    " \n ",
)


def cut(texts: list[str], most: int = 50, titled: bool = False) -> list[list[str]]:
    rows = SentenceLines(most, titled)(tf.constant(texts)).numpy()
    return [[one.decode() for one in row if one] for row in rows]


def test_sentences_are_cut_in_the_graph_as_the_baselines_cut_them() -> None:
    assert cut(list(TEXTS)) == [sentences(text) for text in TEXTS]
    assert [len(sentences(text)) for text in TEXTS] == [3, 3, 3, 3, 2, 3, 1, 0, 0]


def test_a_title_is_a_line_of_its_own_and_a_list_beside_it_is_not_cut() -> None:
    text, listed = "Title\nOne. Two.", "Title\nOne, i.e. 1.\nTwo."
    assert cut([text, listed], titled=True) == [
        ["Title", "One.", "Two."],
        ["Title", "One, i.e. 1.", "Two."],
    ]
    assert cut([text], most=2, titled=True) == [["Title", "One."]]


def test_ids_of_sentences_are_those_of_texts_and_an_empty_text_has_one() -> None:
    encoder = TextEncoder(["", "[UNK]", "rain", "falls"], 3)
    texts = tf.constant(["Rain falls. Rain rain rain rain!", ""])
    ids = SentenceTokens(encoder)(SentenceLines(9)(texts)).numpy()
    assert ids.tolist() == [[[2, 3, 0], [2, 2, 2]], [[1, 0, 0], [0, 0, 0]]]


def test_picked_are_the_likeliest_in_the_order_of_the_text_and_the_first_of_ties() -> (
    None
):
    parts = {
        "probabilities": tf.constant([[0.2, 0.3, 0.5], [0.5, 0.5, 0.0], [1, 0, 0]]),
        "sentences": tf.constant([["a", "b", "c"], ["d", "e", ""], ["", "", ""]]),
    }
    one, two = (SentencePicker(count)(parts) for count in (1, 2))
    assert one["output"].numpy().tolist() == [b"c", b"d", b""]
    assert two["output"].numpy().tolist() == [b"b c", b"d e", b""]
    np.testing.assert_allclose(one["score"], [0.5, 0.5, 1])
    np.testing.assert_allclose(two["score"], [0.8, 1, 1])


def test_loss_is_what_a_drawn_sentence_misses_whatever_stands_at_padding() -> None:
    merits = tf.constant([[0.4, 0.8], [0.5, 0.0]])
    shares = tf.constant([[0.25, 0.75], [1.0, 0.0]])
    weights = tf.constant([[1.3, 1.3], [1.3, 0.0]])
    expected = 1 - ((0.25 * 0.4 + 0.75 * 0.8) + 0.5) / 2
    assert float(MissedMerit()(merits, shares, weights)) == pytest.approx(expected)
    # The same for every sentence: live ones are drawn alike.
    alike = float(MissedMerit()(merits, tf.ones((2, 2, 1)), weights))
    assert alike == pytest.approx(1 - (0.6 + 0.5) / 2)


def test_targets_are_rouge_of_each_sentence_and_its_nearest_reference() -> None:
    answer = Extracts(9, titled=False)
    inputs = ["The cat sat. A dog ran far.", ""]
    _, targets = answer.learnt(inputs, [["the cat", "a dog ran"], "nothing"])
    assert targets.lengths.tolist() == [2, 1]
    # Two of 3 and 2 words are shared, then three of 4 and 3; an empty text has none.
    np.testing.assert_allclose(targets.steps, [4 / 5, 6 / 7, 0], rtol=1e-6)


def test_a_reader_both_ways_needs_an_even_width() -> None:
    with pytest.raises(ValueError, match="sentence_units must be even, got 5. Add 1."):
        ExtractorModel(sentence_encoder="lstm", sentence_units=5)


@pytest.fixture(scope="module")
def run(copy_of: Callable[[str], Run]) -> Run:
    return copy_of("extract_summary")


def test_a_run_learns_which_sentence_says_it(run: Run) -> None:
    answers = run.predict(["It is known. We show a caf\u00e9. Many are old.", ""])
    assert list(answers.columns) == ["output", "score"]
    assert answers["output"].tolist() == ["We show a caf\u00e9.", ""]
    assert answers["score"][0] > 0.8
    rows = texts_of("Song song tune band bad")[:30]
    report = run.evaluate(rows)
    best = [
        max(one.split(". "), key=lambda s: s.startswith("We")) for one in rows.input
    ]
    picked = run.predict(list(rows["input"]))["output"]
    assert [one.rstrip(".") for one in picked] == [one.rstrip(".") for one in best]
    lead = report.baselines["first sentence"]["rouge1"]
    assert report.metrics["rouge1"][0] > lead[0]


def test_more_sentences_are_given_without_training_again(run: Run) -> None:
    text = "It is known. We show a film. Many are old."
    two = run.decoded(sentences=2).predict([text])["output"][0]
    assert "We show a film." in two and two.count(".") == 2
    assert run.decoded(sentences=9).predict([text])["output"][0] == text


def test_lists_of_sentences_are_lines(run: Run) -> None:
    frame = pd.DataFrame({"input": [["It is, e.g. known.", "We show a film."]]})
    assert run.predict(frame)["output"].tolist() == ["We show a film."]
