"""``parallel:A,B``: texts in two files, line by line: ``parallel:train.de,train.en``.

A row has two columns: ``input``, a line of the first file, and ``output``, that of the
second. Lines end at ``\\n`` alone (``\\r\\n`` too): any other line end, as U+2028, is
text, or all pairs behind one would be shifted. A blank line is a missing text.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from seqkit.data.sources.base import CHUNK_ROWS, Source, check_request, some_rows
from seqkit.data.sources.parts_by_name import parts_of
from seqkit.data.sources.paths import checked_encoding, text_lines
from seqkit.errors import DataError
from seqkit.recipe.data_paths import portable_path, two_addresses

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.recipe.spec import DataSpec

COLUMNS = ("input", "output")


class ParallelSource(Source):
    """Pairs of lines of two files, packed (``.gz``, ...) or not.

    Files whose names say ``train`` have those beside them that say ``val`` or ``test``
    in its place as official parts. Of two patterns (``*.de.gz,*.en.gz``) the files
    belong to the parts that their names say, and are paired in the order of these.

    Args:
        address: paths of two files or two patterns, a comma between them.
        spec: ``encoding`` says how the files are encoded.

    Raises:
        DataError: they are not two, one is not there, or one has no counterpart.
    """

    def __init__(self, address: str, spec: DataSpec) -> None:
        both = two_addresses(address)
        if both is None or not all(both):
            raise DataError(
                f"parallel:A,B takes the paths of two files with one comma between "
                f"them, got {address!r}. Write e.g. parallel:train.de,train.en."
            )
        self.name = f"parallel:{','.join(map(portable_path, both))}"
        self.encoding = checked_encoding(spec.encoding)
        self._paths = _paired(_parts(both[0]), _parts(both[1]), self.name)
        self.parts = tuple(self._paths)

    def columns(self) -> tuple[str, ...]:
        return COLUMNS

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        check_request(self, part, columns)
        return some_rows(self.name, self._read(part, list(columns)))

    def _read(self, part: str, columns: list[str]) -> Iterator[pd.DataFrame]:
        import pandas as pd

        for paths in self._paths[part]:
            pairs = self._pairs(*paths)
            while chunk := list(islice(pairs, CHUNK_ROWS)):
                yield pd.DataFrame(chunk, columns=list(COLUMNS), dtype=object)[columns]

    def _pairs(self, one: Path, other: Path) -> Iterator[tuple[str | None, str | None]]:
        """Lines that stand side by side; None for blank ones."""
        lines = zip_longest(self._lines(one), self._lines(other))
        blank = 0
        for number, (first, second) in enumerate(lines, 1):
            if first is None or second is None:
                left = 1 + sum(1 for _ in lines)
                counts = [
                    number - 1 + left * (line is not None) for line in (first, second)
                ]
                raise _unequal(one, other, counts, blank)
            texts = first if first.strip() else None, second if second.strip() else None
            if not blank and (texts[0] is None) != (texts[1] is None):
                blank = number
            yield texts

    def _lines(self, path: Path) -> Iterator[str]:
        for number, line in enumerate(text_lines(path, self.encoding), 1):
            if "\0" in line:
                raise DataError(
                    f"Line {number:,} of {path} holds a null character. Remove it, or "
                    "set data.encoding where the file is UTF-16."
                )
            yield line


def _parts(address: str) -> dict[str, list[Path]]:
    if os.path.isdir(os.path.expanduser(address)):
        raise DataError(
            f"parallel:A,B takes two files or patterns, but {address} is a folder. "
            f"Write e.g. {os.path.join(address, '*.de')}."
        )
    return parts_of(address, ())


def _paired(
    first: dict[str, list[Path]], second: dict[str, list[Path]], name: str
) -> dict[str, list[tuple[Path, Path]]]:
    """The files of each part, two by two."""
    for part in first | second:
        counts = [len(side.get(part, ())) for side in (first, second)]
        if counts[0] != counts[1]:
            lone = [path.name for path in (first if counts[0] else second)[part]]
            raise DataError(
                f"{name} has {counts[0]} and {counts[1]} files for its {part} part "
                f"({', '.join(lone[:3])}). Give each file its counterpart."
            )
    return {part: list(zip(first[part], second[part], strict=True)) for part in first}


def _unequal(one: Path, other: Path, counts: list[int], blank: int) -> DataError:
    """The error of two files that are not equally long.

    Args:
        one: the first file.
        other: the second.
        counts: how many lines each has.
        blank: the first line that is blank in one of them alone; 0: none is.
    """
    where = (
        f"Line {blank:,} is the first that is blank in one of them alone."
        if blank
        else "No line is blank in one of them alone."
    )
    return DataError(
        f"{one} has {counts[0]:,} lines, but {other} has {counts[1]:,}. {where} Give "
        "both as many lines, each beside its counterpart."
    )
