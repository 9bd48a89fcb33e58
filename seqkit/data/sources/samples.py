"""Data that seqkit makes itself, so that recipes run with nothing to fetch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from inspect import signature
from typing import TYPE_CHECKING

from seqkit.data.sources.base import Source, check_request
from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError
from seqkit.registry import Registry

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.recipe.spec import DataSpec

SAMPLES = Registry(
    "sample",
    {
        "reviews": "seqkit.data.sources.sample_reviews:reviews",
        "adding": "seqkit.data.sources.sample_adding:adding",
        "airline": "seqkit.data.sources.sample_airline:airline",
        "tags": "seqkit.data.sources.sample_tags:tags",
        "addition": "seqkit.data.sources.sample_symbols:addition",
        "reverse": "seqkit.data.sources.sample_symbols:reverse",
        "dates": "seqkit.data.sources.sample_dates:dates",
        "activity": "seqkit.data.sources.sample_steps:activity",
        "tracking": "seqkit.data.sources.sample_steps:tracking",
    },
)
"""Each entry is a function that gives a DataFrame for each part. What follows a second
colon in a source (``sample:adding:100``) is its argument, as text."""


class SampleSource(Source):
    """The sample called ``address``, the same rows on every machine.

    Raises:
        UnknownNameError: there is no sample of that name.
        DataError: it takes no argument, or not this one.
    """

    in_memory = True

    def __init__(self, address: str, spec: DataSpec) -> None:
        self.name = f"sample:{address}"
        name, colon, argument = address.partition(":")
        make: Callable[..., dict[str, pd.DataFrame]] = SAMPLES.get(name)
        if colon and not signature(make).parameters:
            raise DataError(f"sample:{name} takes no argument, got {argument!r}.")
        frames = make(argument) if colon else make()
        self._parts = {
            part: FrameSource(frame, self.name) for part, frame in frames.items()
        }
        self.parts = tuple(self._parts)

    def columns(self) -> tuple[str, ...]:
        return self._parts["train"].columns()

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        check_request(self, part, columns)
        return self._parts[part].chunks("train", columns)
