"""Runs of tasks that write: what they refuse, and what their exports answer besides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import seqkit
from seqkit.data.text.tokenizer import Tokenizer
from seqkit.errors import DataError, UsageError
from seqkit.tasks.answers.sequences import Symbols

TEXTS = ["48", "1147", ""]


@pytest.fixture(scope="module")
def run(run_of: Callable[[str], Any]) -> Any:
    return seqkit.load(run_of("transduce").path)


@pytest.fixture(scope="module")
def served(run: Any) -> dict[str, Any]:
    """The models that an export holds beside the usual one."""
    serving = run.preprocessing.serving(run.model, run.recipe.decode)
    models: dict[str, Any] = run.preprocessing.beside(
        serving, run.model, run.recipe.decode
    )
    return models


def test_score_takes_an_output_for_each_input(run: Any) -> None:
    with pytest.raises(UsageError, match="got 1 inputs and 2 outputs"):
        run.score(["1"], ["1", "2"])
    with pytest.raises(DataError, match="must be a text"):
        run.score(["1"], [1])
    with pytest.raises(UsageError, match="Give two lists of one length"):
        run.score([], [])


def test_attention_is_drawn_of_some_input(run: Any) -> None:
    with pytest.raises(UsageError, match="nothing to draw"):
        run.attention([])


def test_a_run_asked_otherwise_looks_where_it_wrote_then(run: Any) -> None:
    (before,) = run._aligned(TEXTS[:1])
    written = run.decoded(method="sample", seed=5).predict(TEXTS[:1])["output"]
    (_, _, output) = next(
        iter(run.decoded(method="sample", seed=5)._aligned(TEXTS[:1]))
    )
    assert "".join(output) == written[0] != "".join(before[2])


def test_score_of_what_is_written_is_the_score_that_it_was_written_with(
    run: Any,
) -> None:
    written = run.decoded(method="greedy").predict(TEXTS)
    # What is cut at the longest output has no end, which score would count.
    whole = written["output"].str.len() < run.recipe.data.max_output - 1
    judged = run.score(TEXTS, written["output"].tolist())
    assert whole.any()
    np.testing.assert_allclose(
        judged["log_probability"][whole], written["score"][whole], atol=1e-4
    )


def test_beams_differ_and_do_not_depend_on_their_batch(run: Any) -> None:
    beam = run.decoded(method="beam", beam=4, n_best=4)
    together, alone = beam.predict(TEXTS), beam.predict(TEXTS[1:2])
    own = together[together["row"] == 2]
    assert own["output"].tolist() == alone["output"].tolist()
    np.testing.assert_allclose(own["score"], alone["score"], atol=1e-5)
    assert own["output"].nunique() == 4
    assert own["score"].is_monotonic_decreasing


def test_ended_beams_collect_no_more_probability(run: Any) -> None:
    beam = run.decoded(method="beam", beam=4, n_best=4, length_penalty=1.0)
    written = beam.predict(TEXTS)
    outputs = written["output"]
    ended = outputs.str.len() < run.recipe.data.max_output - 1
    sources = [TEXTS[row - 1] for row in written["row"]]
    judged = run.score(sources, outputs.tolist())
    nats = written["score"] * (5 + judged["tokens"]) / 6
    assert ended.any() and outputs[ended].str.len().nunique() > 1
    np.testing.assert_allclose(nats[ended], judged["log_probability"][ended], atol=1e-3)


def test_served_models_answer_as_the_run(run: Any, served: dict[str, Any]) -> None:
    import tensorflow as tf

    text = tf.constant(TEXTS)
    beam = run.recipe.decode.beam
    best = run.decoded(method="beam", n_best=beam).predict(TEXTS)
    outputs = served["n_best"]({"text": text})["outputs"].numpy()
    assert [one.decode() for one in outputs.ravel()] == best["output"].tolist()

    given = tf.constant(["84", "7", ""])
    judged = served["score"]({"text": text, "output": given})
    expected = run.score(TEXTS, ["84", "7", ""])
    np.testing.assert_allclose(
        judged["log_probability"], expected["log_probability"], rtol=1e-5
    )
    keys = {
        "seed": tf.constant([3, 3, 3], tf.int64),
        "temperature": tf.ones(3),
        "top_k": tf.zeros(3, tf.int32),
        "top_p": tf.ones(3),
    }
    drawn = served["sample"]({"text": text, **keys})["output"].numpy()
    sampled = run.decoded(method="sample", seed=3).predict(TEXTS)
    assert [one.decode() for one in drawn] == sampled["output"].tolist()

    looked = served["attention"]({"text": text})
    steps = np.count_nonzero(looked["output_tokens"].numpy() != b"", axis=1)
    weights = looked["weights"].numpy().sum(axis=2)
    for row, count in enumerate(steps):
        np.testing.assert_allclose(weights[row, :count], 1, rtol=1e-5)


def test_outputs_that_are_cut_are_counted_once() -> None:
    answer = Symbols(Tokenizer.fit([["abc"]], 20, "character", ends=True), 3)
    truth = ["abc", "ab", ""]
    fed, targets = answer.learnt(truth, truth)
    assert targets.lengths.tolist() == fed["previous"].lengths.tolist() == [3, 3, 1]
    (note,) = answer.notes()
    assert note.startswith("1 of 3 outputs (33%) are longer than 2 tokens")
