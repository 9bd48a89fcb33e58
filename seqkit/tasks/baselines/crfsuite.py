"""CRFsuite with hand-made features: the rival of taggers that learn their own.

It needs ``python-crfsuite``, which is imported where it is used alone.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import UsageError
from seqkit.tasks.baselines.fitting import sampled_part
from seqkit.tasks.baselines.tags import Probabilities, Sentence, TagBaseline

MOST_TOKENS, MOST_STEPS = 300_000, 250_000_000
"""Tokens that it is fitted on at most, and tokens times the square of the tags: so that
memory and time have a bound. 205,000 tokens of 17 tags take 50 s on one core."""
L1, L2 = 0.01, 0.01
"""Weights of the two penalties. Of eight pairs from .01 to 1 these have the best span
F1 on WNUT-17's development part: .241; the others have .212 to .238."""
MOST_ITERATIONS = 100

NEIGHBOURS = (-2, -1, 1, 2)
"""Tokens whose words and shapes are features of a token, beside its own."""
AFFIX_LETTERS = 4


@dataclass(eq=False)
class CrfSuite(TagBaseline):
    """A linear-chain CRF on words, their affixes, their shapes and their neighbours.

    The features are the usual ones of named-entity taggers; L-BFGS finds the weights
    under an L1 and an L2 penalty. Probabilities are marginals of the chain; the best
    path, which ``codes`` gives, is another answer than each token's best marginal.
    """

    kind = "crfsuite"
    model: NDArray[np.uint8]
    """CRFsuite's model file, as bytes."""
    counts: NDArray[np.int64]
    """How many tags there are, and on how many tokens it was fitted, of how many."""

    def __post_init__(self) -> None:
        part = sampled_part(self.counts[1:], "tokens")
        self.title = f"CRFsuite with hand-made features{part}"

    @staticmethod
    def is_installed() -> bool:
        """Whether python-crfsuite is there."""
        return find_spec("pycrfsuite") is not None

    @classmethod
    def fit(cls, sentences: Iterable[Sentence], tags: int) -> Self:
        """Fit on the training sentences; where they are too many, on the first.

        Raises:
            UsageError: python-crfsuite is not installed.
        """
        trainer = _pycrfsuite().Trainer(algorithm="lbfgs", verbose=False)
        trainer.set_params(
            {
                "c1": L1,
                "c2": L2,
                "max_iterations": MOST_ITERATIONS,
                "feature.possible_transitions": True,
            }
        )
        most = min(MOST_TOKENS, MOST_STEPS // tags**2)
        rows = all_rows = 0
        for tokens, codes in sentences:
            all_rows += len(tokens)
            if rows < most:
                trainer.append(features(tokens), [str(code) for code in codes])
                rows += len(tokens)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model"
            trainer.train(str(path))
            model = np.frombuffer(path.read_bytes(), np.uint8)
        return cls(model, np.array([tags, rows, all_rows]))

    def codes(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        """The numbers of the tags of the best path (tokens,)."""
        return np.array(self._tagger.tag(features(tokens)), np.int32)

    def probabilities(self, inputs: Sequence[Sequence[str]]) -> Probabilities:
        return [self._marginals(tokens) for tokens in inputs]

    def _marginals(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        tagger = self._tagger
        tagger.set(features(tokens))
        marginals = np.zeros((len(tokens), int(self.counts[0])), np.float32)
        for label in tagger.labels():
            for place in range(len(tokens)):
                marginals[place, int(label)] = tagger.marginal(label, place)
        return marginals

    @cached_property
    def _tagger(self) -> Any:
        tagger = _pycrfsuite().Tagger()
        # CRFsuite reads from these bytes later on, but does not keep them alive.
        self._bytes = self.model.tobytes()
        tagger.open_inmemory(self._bytes)
        return tagger


def features(tokens: Sequence[str]) -> list[list[str]]:
    """What CRFsuite sees of each token: texts such as ``lower=oslo``, each worth 1."""
    own = [_own_features(token) for token in tokens]
    near = [_near_features(token) for token in tokens]
    rows = []
    for place in range(len(tokens)):
        row = ["bias", *own[place]]
        for step in NEIGHBOURS:
            other = place + step
            if 0 <= other < len(tokens):
                row += [f"{step:+d}:{feature}" for feature in near[other]]
            elif abs(step) == 1:
                row.append("BOS" if step < 0 else "EOS")
        rows.append(row)
    return rows


def word_shape(token: str) -> str:
    """Its letters as X, x, and digits as d; three of a kind or more as two.

    >>> word_shape("McDonald's-2026")
    "XxXxx'x-dd"
    """
    signs = (
        "X" if c.isupper() else "x" if c.isalpha() else "d" if c.isdigit() else c
        for c in token
    )
    return re.sub(r"(.)\1{2,}", r"\1\1", "".join(signs), flags=re.DOTALL)


def _own_features(token: str) -> list[str]:
    lower = token.lower()
    lengths = range(1, min(AFFIX_LETTERS, len(token)) + 1)
    return [
        f"word={token}",
        f"shape={word_shape(token)}",
        *_near_features(token),
        *(f"suffix={lower[-length:]}" for length in lengths),
        *(f"prefix={lower[:length]}" for length in lengths),
    ]


def _near_features(token: str) -> list[str]:
    flags = {
        "title": token.istitle(),
        "upper": token.isupper(),
        "digit": any(c.isdigit() for c in token),
        "sign": not any(c.isalnum() for c in token),
    }
    return [f"lower={token.lower()}", *(name for name, is_so in flags.items() if is_so)]


def _pycrfsuite() -> Any:
    try:
        return import_module("pycrfsuite")
    except ImportError:
        raise UsageError(
            "The baseline crfsuite needs python-crfsuite, which is not installed: pip "
            "install 'seqkit[crf]'."
        ) from None
