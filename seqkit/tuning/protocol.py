"""Keras Tuner's own protocol between chief and workers, with jobs and results as JSON.

    call            the worker says          the chief answers with a trial that is
    --------------  -----------------------  ------------------------------------------
    GetSpace                                 (what the search is: ``about``)
    CreateTrial     its name                 RUNNING: a job. IDLE: ask again.
                                             STOPPED: the search is over.
    GetTrial        its lease, or its name   RUNNING: go on. STOPPED: the search is
                                             over.
    EndTrial        its lease, and COMPLETED: a result; FAILED: an error;
                    INVALID: the job is handed back

All but the first call carry a key that lies in the search's folder, which strangers
cannot read. What does not, or makes no sense, is refused.

A lease is one handing out of one job; its id is the trial's id. What is said in JSON
stands among a trial's hyperparameter values: Keras Tuner's metrics are 32-bit floats,
and its ``message`` does not travel.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from seqkit import errors
from seqkit.errors import Mistake, RecipeError, SeqkitError, TrainingError
from seqkit.shared.files import written_whole

SEARCH = "seqkit-search"
"""Metadata of each call: which search the worker believes to be in."""

KEY = "seqkit-key"
"""Metadata of each call but the first: that the worker can read the search's folder."""

KEY_FILE = ".key"
"""Of the search's folder, which chief and workers share and strangers do not."""

BYTES = 16 * 2**20
"""The largest message; results hold a whole history, but no weights."""

CHANNEL = (
    ("grpc.max_send_message_length", BYTES),
    ("grpc.max_receive_message_length", BYTES),
    # Notice within seconds that the other machine is gone, also between calls.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
)
SERVER = (
    *CHANNEL,
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 1_000),
    # Else a second chief on the same port would be given half of the workers.
    ("grpc.so_reuseport", 0),
)
CLIENT = (
    *CHANNEL,
    # A chief is inside the cluster, whatever the proxy to the outside is.
    ("grpc.enable_http_proxy", 0),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)


@dataclass(frozen=True)
class Protocol:
    """The modules of Keras Tuner that speak it: messages, service, and gRPC's part."""

    messages: Any
    service: Any
    grpc: Any

    def trial(self, id: str, status: str, plain: Any = None) -> Any:
        """A trial that says ``plain`` (JSON-able) under its status."""
        trial = self.messages.Trial(
            trial_id=id, status=getattr(self.messages, status), hyperparameters={}
        )
        if plain is not None:
            self.say(trial.hyperparameters, plain)
        return trial

    def say(self, hyperparameters: Any, plain: Any) -> None:
        """Put ``plain`` as JSON text among the hyperparameter values."""
        text = json.dumps(plain, ensure_ascii=False)
        hyperparameters.values.values["json"].string_value = text

    def said(self, hyperparameters: Any) -> Any:
        """What ``say`` put there; floats come back to the last bit."""
        return json.loads(hyperparameters.values.values["json"].string_value)

    def status(self, trial: Any) -> str:
        """``RUNNING``, ``IDLE``, ``STOPPED``, ..."""
        return str(self.messages.TrialStatus.Name(trial.status))


@cache
def protocol() -> Protocol:
    """Load Keras Tuner's protocol, and nothing else of it.

    ``import keras_tuner`` loads TensorFlow: 4 seconds, of which the protocol's modules
    are 0.02.
    """
    # gRPC would write to the terminal what is said in a sentence anyway.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    with _without_init("keras_tuner", "keras_tuner.src"):
        from keras_tuner.src import protos

        return Protocol(
            protos.get_proto(), protos.get_service(), protos.get_service_grpc()
        )


@contextmanager
def _without_init(*packages: str) -> Iterator[None]:
    """Let modules of ``packages`` be imported without what ``__init__`` imports.

    Packages that are loaded already stay as they are; the others are loaded whole when
    they are next imported.
    """
    bare: dict[str, ModuleType] = {}
    for name in packages:
        if name in sys.modules:
            continue
        spec = find_spec(name)
        if spec is None or spec.submodule_search_locations is None:
            break
        bare[name] = ModuleType(name)
        bare[name].__path__ = list(spec.submodule_search_locations)
        sys.modules[name] = bare[name]
    try:
        yield
    finally:
        for name, module in bare.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def search_id(about: Mapping[str, Any]) -> str:
    """The same for the same search, also after it was resumed."""
    text = json.dumps(about, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def new_key(folder: Path) -> str:
    """A key that is written where workers can read it; the one that is there stays.

    Whoever reaches the port without being able to read the search's folder is no
    worker.
    """
    if key := key_in(folder):
        return key
    key = secrets.token_hex(16)
    if folder.is_dir():
        with written_whole(folder / KEY_FILE) as temporary:
            temporary.touch(mode=0o600)
            temporary.write_text(key, encoding="ascii")
    return key


def key_in(folder: Path) -> str:
    """The key of the search in this folder; empty where there is none."""
    try:
        return (folder / KEY_FILE).read_text(encoding="ascii")
    except OSError:
        return ""


def packed(error: BaseException, trace: str = "") -> dict[str, Any]:
    """An error as JSON can hold it; ``trace`` for one that nobody raised on purpose."""
    plain: dict[str, Any] = {"text": str(error), "kind": None, "trace": trace}
    for kind in type(error).__mro__:
        if isinstance(error, SeqkitError) and _known(kind.__name__) is kind:
            plain["kind"] = kind.__name__
            break
    if isinstance(error, RecipeError):
        plain["mistakes"] = [asdict(mistake) for mistake in error.mistakes]
    return plain


def unpacked(plain: Mapping[str, Any], job: str | None = None) -> SeqkitError:
    """The error that ``packed`` was given; a TrainingError for what is no SeqkitError.

    ``job`` is the id of the job that ended in it.
    """
    kind = _known(str(plain["kind"]))
    if kind is RecipeError:
        return RecipeError(Mistake(**mistake) for mistake in plain["mistakes"])
    if kind is not None:
        return kind(plain["text"])
    place = f"at {job} " if job else ""
    return TrainingError(
        f"A worker failed {place}in a way that seqkit does not expect:\n"
        f"{plain['trace'] or plain['text']}".rstrip()
    )


def _known(name: str) -> type[SeqkitError] | None:
    kind = getattr(errors, name, None)
    is_error = isinstance(kind, type) and issubclass(kind, SeqkitError)
    return kind if is_error else None
