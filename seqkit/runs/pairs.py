"""The run of a task of pairs: what is more than any run has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from seqkit.errors import UsageError
from seqkit.runs.run import Run

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.tasks.base import Scoring


class PairRun(Run):
    """An encoder-decoder: it can score outputs, and show where it looked."""

    verbs: ClassVar[Mapping[str, str]] = {
        "score": "Only models that write sequences score outputs",
        "attention": "Only models that write sequences have attention to draw",
    }

    @cached_property
    def _judging(self) -> Scoring:
        preprocessing: Any = self.preprocessing
        judging: Scoring = preprocessing.judging(self.model)
        return judging

    def score(self, inputs: Sequence[str], outputs: Sequence[str]) -> pd.DataFrame:
        """How likely the model holds given outputs to be, for rescoring.

        Returns:
            ``log_probability`` of each output with its end, in nats; ``tokens``, and
            ``perplexity``, exp(-log_probability / tokens).

        Raises:
            UsageError: there are not as many outputs as inputs, or none.
        """
        import numpy as np
        import pandas as pd

        from seqkit.tasks.base import Examples

        if len(inputs) != len(outputs) or not len(inputs):
            raise UsageError(
                f"score takes an output for each input, got {len(inputs):,} inputs and "
                f"{len(outputs):,} outputs. Give two lists of one length."
            )
        texts = self.task.raw_inputs(list(inputs), self.preprocessing)
        judged = self._judging(Examples(texts, list(outputs)))
        nats, tokens = judged["log_probability"], judged["tokens"]
        columns = {
            "log_probability": nats,
            "tokens": tokens.astype(int),
            "perplexity": np.exp(-nats / tokens),
        }
        return pd.DataFrame(columns)
