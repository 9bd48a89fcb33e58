"""The formulas of a chain of tags against all its paths, written out."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from seqkit.layers.chain import (
    Chain,
    log_likelihood,
    log_partition,
    marginals,
    step_costs,
    viterbi,
)

TAGS, STEPS = 3, 5
LENGTHS = (5, 1, 0, 3, 2)


def chain_of(tags: int = TAGS, seed: int = 0) -> Chain:
    random = np.random.default_rng(seed)
    shapes = [(tags, tags), (tags,), (tags,)]
    return Chain(*(tf.constant(random.normal(size=shape)) for shape in shapes))


def batch_of(seed: int = 1) -> tuple[Any, Any, Any]:
    """Emissions in float64, which rows are how long, and a path for each."""
    random = np.random.default_rng(seed)
    emissions = tf.constant(random.normal(size=(len(LENGTHS), STEPS, TAGS)))
    tags = random.integers(0, TAGS, size=(len(LENGTHS), STEPS))
    return emissions, tf.sequence_mask(LENGTHS, STEPS), tags


def paths(chain: Chain, emissions: Any) -> dict[tuple[int, ...], float]:
    """The score of every path through emissions (steps, tags)."""
    transitions, start, end = (np.asarray(each) for each in chain)
    scores = {}
    for path in itertools.product(range(emissions.shape[1]), repeat=len(emissions)):
        score = start[path[0]] + end[path[-1]]
        score += sum(emissions[t, tag] for t, tag in enumerate(path))
        score += sum(transitions[a, b] for a, b in itertools.pairwise(path))
        scores[path] = score
    return scores


def log_z(scores: dict[tuple[int, ...], float]) -> float:
    return float(np.log(np.sum(np.exp(list(scores.values())))))


def rows() -> Any:
    """Number, length and the scores of all paths of each row that is not empty."""
    emissions, _, _ = batch_of()
    for row, length in enumerate(LENGTHS):
        if length:
            yield row, length, paths(chain_of(), emissions.numpy()[row, :length])


def test_partition_is_the_sum_over_all_paths() -> None:
    emissions, live, _ = batch_of()
    z = log_partition(chain_of(), emissions, live).numpy()
    for row, _, scores in rows():
        assert z[row] == pytest.approx(log_z(scores), abs=1e-12)
    assert z[LENGTHS.index(0)] == 0


def test_likelihood_is_the_path_among_all_paths() -> None:
    emissions, live, tags = batch_of()
    found = log_likelihood(chain_of(), emissions, live, tags).numpy()
    for row, length, scores in rows():
        truth = scores[tuple(tags[row, :length])] - log_z(scores)
        assert found[row] == pytest.approx(truth, abs=1e-12)
    assert found[LENGTHS.index(0)] == 0


def test_a_step_costs_what_it_adds_to_the_path_before_it() -> None:
    emissions, live, tags = batch_of()
    costs = step_costs(chain_of(), emissions, live, tags).numpy()
    for row, length, scores in rows():
        logs = [0.0]
        for step in range(1, length + 1):
            begin = tuple(tags[row, :step])
            some = {path: s for path, s in scores.items() if path[:step] == begin}
            logs.append(log_z(some) - log_z(scores))
        assert costs[row, :length] == pytest.approx(-np.diff(logs), abs=1e-12)
        assert not costs[row, length:].any()


def test_viterbi_finds_the_best_of_all_paths() -> None:
    for seed in range(5):
        chain = chain_of(seed=seed)
        emissions, live, _ = batch_of(seed)
        best = viterbi(chain, emissions, live).numpy()
        for row, length in enumerate(LENGTHS):
            if length:
                scores = paths(chain, emissions.numpy()[row, :length])
                assert tuple(best[row, :length]) == max(scores, key=scores.__getitem__)
            assert not best[row, length:].any()


def test_marginals_are_sums_over_the_paths_through_a_tag() -> None:
    emissions, live, _ = batch_of()
    found = marginals(chain_of(), emissions, live).numpy()
    for row, length, scores in rows():
        truth = np.zeros((length, TAGS))
        for path, score in scores.items():
            truth[np.arange(length), path] += np.exp(score - log_z(scores))
        assert found[row, :length] == pytest.approx(truth, abs=1e-12)
        assert not found[row, length:].any()


def test_marginals_are_the_gradients_of_the_partition() -> None:
    emissions, live, _ = batch_of()
    with tf.GradientTape() as tape:
        tape.watch(emissions)
        z = log_partition(chain_of(), emissions, live)
    truth = marginals(chain_of(), emissions, live)
    np.testing.assert_allclose(tape.gradient(z, emissions), truth, atol=1e-12)


def test_gradients_are_finite_differences() -> None:
    emissions, live, tags = batch_of()
    chain = chain_of()
    # Weights that differ, so that every step's cost has a gradient of its own.
    weights = tf.constant(np.random.default_rng(3).uniform(size=(len(LENGTHS), STEPS)))

    @tf.function
    def loss(*parts: Any) -> Any:
        costs = step_costs(Chain(*parts[1:]), parts[0], live, tags)
        return tf.reduce_sum(costs * weights)

    parts = [emissions, *chain]
    with tf.GradientTape() as tape:
        tape.watch(parts)
        cost = loss(*parts)
    gradients = tape.gradient(cost, parts)
    for place, (part, gradient) in enumerate(zip(parts, gradients, strict=True)):
        for index in np.ndindex(*part.shape):
            ends = []
            for sign in (1, -1):
                moved = part.numpy()
                moved[index] += sign * 1e-6
                others = parts[:place] + [tf.constant(moved)] + parts[place + 1 :]
                ends.append(float(loss(*others)))
            assert gradient.numpy()[index] == pytest.approx(
                (ends[0] - ends[1]) / 2e-6, abs=1e-8
            )


@pytest.mark.parametrize("answer", [log_partition, marginals, viterbi])
def test_padding_changes_nothing(answer: Any) -> None:
    emissions, live, _ = batch_of()
    padded = tf.pad(emissions, [[0, 0], [0, 4], [0, 0]], constant_values=7.0)
    found = answer(chain_of(), padded, tf.pad(live, [[0, 0], [0, 4]])).numpy()
    truth = answer(chain_of(), emissions, live).numpy()
    if answer is not log_partition:
        assert not found[:, STEPS:].any()
        found = found[:, :STEPS]
    np.testing.assert_array_equal(found, truth)


def test_what_stands_in_padding_has_no_gradient() -> None:
    emissions, live, tags = batch_of()
    with tf.GradientTape() as tape:
        tape.watch(emissions)
        costs = step_costs(chain_of(), emissions, live, tags)
    gradient = tape.gradient(costs, emissions).numpy()
    assert np.array_equal(np.abs(gradient).sum(-1) > 0, live.numpy())


def test_batches_without_steps_have_no_paths() -> None:
    emissions, live = tf.zeros((2, 0, TAGS), tf.float64), tf.zeros((2, 0), tf.bool)
    assert log_partition(chain_of(), emissions, live).numpy().tolist() == [0, 0]
    assert viterbi(chain_of(), emissions, live).shape == (2, 0)
    assert marginals(chain_of(), emissions, live).shape == (2, 0, TAGS)


def test_float32_is_exact_in_rows_of_5000_steps() -> None:
    random = np.random.default_rng(0)
    emissions = tf.constant(random.normal(size=(1, 5000, TAGS)))
    tags, live = random.integers(0, TAGS, (1, 5000)), tf.ones((1, 5000), tf.bool)

    @tf.function
    def answers(chain: Chain, emissions: Any) -> Any:
        costs = step_costs(chain, emissions, live, tags)
        return costs, log_partition(chain, emissions, live)

    costs, z = answers(chain_of(), emissions)
    small = Chain(*(tf.cast(part, tf.float32) for part in chain_of()))
    small_costs, small_z = answers(small, tf.cast(emissions, tf.float32))
    np.testing.assert_allclose(small_costs, costs, atol=5e-6)
    # More steps than int8 or float16 could count.
    assert small_z.numpy() == pytest.approx(z.numpy(), rel=1e-6)


def test_one_graph_serves_batches_of_any_shape() -> None:
    chain = chain_of()
    graph = tf.function(
        lambda emissions, live: viterbi(chain, emissions, live),
        input_signature=[
            tf.TensorSpec((None, None, TAGS), tf.float64),
            tf.TensorSpec((None, None), tf.bool),
        ],
    )
    emissions, live, _ = batch_of()
    for rows, steps in [(5, 5), (1, 1), (3, 2), (2, 0)]:
        inputs = emissions[:rows, :steps], live[:rows, :steps]
        truth = viterbi(chain, *inputs).numpy()
        assert graph(*inputs).numpy().tolist() == truth.tolist()
