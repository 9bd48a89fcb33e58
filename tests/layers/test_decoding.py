"""Every way of decoding against plain Python, and beams against all answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from plain_decoding import Answer, Plain, Toy, drawn, score

from seqkit.errors import UsageError
from seqkit.layers.decoding import Decoded, Decoder, beam, greedy, sample
from seqkit.layers.decoding.repeats import without_repeats

SEEDS = range(2)


def decoder(toy: Toy, max_length: int, block: int = 0) -> Decoder:
    return Decoder(toy.step, toy.end, max_length, block, pad=-1)


def answers(toy: Toy, decoded: Decoded) -> Any:
    """Each row's answer, whether it has ended told from what it was worth."""
    found = []
    for row in range(toy.rows):
        length = int(decoded.lengths[row])
        tokens = tuple(int(token) for token in decoded.tokens[row, :length])
        assert (decoded.tokens.numpy()[row, length:] == -1).all()
        found.append((tokens, length < decoded.tokens.shape[1]))
        worth = toy.log_probability(row, found[-1])
        assert float(decoded.log_probability[row]) == pytest.approx(worth, abs=1e-4)
    return found


def beams(toy: Toy, decoded: Decoded, alpha: float) -> list[list[Answer]]:
    """Each row's answers; their sums and scores are those of the model."""
    places = [
        Decoded(*(part[:, place] for part in decoded))
        for place in range(decoded.lengths.shape[1])
    ]
    by_place = [answers(toy, place) for place in places]
    for place, row in np.ndindex(len(places), toy.rows):
        worth = toy.log_probability(row, by_place[place][row])
        truth = score(by_place[place][row], worth, alpha)
        assert float(places[place].score[row]) == pytest.approx(truth, abs=1e-4)
    return [list(row) for row in zip(*by_place, strict=True)]


@pytest.mark.parametrize(("max_length", "block"), [(1, 0), (7, 0), (7, 1), (7, 2)])
def test_greedy_takes_the_likeliest_token_each_time(
    max_length: int, block: int
) -> None:
    for seed in SEEDS:
        toy = Toy(seed, words=5, rows=3, end=seed % 5)
        decoded = greedy(decoder(toy, max_length, block), **toy.tensors())
        plain = Plain(toy, max_length, block)
        truth = [plain.path(row, lambda p, _: int(p.argmax())) for row in range(3)]
        assert answers(toy, decoded) == truth


@pytest.mark.parametrize(
    ("width", "n_best", "max_length", "block", "alpha"),
    [
        (1, 1, 6, 0, 0.8),
        (3, 2, 1, 0, 0),
        (2, 1, 7, 0, 0.8),
        (4, 4, 6, 0, 0),
        (4, 4, 6, 0, 0.8),
        (3, 1, 7, 2, 0),
        (7, 3, 4, 1, 0.8),
    ],
)
def test_beams_are_those_of_a_plain_search(
    width: int, n_best: int, max_length: int, block: int, alpha: float
) -> None:
    for seed in SEEDS:
        toy = Toy(seed, words=5, rows=2, end=seed % 5, sharp=1 + seed % 3)
        decoded = beam(
            decoder(toy, max_length, block),
            **toy.tensors(),
            width=width,
            n_best=n_best,
            alpha=alpha,
        )
        plain = Plain(toy, max_length, block)
        truth = [plain.beam(row, width, n_best, alpha) for row in range(2)]
        expected = [[answer for answer, _ in row] for row in truth]
        assert beams(toy, decoded, alpha) == expected


@pytest.mark.parametrize(
    ("words", "max_length", "alpha"),
    [(3, 3, 0.8), (3, 3, 0), (4, 2, 0.8), (2, 5, 0), (3, 1, 0.8)],
)
def test_a_beam_that_holds_all_answers_finds_the_best_of_all(
    words: int, max_length: int, alpha: float
) -> None:
    for seed in SEEDS:
        toy = Toy(seed, words, rows=2, end=seed % words, sharp=0.5)
        every = list(Plain(toy, max_length).all_answers())
        width, n_best = words**max_length, min(len(every), words**max_length)
        decoded = beam(
            decoder(toy, max_length),
            **toy.tensors(),
            width=width,
            n_best=n_best,
            alpha=alpha,
        )
        for row, own in enumerate(beams(toy, decoded, alpha)):
            worth = {one: toy.log_probability(row, one) for one in every}
            ranked = sorted(every, key=lambda one: -score(one, worth[one], alpha))
            assert own == ranked[:n_best]
            assert len(set(own)) == n_best, "no answer stands twice in a beam"


def test_a_beam_wider_than_the_answers_gives_minus_infinity_for_the_rest() -> None:
    toy = Toy(0, words=3, rows=2, end=1)
    decoded = beam(decoder(toy, 1), **toy.tensors(), width=5, n_best=5)
    is_answer = np.isfinite(decoded.score)
    assert is_answer.tolist() == [[True] * 3 + [False] * 2] * 2
    assert not np.isnan(decoded.score).any()


def fixed(*logits: float) -> Any:
    """A step that gives the same logits each time, and counts how often it is asked."""
    calls = []

    def step(state: Any, token: Any) -> Any:
        calls.append(1)
        return state, tf.repeat(tf.constant([logits]), tf.shape(token)[0], axis=0)

    return step, calls


def test_of_equals_the_lower_token_comes_first() -> None:
    step, _ = fixed(0, 0, 0, 0)
    one = {"state": {}, "begin": tf.zeros([1], tf.int32)}
    assert greedy(Decoder(step, 3, 2), **one).tokens.numpy().tolist() == [[0, 0]]
    decoded = beam(Decoder(step, 3, 2), **one, width=4, n_best=4, alpha=0)
    # The end is likelier than any two tokens, and the rest go by their numbers.
    assert decoded.tokens.numpy().tolist() == [[[0, 0], [0, 0], [0, 1], [0, 2]]]
    assert decoded.lengths.numpy().tolist() == [[0, 2, 2, 2]]


def test_an_open_answer_that_may_draw_level_is_gone_on_with() -> None:
    step, _ = fixed(0, float("-inf"), 0)
    one = {"state": {}, "begin": tf.zeros([1], tf.int32)}
    decoded = beam(Decoder(step, 2, 3), **one, width=2, alpha=0)
    assert decoded.lengths.numpy().tolist() == [[0]], "half, not an eighth or cut"


def test_a_row_is_searched_until_no_open_answer_can_win() -> None:
    step, calls = fixed(0, 0, 9)
    one = {"state": {}, "begin": tf.zeros([1], tf.int32)}
    beam(Decoder(step, 2, 50), **one, width=3, alpha=0)
    assert len(calls) == 1, "the end alone has nearly all probability"
    # With a penalty a long answer may win, though its probability is less: as long as
    # its sum, over the penalty of the longest, is more than the score of the end alone.
    step, calls = fixed(8, 0, 7)
    beam(Decoder(step, 2, 50), **one, width=2, alpha=1)
    log_p = np.array([8, 0, 7]) - np.log(np.exp([8, 0, 7]).sum())
    assert len(calls) == np.ceil(log_p[2] / (log_p[0] / (55 / 6))) == 39


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p", "block"),
    [(1, 0, 1, 2), (0.7, 3, 1, 0), (2, 0, 0.6, 2), (1, 4, 0.8, 0)],
)
def test_samples_are_those_of_a_plain_draw(
    temperature: float, top_k: int, top_p: float, block: int
) -> None:
    length, seeds = 6, np.arange(7, 11)
    settings = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    draws = [
        tf.random.stateless_uniform([length], [seed, 0], dtype=tf.float64, alg="philox")
        for seed in seeds
    ]
    for seed in SEEDS:
        toy = Toy(seed, words=6, rows=4, end=seed, sharp=1)
        found = sample(
            decoder(toy, length, block), **toy.tensors(), seeds=seeds, **settings
        )
        plain = Plain(toy, length, block)
        truth = [
            plain.path(row, drawn(draws[row].numpy(), **settings)) for row in range(4)
        ]
        assert answers(toy, found) == truth


def test_tokens_are_drawn_by_their_probabilities() -> None:
    p, rows = np.array([0.5, 0.1, 0.25, 0.15]), 2000
    ways = Decoder(fixed(*np.log(p))[0], end=4, max_length=1)

    @tf.function
    def tokens(temperature: Any, top_k: Any, top_p: Any) -> Any:
        begin, seeds = tf.zeros([rows], tf.int32), tf.range(rows)
        settings = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
        return sample(ways, {}, begin, seeds, **settings).tokens[:, 0]

    def shares(temperature: float = 1, top_k: Any = 0, top_p: float = 1) -> Any:
        each = tf.constant(np.broadcast_to(top_k, rows))
        found = tokens(tf.constant(temperature, float), each, tf.constant(top_p, float))
        return np.bincount(found, minlength=4) / rows

    two = [2 / 3, 0, 1 / 3, 0]
    expected = [
        (shares(), p),
        (shares(temperature=0.5), p**2 / (p**2).sum()),
        (shares(top_k=2), two),
        (shares(top_p=0.6), two),
        (shares(top_k=np.repeat([1, 0], rows // 2)), (np.array([1, 0, 0, 0]) + p) / 2),
    ]
    for share, truth in expected:
        np.testing.assert_allclose(share, truth, atol=0.04)
    assert shares(top_p=0).tolist() == shares(temperature=0).tolist() == [1, 0, 0, 0]


WAYS: dict[str, Any] = {
    "greedy": lambda toy, rows: greedy(decoder(toy, 7, 2), **toy.tensors(rows)),
    "beam": lambda toy, rows: beam(
        decoder(toy, 7, 2), **toy.tensors(rows), width=3, n_best=2
    ),
    "sample": lambda toy, rows: sample(
        decoder(toy, 7, 2), **toy.tensors(rows), seeds=np.arange(toy.rows)[rows]
    ),
    "sample, each row by its own keys": lambda toy, rows: sample(
        decoder(toy, 7, 2),
        **toy.tensors(rows),
        seeds=np.arange(toy.rows)[rows],
        top_k=np.array([0, 3, 0, 6, 2])[rows],
        top_p=np.array([1, 1, 1, 0.9, 0.8])[rows],
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_answers_do_not_depend_on_batch_mates(way: str) -> None:
    toy = Toy(1, words=6, rows=5, end=1, sharp=1)
    whole = WAYS[way](toy, slice(None))
    assert len(set(whole.lengths.numpy().ravel())) > 1, "some rows end before others"
    for rows in ([0], [4], [3, 1]):
        for part, other in zip(WAYS[way](toy, rows), whole, strict=True):
            np.testing.assert_allclose(part, other.numpy()[rows], atol=1e-6)


def test_what_is_never_written_keeps_its_probability() -> None:
    toy = Toy(3, words=5, rows=4, end=1)
    barred = replace(decoder(toy, 6), never=(0, 3))
    beams = beam(barred, **toy.tensors())
    assert np.isin(greedy(decoder(toy, 6), **toy.tensors()).tokens, [0, 3]).any()
    ways = {
        "greedy": greedy(barred, **toy.tensors()),
        "beam": Decoded(*(part[:, 0] for part in beams)),
        "sample": sample(barred, **toy.tensors(), seeds=np.arange(4)),
    }
    for way, decoded in ways.items():
        written = {token for tokens, _ in answers(toy, decoded) for token in tokens}
        assert written <= {2, 4}, way


@pytest.mark.parametrize("block", [1, 2, 3])
def test_no_run_is_written_twice(block: int) -> None:
    tokens = tf.constant([[3, 1, 3, 1, 9, 9], [2, 2, 2, 0, 9, 9]])
    blocked = np.isinf(without_repeats(tf.zeros([2, 4]), tokens, 4, block))
    truth = {
        1: [[0, 1, 0, 1], [1, 0, 1, 0]],
        2: [[0, 0, 0, 1], [0, 0, 0, 0]],
        3: [[0, 0, 0, 1], [0, 0, 0, 0]],
    }
    assert blocked.tolist() == np.array(truth[block], bool).tolist()


def test_a_saved_graph_decodes_batches_of_any_size(tmp_path: Path) -> None:
    toy = Toy(2, words=5, rows=3, end=1, sharp=1)
    numbers = tf.TensorSpec((None, 3))

    @tf.function(input_signature=[numbers, numbers, tf.TensorSpec((None,), tf.int64)])
    def answer(start: Any, memory: Any, seeds: Any) -> Any:
        begin = tf.zeros_like(seeds, tf.int32)
        state = {"h": start, "deep": {"count": begin}}
        given = (state, begin)
        fixed = {"constants": {"source": {"memory": memory}}}
        ways = decoder(toy, 6, 2)
        return {
            "greedy": greedy(ways, *given, **fixed)._asdict(),
            "beam": beam(ways, *given, **fixed, width=3, n_best=2)._asdict(),
            "sample": sample(ways, *given, seeds, **fixed)._asdict(),
        }

    module = tf.Module()
    module.answer = answer
    tf.saved_model.save(module, str(tmp_path))
    saved = tf.saved_model.load(str(tmp_path)).answer
    start, memory = np.float32(toy.start), np.float32(toy.memory)
    for rows in (3, 1, 0):
        found = saved(start[:rows], memory[:rows], np.arange(rows))
        assert found["beam"]["tokens"].shape == (rows, 2, 6)
        truth = {
            "greedy": greedy(decoder(toy, 6, 2), **toy.tensors(slice(rows))),
            "sample": sample(
                decoder(toy, 6, 2), **toy.tensors(slice(rows)), seeds=np.arange(rows)
            ),
            "beam": beam(
                decoder(toy, 6, 2), **toy.tensors(slice(rows)), width=3, n_best=2
            ),
        }
        for way, eager in truth.items():
            for name, part in eager._asdict().items():
                np.testing.assert_allclose(found[way][name], part, atol=1e-5)


def test_what_cannot_be_decoded_is_a_mistake() -> None:
    toy = Toy(0, words=3, rows=1, end=0)
    with pytest.raises(UsageError, match="max_length must be at least 1, got 0"):
        Decoder(toy.step, 0, 0)
    with pytest.raises(UsageError, match="n_best must be from 1 to the beam's width"):
        beam(decoder(toy, 2), **toy.tensors(), width=2, n_best=3)
    with pytest.raises(UsageError, match="alpha must be at least 0"):
        beam(decoder(toy, 2), **toy.tensors(), alpha=-1)
