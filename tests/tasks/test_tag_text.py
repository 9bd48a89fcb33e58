"""tag_text from rows to an export: a tag for every token."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from cases.tag_text import CASE, tiny_sentences
from seqeval.metrics.v1 import precision_recall_fscore_support
from seqeval.scheme import IOB2

import seqkit
from seqkit.data.sources.frame import FrameSource
from seqkit.data.tokens.places import cut_texts, placed
from seqkit.data.tokens.schemes import spans
from seqkit.errors import DataError, MissingVerbError, UsageError
from seqkit.recipe.recipe import load_recipe
from seqkit.runs.run import Run
from seqkit.runs.tagger import TaggerRun
from seqkit.tasks.tag_text import TagText

TEXTS = [
    "Austin lies on a river.",
    ["We", "flew", "to", "Ford", "Bay", "."],
    "Na\u00efve \U0001f600 Austin & Ford fell, didn't it?",
]


@pytest.fixture(scope="module")
def run(copy_of: Callable[[str], Run]) -> TaggerRun:
    loaded = seqkit.load(copy_of("tag_text").path)
    assert isinstance(loaded, TaggerRun)
    return loaded


@pytest.fixture(scope="module")
def held_out() -> pd.DataFrame:
    """Sentences that training did not see."""
    return tiny_sentences(80, "test")


def tags_of(run: Run, sentences: list[Any]) -> list[list[str]]:
    answers = run.predict(sentences)
    return [rows["tag"].tolist() for _, rows in answers.groupby("sentence", sort=False)]


# What a run answers


def test_spans_score_as_seqeval_counts_them(
    run: TaggerRun, held_out: pd.DataFrame
) -> None:
    report = run.evaluate(held_out)
    answered = tags_of(run, held_out["tokens"].tolist())
    precision, recall, f1, _ = precision_recall_fscore_support(
        held_out["tags"].tolist(), answered, average="micro", scheme=IOB2
    )
    assert report.rows == len(held_out)
    wanted = {"f1": f1, "precision": precision, "recall": recall}
    for metric, value in wanted.items():
        mine, low, high = report.metrics[metric]
        assert mine == pytest.approx(value) and low <= mine <= high
    right = np.concatenate(answered) == np.concatenate(held_out["tags"].tolist())
    assert report.metrics["accuracy"][0] == pytest.approx(right.mean())
    assert "most frequent tag of each word" in report.baselines
    assert report.types["type"].tolist() == ["firm", "person", "place"]
    assert (run.path / "confusion_matrix.png").is_file()


def test_rows_to_score_need_no_column_of_groups(
    run: TaggerRun, held_out: pd.DataFrame
) -> None:
    data = run.recipe.data.model_copy(update={"groups": "document"})
    source = FrameSource(held_out[["tokens", "tags"]])
    (rows,) = TagText().labelled(data, run.recipe.model, run.preprocessing, source)
    assert rows.inputs == held_out["tokens"].tolist()


def test_tokens_are_answered_alone_as_among_longer_sentences(run: TaggerRun) -> None:
    sentences = run.task.raw_inputs(TEXTS, run.preprocessing)
    together = run.outputs(sentences)
    for row, sentence in enumerate(sentences):
        alone = run.outputs([sentence])
        assert alone["tags"][0].tolist() == together["tags"][row].tolist()
        np.testing.assert_allclose(
            alone["probabilities"][0], together["probabilities"][row], atol=1e-6
        )
        assert together["tags"][row].shape == (len(sentence),)


def test_answers_are_legal_paths(run: TaggerRun, held_out: pd.DataFrame) -> None:
    scheme = run.preprocessing.answer.scheme
    assert scheme == "iob2"
    for tags in tags_of(run, held_out["tokens"].tolist()):
        inside = [place for place, tag in enumerate(tags) if tag.startswith("I-")]
        assert all(place and tags[place - 1][2:] == tags[place][2:] for place in inside)


def test_prediction_has_a_row_a_token(run: TaggerRun) -> None:
    answers = run.predict(TEXTS)
    assert list(answers.columns) == ["sentence", "token", "tag", "probability"]
    assert answers["sentence"].value_counts(sort=False).tolist() == [6, 6, 10]
    assert answers["token"][6:12].tolist() == TEXTS[1]
    assert answers["probability"].between(0, 1).all()


def test_long_sentences_are_read_in_pieces_and_answered_whole(run: TaggerRun) -> None:
    spec = run.recipe.data.model_copy(update={"max_timesteps": 5, "overlap": 0.4})
    inputs = type(run.preprocessing.inputs)(run.preprocessing.inputs.vocabulary, spec)
    sentence, tags = [str(place) for place in range(11)], [np.arange(11)]
    pieces, truth, weights = inputs.cut([sentence], tags)
    assert max(map(len, pieces)) == 5 and weights is not None
    kept = zip(pieces, truth, weights, strict=True)
    counted = [
        (token, int(code))
        for piece, codes, each in kept
        for token, code, weight in zip(piece, codes, each, strict=True)
        if weight
    ]
    assert counted == [(str(place), place) for place in range(11)]
    whole = run.outputs([["so"] * 1000])
    assert whole["tags"][0].shape == (1000,)


# Spans in plain text


def test_entities_stand_where_they_say(run: TaggerRun) -> None:
    found = run.entities(TEXTS)
    assert list(found.columns) == ["row", "text", "label", "start", "end", "score"]
    assert len(found)
    tags = tags_of(run, TEXTS)
    counts = [len(spans(one, "iob2")) for one in tags]
    assert [int((found["row"] == row).sum()) for row in range(3)] == counts
    assert found["score"].between(0, 1).all()
    for one in found.itertuples():
        given = TEXTS[one.row]
        text = given if isinstance(given, str) else " ".join(given)
        assert text[one.start : one.end] == one.text
    assert len(run.entities(["it rained ."])) in (0, 1)


def test_texts_are_cut_by_one_rule_and_lists_are_not() -> None:
    assert cut_texts(["Don't pay 3,000.50!", "  "]) == [
        ["Don't", "pay", "3,000.50", "!"],
        [],
    ]
    tokens = [["\U0001f600", "ab", ",", "c"], ["ab", "c d"]]
    first, second = placed(["\U0001f600 ab,c", tokens[1]], tokens)
    assert (first.starts, first.ends) == ([0, 2, 4, 5], [1, 4, 5, 6])
    assert second == ("ab c d", ["ab", "c d"], [0, 3], [2, 6])
    (letters,) = placed(["a b"], [["a", " ", "b"]])
    assert (letters.starts, letters.ends) == ([0, 1, 2], [1, 2, 3])


def test_sentences_are_shown_with_their_spans(run: TaggerRun) -> None:
    page = run.show(["<b>Austin</b> lies on a river."])
    assert page._repr_html_() == page
    assert "&lt;" in page and "<b>Austin" not in page
    label = run.entities(["<b>Austin</b> lies on a river."])["label"]
    assert all(f">{one}</b>" in page for one in label)


@pytest.mark.parametrize(
    ("texts", "words"),
    [("Austin", "list of sentences"), ([], "list of sentences"), (3, "list of sen")],
)
def test_verbs_take_lists(run: TaggerRun, texts: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        run.entities(texts)


def test_other_runs_have_no_entities(copy_of: Callable[[str], Run]) -> None:
    with pytest.raises(MissingVerbError, match="by seqkit.load"):
        Run(copy_of("tag_text").path).entities(["a"])


# Inputs that are wrong


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ([""], "Sentence 1 has no token"),
        (["fine", []], "Sentence 2 has no token"),
        ([["a", ""]], "Sentence 1 has a blank token in column 'tokens', token 2"),
        ([3], "Sentence 1 holds 3 .* where a list of tokens"),
        ([["a", ["b"]]], "holds the list"),
    ],
)
def test_wrong_sentences_are_told(run: TaggerRun, inputs: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        run.predict(inputs)


def test_tags_that_training_lacks_are_told(run: TaggerRun) -> None:
    frame = pd.DataFrame({"tokens": [["a", "b"]], "tags": [["O", "B-river"]]})
    with pytest.raises(DataError, match="'B-river', token 2, which the training data"):
        run.evaluate(frame)


def test_rows_with_too_few_tags_are_told(run: TaggerRun) -> None:
    frame = pd.DataFrame({"tokens": [["a", "b"]], "tags": [["O"]]})
    with pytest.raises(DataError, match="2 tokens in column 'tokens', but 1 tags"):
        run.evaluate(frame)


def test_letters_have_neither_letters_nor_casing() -> None:
    with pytest.raises(UsageError, match="the tokens are letters"):
        load_recipe(CASE.recipe, {"data.level": "character"})
    changes = {"model.characters": "none", "model.casing": False}
    recipe = load_recipe(CASE.recipe, {"data.level": "character"} | changes)
    signature = TagText().declared(recipe.data)
    network = TagText().network(recipe.model, signature, "letters")
    assert network.input.name == "words"


# Exports


# The contracts load one where neither Keras nor seqkit is.
@pytest.mark.usefixtures("unverified")
def test_saved_model_answers_text_as_the_run_does(
    run: TaggerRun, tmp_path: Path
) -> None:
    run.export(tmp_path / "tagger")
    texts = [text for text in TEXTS if isinstance(text, str)]
    signatures = tf.saved_model.load(tmp_path / "tagger").signatures
    tokens = signatures["text"](text=tf.constant(texts))
    again = signatures["serving_default"](tokens=tokens["token"])
    for name in again:
        tf.debugging.assert_equal(again[name], tokens[name])
    plain = {name: values.numpy().tolist() for name, values in tokens.items()}
    assert sorted(plain) == ["end", "probability", "start", "tag", "token"]
    found = []
    for row, text in enumerate(texts):
        columns = (plain[name][row] for name in ("token", "tag", "start", "end"))
        for token, tag, start, end in zip(*columns, strict=True):
            assert text[start:end] == token.decode()
            if token:
                found.append((row + 1, token.decode(), tag.decode()))
    answers = run.predict(texts)
    columns = (answers[name] for name in ("sentence", "token", "tag"))
    assert found == list(zip(*columns, strict=True))
    assert "signature `text`" in (tmp_path / "tagger" / "README.md").read_text("utf-8")


def test_sentences_are_counted_on_over_the_chunks_of_a_source(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = iter([[["Ana", "."], ["x"]], [["y"]]])
    monkeypatch.setattr(type(run), "_input_chunks", lambda self, inputs: chunks)
    assert run.predict([["any"]])["sentence"].tolist() == [1, 1, 2, 3]
