"""The data section of pairs of texts: which keys go together."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from seqkit.data.pairs.spec import PairData


def spec(**changed: Any) -> PairData:
    return PairData(source="frame", **changed)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"input": "de", "output": "de"}, "names the column 'de' for two of input"),
        ({"title": "input"}, "names the column 'input' for two of input"),
        (
            {"shared": True, "output_vocab_size": 9},
            "but shares one vocabulary of 20000",
        ),
        ({"vocab_size": 4}, "sets vocab_size 4, but outputs at level word need 5 or"),
        (
            {"level": "subword", "output_vocab_size": 299},
            "sets output_vocab_size 299, but outputs at level subword need 300 or",
        ),
        (
            {"level": "subword", "vocab_size": 299},
            "but level subword needs 300 or more",
        ),
        ({"output_vocab_size": 4}, "greater than or equal to 5"),
        ({"max_output": 1}, "greater than or equal to 2"),
        ({"text": "de"}, "Extra inputs are not permitted"),
    ],
)
def test_keys_that_do_not_go_together_are_refused(
    changed: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        spec(**changed)


def test_outputs_have_as_many_ids_as_inputs_unless_said() -> None:
    assert spec(vocab_size=77).written_vocab_size == 77
    assert spec(vocab_size=3, output_vocab_size=30).written_vocab_size == 30
