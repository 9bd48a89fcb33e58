"""Tagged rows, read as a recipe says, and what all their tags tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.hashes import hash_texts
from seqkit.data.rows.reading import AnsweredRows, AnswerScan, Reading
from seqkit.data.sources.base import Source
from seqkit.data.tokens.codes import TagCounts
from seqkit.data.tokens.rows import read_tagged
from seqkit.data.tokens.scheme_look import SchemeLook
from seqkit.data.tokens.schemes import mended
from seqkit.data.tokens.spec import TaggedText

if TYPE_CHECKING:
    import pandas as pd


class TokensReading(Reading[list[str]]):
    """Reads rows of tokens as a recipe's ``data`` section says."""

    thing, things = "sentence", "sentences"

    def __init__(self, spec: TaggedText) -> None:
        self.spec, self.answer = spec, spec.tags

    def rows(
        self, source: Source, part: str, answers: bool = True, tell: bool = False
    ) -> Iterator[AnsweredRows[list[str]]]:
        for rows in read_tagged(source, part, self.spec, answers, tell):
            yield AnsweredRows(rows.tokens, rows.tags, rows.groups)

    @staticmethod
    def hash(raw: list[str]) -> int:
        return hash_texts(raw)

    def as_frame(
        self, inputs: Sequence[list[str]], answers: Sequence[list[str]]
    ) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({self.spec.tokens: inputs, self.spec.tags: answers})


class TagScan(AnswerScan):
    """Counts tags and finds their scheme; the parts are drawn from all rows alike.

    Args:
        spec: names the column of tags, and may name the scheme.
        name: the source's.
    """

    def __init__(self, spec: TaggedText, name: str) -> None:
        self._spec, self._name = spec, name
        self._look, self._counts = SchemeLook(name, spec.tags), TagCounts()
        self._hashes: list[NDArray[np.uint64]] = []

    def note(self, answers: Sequence[Sequence[str]]) -> None:
        self._look.add(answers)
        self._counts.add(answers)
        self._hashes.append(np.array([hash_texts(one) for one in answers], np.uint64))

    def finish(self) -> None:
        """Find the scheme and the tags, of which O comes first.

        Raises:
            DataError: there is one tag alone, or they are not as the recipe declares.
        """
        self.scheme = self._look.checked(self._spec.scheme)
        self.remark = self._look.remark(self.scheme)
        """How many tags are illegal in the scheme, in sentences; "" if none is."""
        if self.remark:
            # A tag that may not begin a span becomes one that does, which may be new.
            self._counts.add([_begun(tag, self.scheme) for tag in self._look.tags])
        self.values = self._counts.tags(self._spec.tags, self._name)

    @property
    def answers(self) -> NDArray[np.uint64]:
        return np.concatenate(self._hashes)

    @property
    def strata(self) -> NDArray[np.int64]:
        return np.zeros(sum(map(len, self._hashes)), np.int64)


def _begun(tag: str, scheme: str) -> list[str]:
    """What a tag may become where it is mended: alone, first, inside and last."""
    return [
        one for tags in ([tag], [tag] * 2, [tag] * 3) for one in mended(tags, scheme)
    ]
