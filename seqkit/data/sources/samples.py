"""Data that seqkit makes itself, so that recipes run with nothing to fetch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from seqkit.data.sources.base import Source, check_request
from seqkit.data.sources.frame import FrameSource
from seqkit.registry import Registry

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.spec import DataSpec

SAMPLES = Registry(
    "sample",
    {
        "reviews": "seqkit.data.sources.sample_reviews:reviews",
    },
)
"""Each entry is a function without arguments that gives a DataFrame for each part."""


class SampleSource(Source):
    """The sample called ``address``, the same rows on every machine.

    Raises:
        UnknownNameError: there is no sample of that name.
    """

    def __init__(self, address: str, spec: DataSpec) -> None:
        self.name = f"sample:{address}"
        make: Callable[[], dict[str, pd.DataFrame]] = SAMPLES.get(address)
        self._parts = {
            part: FrameSource(frame, self.name) for part, frame in make().items()
        }
        self.parts = tuple(self._parts)

    def columns(self) -> tuple[str, ...]:
        return self._parts["train"].columns()

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        check_request(self, part, columns)
        return self._parts[part].chunks("train", columns)
