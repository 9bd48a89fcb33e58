"""Decoding in plain Python, one row at a time, and a small model to decode."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Array = NDArray[np.float64]
Answer = tuple[tuple[int, ...], bool]
"""Tokens without the end, and whether it was given."""


class Toy:
    """h' = tanh(E[token] + h U + memory), and logits h' O, larger on even steps."""

    def __init__(self, seed: int, words: int, rows: int, end: int, sharp: float = 2):
        draw = np.random.default_rng(seed)
        self.embedding = draw.normal(size=(words, 3))
        self.memory, self.start = draw.normal(size=(2, rows, 3))
        self.inner, self.outer = draw.normal(size=(3, 3)), draw.normal(size=(3, words))
        self.words, self.rows, self.end, self.sharp = words, rows, end, sharp

    def tensors(self, rows: Any = slice(None)) -> dict[str, Any]:
        """State, first tokens and constants of rows."""
        start = tf.constant(self.start[rows], tf.float32)
        count = tf.zeros([len(start)], tf.int32)
        return {
            "state": {"h": start, "deep": {"count": count}},
            "begin": tf.zeros([len(start)], tf.int32),
            "constants": {"source": {"memory": np.float32(self.memory[rows])}},
        }

    def step(self, state: Any, token: Any) -> Any:
        count = state["deep"]["count"]
        below = tf.gather(tf.constant(self.embedding, tf.float32), token)
        recurrent = state["h"] @ tf.constant(self.inner, tf.float32)
        h = tf.tanh(below + recurrent + state["source"]["memory"])
        scale = self.sharp * (1 + tf.cast(count % 2, tf.float32))
        logits = h @ tf.constant(self.outer, tf.float32) * scale[:, None]
        return {"h": h, "deep": {"count": count + 1}}, logits

    def log_probabilities(self, row: int, tokens: tuple[int, ...]) -> Array:
        """Of each token behind ``tokens``."""
        h, logits = self.start[row], np.zeros(0)
        for count, token in enumerate((0, *tokens)):
            h = np.tanh(self.embedding[token] + h @ self.inner + self.memory[row])
            logits = h @ self.outer * self.sharp * (1 + count % 2)
        return np.asarray(logits - np.log(np.exp(logits).sum()))

    def log_probability(self, row: int, answer: Answer) -> float:
        tokens, is_ended = answer
        whole = (*tokens, self.end) if is_ended else tokens
        return sum(
            float(self.log_probabilities(row, whole[:place])[token])
            for place, token in enumerate(whole)
        )


@dataclass
class Plain:
    """Every way of decoding, by the book."""

    toy: Toy
    max_length: int
    block: int = 0

    def allowed(self, row: int, tokens: tuple[int, ...]) -> Array:
        scores, size = self.toy.log_probabilities(row, tokens).copy(), self.block
        runs = {tokens[i : i + size] for i in range(len(tokens) - size + 1)}
        for token in range(self.toy.words if size else 0):
            if (*tokens, token)[-size:] in runs:
                scores[token] = -np.inf
        return scores

    def path(self, row: int, choose: Callable[[Array, int], int]) -> Answer:
        tokens: tuple[int, ...] = ()
        for place in range(self.max_length):
            token = choose(self.allowed(row, tokens), place)
            if token == self.toy.end:
                return tokens, True
            tokens = (*tokens, token)
        return tokens, False

    def beam(
        self, row: int, width: int, n_best: int, alpha: float
    ) -> list[tuple[Answer, float]]:
        """Never stops before all have ended, and always ranks by score."""
        beams: list[tuple[Answer, float]] = [(((), False), 0.0)]
        for _ in range(self.max_length):
            grown: list[tuple[Answer, float]] = []
            for (tokens, is_ended), total in beams:
                if is_ended:
                    grown.append(((tokens, True), total))
                    continue
                for token, gain in enumerate(self.allowed(row, tokens)):
                    if token == self.toy.end:
                        grown.append(((tokens, True), total + gain))
                    elif gain > -np.inf:
                        grown.append((((*tokens, token), False), total + gain))
            beams = sorted(grown, key=lambda one: -score(*one, alpha))[:width]
        return beams[:n_best]

    def all_answers(self) -> Iterator[Answer]:
        words = [word for word in range(self.toy.words) if word != self.toy.end]
        for length in range(self.max_length):
            yield from ((tokens, True) for tokens in product(words, repeat=length))
        cut = product(words, repeat=self.max_length)
        yield from ((tokens, False) for tokens in cut)


def score(answer: Answer, total: float, alpha: float) -> float:
    """Wu et al. 2016, equation 14, without coverage."""
    tokens, is_ended = answer
    return float(total / ((5 + len(tokens) + is_ended) / 6) ** alpha)


def drawn(draws: Array, temperature: float, top_k: int, top_p: float) -> Any:
    """Choices by ``draws``, from 0 to 1, token by token down from the likeliest.

    Where none is left out, the tokens stand by their numbers.
    """

    def choose(scores: Array, place: int) -> int:
        order = np.argsort(-scores, kind="stable")
        if (top_k or len(scores)) >= len(scores) and top_p >= 1:
            order = np.arange(len(scores))
        p = np.exp((scores - scores.max()) / temperature)[order]
        p[top_k or len(p) :] = 0
        p /= p.sum()
        size = 1
        while p[:size].sum() < top_p and size < len(p):
            size += 1
        p = p[:size] / p[:size].sum()
        return int(order[np.searchsorted(np.cumsum(p), draws[place], side="right")])

    return choose
