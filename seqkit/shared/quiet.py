"""TensorFlow without its start-up chatter."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def load_tensorflow() -> None:
    """Import TensorFlow, hiding what it writes before it can be told not to.

    Does nothing where TensorFlow is already there, and leaves a log level that is set.
    """
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _silenced_stderr():
        import tensorflow  # noqa: F401


@contextmanager
def _silenced_stderr() -> Iterator[None]:
    """Send file descriptor 2 nowhere; C++ code knows no ``sys.stderr``."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
