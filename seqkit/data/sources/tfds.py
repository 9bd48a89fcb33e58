"""Data sets of the TensorFlow Datasets catalogue (TFDS)."""

from __future__ import annotations

import contextlib
import io
import os
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from seqkit.data.sources.base import CHUNK_ROWS, Source, check_request, some_rows
from seqkit.errors import DataError, UnknownNameError
from seqkit.registry import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.recipe.spec import DataSpec

PARTS = ("train", "validation", "test")
"""The official parts that are used; others, e.g. ``unsupervised``, are left alone."""

PROBE_SECONDS = 3.0
"""How long a host may take to answer before the network counts as not there."""

MIRROR = "https://storage.googleapis.com"
"""Where data sets are fetched from that do not list their own addresses."""

NAME = re.compile(
    r"(?P<name>\w+)(/(?P<config>[\w.-]+))?(:(\d+|\*)\.(\d+|\*)\.(\d+|\*))?"
)


class TfdsSource(Source):
    """A data set as ``tfds.load`` gives it; fetched and prepared where it is not yet.

    It lies in ``spec.data_dir``, else in the folder named by ``TFDS_DATA_DIR``, else in
    ``~/tensorflow_datasets``. Text is decoded, and class numbers become class names.

    Args:
        address: ``NAME``, ``NAME/CONFIG`` or ``NAME/CONFIG:VERSION``.
        spec: ``data_dir`` says where prepared data sets lie.

    Raises:
        UnknownNameError: TFDS has no data set of that name.
        DataError: the data set is not prepared and cannot be fetched, or has no
            training part.
    """

    def __init__(self, address: str, spec: DataSpec) -> None:
        self.name = f"tfds:{address}"
        self.data_dir = data_folder(spec.data_dir)
        self._builder = _open_builder(address, self.data_dir)
        with _quiet():
            prepared = self._builder.is_prepared()
        if not prepared:
            self._fetch()
        self._features = self._builder.info.features
        splits = self._builder.info.splits
        self.parts = tuple(part for part in PARTS if part in splits)
        if "train" not in self.parts:
            raise DataError(
                f"{self.name} has no part 'train', only {', '.join(splits)}. Save the "
                "part you want as a file and give it with --data FILE."
            )

    def columns(self) -> tuple[str, ...]:
        return tuple(self._features)

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        check_request(self, part, columns)
        return some_rows(self.name, self._read(part, tuple(columns)))

    def _fetch(self) -> None:
        """Download and prepare the data set, if there is a network to do it over."""
        url = next(iter(self._builder.url_infos or ()), MIRROR)
        if not reachable(url):
            raise DataError(
                f"{self.name} is not prepared in {self.data_dir}, and "
                f"{urlsplit(url).hostname} cannot be reached to fetch it. Give the "
                "rows as a csv, parquet or jsonl file with --data FILE, or prepare the "
                "data set where there is a network and name its folder with --data-dir "
                "DIR or TFDS_DATA_DIR."
            )
        try:
            with _quiet():
                self._builder.download_and_prepare()
        except Exception as error:  # A data set's own code runs here.
            raise DataError(
                f"{self.name} could not be fetched and prepared in {self.data_dir}: "
                f"{_reason(error)}. Try again, or give the rows with --data FILE."
            ) from error

    def _read(self, part: str, columns: tuple[str, ...]) -> Iterator[pd.DataFrame]:
        import pandas as pd
        import tensorflow as tf

        start = 0
        try:
            for chunk in self._chunks_of_values(self._dataset(part, columns), columns):
                frame = pd.DataFrame(
                    {name: self._column(name, chunk[name], start) for name in columns},
                    columns=list(columns),
                )
                start += len(frame)
                yield frame
        except (tf.errors.OpError, OSError, AssertionError) as error:
            raise DataError(
                f"{self.name} in {self.data_dir} is cut off or damaged: "
                f"{_reason(error)}. Remove its folder and prepare it again."
            ) from error

    def _chunks_of_values(
        self, dataset: Any, columns: tuple[str, ...]
    ) -> Iterator[dict[str, Any]]:
        """The values of each column, CHUNK_ROWS at a time."""
        if all(self._features[name].shape == () for name in columns):
            # One call for many rows is three times as fast as one for each.
            yield from dataset.batch(CHUNK_ROWS).as_numpy_iterator()
            return
        rows = dataset.as_numpy_iterator()
        while chunk := list(islice(rows, CHUNK_ROWS)):
            yield {name: [row[name] for row in chunk] for name in columns}

    def _dataset(self, part: str, columns: tuple[str, ...]) -> Any:
        import tensorflow as tf
        import tensorflow_datasets as tfds

        options = tf.data.Options()
        # The autotuner's thread holds up the end of every pass for seconds.
        options.autotune.enabled = False
        config = tfds.ReadConfig(
            options=options,
            try_autocache=False,
            skip_prefetch=True,
            interleave_cycle_length=1,
            num_parallel_calls_for_decode=2,
            num_parallel_calls_for_interleave_files=1,
        )
        decoders = tfds.decode.PartialDecoding(dict.fromkeys(columns, True))
        if isinstance(self._features, tfds.features.Translation):
            decoders = None  # TFDS decodes some columns of a plain FeaturesDict alone.
        with _quiet():
            return self._builder.as_dataset(
                split=part,
                shuffle_files=False,
                read_config=config,
                decoders=decoders,
            )

    def _column(self, column: str, values: Any, start: int) -> pd.Series[Any]:
        """Raw values of one column as text, names of classes, or numbers."""
        import pandas as pd
        import tensorflow_datasets as tfds

        feature = self._features[column]
        if isinstance(feature, tfds.features.ClassLabel):
            # TFDS writes -1 where a row has no label.
            names = [feature.int2str(int(v)) if v >= 0 else None for v in values]
            return pd.Series(names, dtype=object)
        if isinstance(values[0], bytes):
            return pd.Series(self._texts(column, values, start), dtype=object)
        scalar = feature.shape == ()
        return pd.Series(list(values), dtype=None if scalar else object)

    def _texts(self, column: str, values: Any, start: int) -> list[str]:
        texts: list[str] = []
        try:
            texts.extend(value.decode("utf-8") for value in values)
        except UnicodeDecodeError as error:
            raise DataError(
                f"Column {column!r} of {self.name} is not UTF-8 text in row "
                f"{start + len(texts) + 1:,}: {error.reason}. Mend the rows and give "
                "them with --data FILE."
            ) from None
        return texts


def data_folder(data_dir: str | None) -> Path:
    """Where prepared data sets lie: ``data_dir``, TFDS_DATA_DIR, or TFDS's default."""
    # TFDS itself reads the variable only once, when it is imported.
    named = data_dir or os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
    try:
        return Path(named).expanduser()
    except RuntimeError as error:
        raise DataError(f"data.data_dir {named!r} cannot be opened: {error}") from None


def reachable(url: str, seconds: float = PROBE_SECONDS) -> bool:
    """Whether the host of ``url``, or the proxy that stands before it, answers at all.

    TFDS itself tries for minutes before it says so.
    """
    target = urlsplit(url)
    proxy = getproxies().get(target.scheme)
    if proxy and not proxy_bypass(target.hostname or ""):
        target = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    port = target.port or {"https": 443, "ftp": 21}.get(target.scheme, 80)
    answered = threading.Event()

    def connect() -> None:
        with contextlib.suppress(OSError):
            socket.create_connection((target.hostname, port), seconds).close()
            answered.set()

    # Resolving a name knows no time limit, so it happens in a thread of its own.
    attempt = threading.Thread(target=connect, daemon=True)
    attempt.start()
    attempt.join(seconds)
    return answered.is_set()


def _open_builder(address: str, data_dir: Path) -> Any:
    """The builder of a data set; it reads what is prepared in ``data_dir``."""
    import tensorflow_datasets as tfds

    matched = NAME.fullmatch(address)
    if not matched:
        raise DataError(
            f"tfds:{address} is not a name that is known here. Write tfds:NAME, "
            "tfds:NAME/CONFIG or tfds:NAME/CONFIG:VERSION, e.g. "
            "tfds:imdb_reviews/plain_text:1.0.0."
        )
    name, config = matched["name"], matched["config"]
    known = tfds.list_builders(with_community_datasets=False)
    try:
        with _quiet():
            return tfds.builder(address, data_dir=data_dir)
    except tfds.core.registered.DatasetNotFoundError:
        raise UnknownNameError(
            f"TFDS has no data set {name!r}, nor is one prepared in {data_dir}. "
            f"{did_you_mean(name, known)} All names: "
            "https://www.tensorflow.org/datasets/catalog.".replace("  ", " "),
            known,
        ) from None
    except (ValueError, AssertionError, OSError) as error:
        configs = tuple(tfds.builder_cls(name).builder_configs) if name in known else ()
        if config and configs and config not in configs:
            raise UnknownNameError(
                f"The data set {name!r} has no config {config!r}. "
                f"{did_you_mean(config, configs)} Known: "
                f"{', '.join(configs[:20])}.".replace("  ", " "),
                configs,
            ) from None
        raise DataError(f"tfds:{address} cannot be used: {_reason(error)}.") from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep TFDS's log lines, progress bars and printed notes to itself."""
    import tensorflow_datasets as tfds
    from absl import logging

    tfds.disable_progress_bar()
    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.set_verbosity(verbosity)


def _reason(error: BaseException) -> str:
    """The first sentence of an error's text, without TFDS's own preamble."""
    text = str(error).strip() or type(error).__name__
    text = re.sub(
        r"^Failed to construct dataset .*?, builder_kwargs .*?}\": ", "", text
    )
    return text.splitlines()[0].strip().rstrip(".:")
