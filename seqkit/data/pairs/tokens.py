"""How both sides of pairs are cut into tokens, learnt from the training part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seqkit.data.pairs.rows import references
from seqkit.data.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    from seqkit.data.pairs.spec import PairData
    from seqkit.data.rows.parted import PartedRows


def output_tokenizer(spec: PairData, rows: PartedRows[str]) -> Tokenizer:
    """That of outputs; with ``shared`` it is learnt from inputs as well."""

    def texts() -> Iterator[list[str]]:
        for chunk in rows.rows("train"):
            if spec.shared:
                yield chunk.inputs
            yield [references(output)[0] for output in chunk.answers]

    size = spec.written_vocab_size
    return Tokenizer.fit(texts(), size, spec.level, spec.lowercase, ends=True)


def input_tokenizer(spec: PairData, rows: PartedRows[str]) -> Tokenizer:
    """That of inputs; with ``shared`` it is the same as that of outputs."""
    if spec.shared:
        return output_tokenizer(spec, rows)
    texts = (chunk.inputs for chunk in rows.rows("train"))
    return Tokenizer.fit(texts, spec.vocab_size, spec.level, spec.lowercase)
