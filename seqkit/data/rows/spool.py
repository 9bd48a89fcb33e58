"""What is read of a source, kept on disk as Arrow record batches for later passes.

A training passes over its rows some seven times. Arrow gives them back many times
faster than a csv or JSON lines file is parsed, and just as the source gave them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.data.rows.arrow_columns import Form, Unholdable, decoded, encoded
from seqkit.data.sources.base import Source
from seqkit.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Forms = tuple[Form, ...]


def spooled(source: Source, folder: Path) -> Source:
    """``source``, parsed once for any number of passes; ``folder`` takes what is read.

    Rows that are in memory stay as they are.
    """
    return source if source.in_memory else SpooledSource(source, folder)


class SpooledSource(Source):
    """The rows of another source, the same in every pass.

    The first whole pass over some columns of a part is written to ``folder``; later
    passes over these columns, or some of them, read that file, a chunk at a time. What
    Arrow cannot hold just as it is, is read from the source each time.

    Args:
        source: where the rows come from.
        folder: stays as long as the rows are read.
    """

    def __init__(self, source: Source, folder: Path) -> None:
        self.source = source
        self.folder = folder
        self.name, self.parts = source.name, source.parts
        self._spools: defaultdict[str, list[Spool]] = defaultdict(list)
        self._unholdable: set[tuple[str, str]] = set()
        """Parts with columns of theirs that Arrow cannot hold."""
        self._files = 0

    def columns(self) -> tuple[str, ...]:
        return self.source.columns()

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        for spool in self._spools[part]:
            if spool.holds(columns):
                return spool.frames(columns)
        frames = self.source.chunks(part, columns)
        if not columns or any((part, name) in self._unholdable for name in columns):
            return frames
        return self._spooling(part, tuple(dict.fromkeys(columns)), frames)

    def _spooling(
        self, part: str, columns: tuple[str, ...], frames: Iterator[pd.DataFrame]
    ) -> Iterator[pd.DataFrame]:
        """Pass on the frames; keep them, if they are read to their end."""
        self._files += 1
        writer = SpoolWriter(self.folder / f"spool-{self._files}.arrow", columns)
        try:
            for frame in frames:
                # Before it is passed on: a reader may change it.
                if not writer.unholdable:
                    writer.append(frame)
                yield frame
            if not writer.unholdable:
                self._spools[part].append(writer.finish())
        finally:
            self._unholdable |= {(part, column) for column in writer.unholdable}
            writer.discard()


class Spool:
    """Frames on disk: Arrow streams one after another, each with columns of one form.

    Args:
        path: the file.
        columns: what the streams hold, in their order.
        forms: of the columns of each stream.
    """

    def __init__(
        self, path: Path, columns: tuple[str, ...], forms: Sequence[Forms]
    ) -> None:
        self.path = path
        self.place_of = {name: place for place, name in enumerate(columns)}
        self.forms = forms

    def holds(self, columns: Sequence[str]) -> bool:
        """Whether all of these columns are there; False where there are none."""
        return bool(columns) and self.place_of.keys() >= set(columns)

    def frames(self, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """All frames as they were, with these columns of them."""
        import pandas as pd
        import pyarrow as pa

        places = [self.place_of[name] for name in columns]
        names = pd.Index(list(columns))
        # Not mapped into memory: the pages would count as this process's.
        with pa.OSFile(str(self.path)) as file:
            for forms in self.forms:
                with pa.ipc.open_stream(file) as batches:
                    for batch in batches:
                        one_each = [decoded(forms[p], batch.column(p)) for p in places]
                        frame = pd.DataFrame(dict(enumerate(one_each)))
                        frame.columns = names
                        yield frame


class SpoolWriter:
    """Writes a Spool frame by frame; ``finish`` gives it.

    ``unholdable`` are the columns that Arrow cannot hold: with any, there is no Spool.
    """

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        import pyarrow as pa

        self.path = path
        self.columns = columns
        self.unholdable: set[str] = set()
        self._forms: list[Forms] = []
        self._stream: Any = None
        self._schema: pa.Schema | None = None
        self._finished = False
        with self._room():
            self._file = pa.OSFile(str(path), "wb")

    def append(self, frame: pd.DataFrame) -> None:
        """Write a frame; one with an index of its own cannot be held either."""
        import pandas as pd
        import pyarrow as pa

        if not frame.index.equals(pd.RangeIndex(len(frame))):
            self.unholdable = set(self.columns)
            return
        place_of = {name: place for place, name in enumerate(frame.columns)}
        forms, arrays = [], []
        for name in self.columns:
            try:
                form, array = encoded(frame.iloc[:, place_of[name]])
            except Unholdable:
                self.unholdable.add(name)
                continue
            forms.append(form)
            arrays.append(array)
        if not self.unholdable:
            names = list(map(str, range(len(arrays))))
            batch = pa.RecordBatch.from_arrays(arrays, names=names)
            with self._room():
                self._write(batch, tuple(forms))

    def _write(self, batch: pa.RecordBatch, forms: Forms) -> None:
        import pyarrow as pa

        if not self._forms or forms != self._forms[-1] or batch.schema != self._schema:
            self._end_stream()
            # Not compressed: a pass takes three quarters of the time, whole files fit.
            self._stream = pa.ipc.new_stream(self._file, batch.schema)
            self._schema = batch.schema
            self._forms.append(forms)
        self._stream.write_batch(batch)

    def _end_stream(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def finish(self) -> Spool:
        """Close the file and give what it holds."""
        with self._room():
            self._end_stream()
            self._file.close()
        self._finished = True
        return Spool(self.path, self.columns, self._forms)

    def discard(self) -> None:
        """Remove what was written, unless it is finished."""
        if not self._finished:
            self._stream = None
            with suppress(OSError):
                self._file.close()
            self.path.unlink(missing_ok=True)

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DataError(
                f"The rows that were read cannot be kept in {self.path.parent} for the "
                f"next pass: {(error.strerror or str(error)).lower()}. Free some space."
            ) from None
