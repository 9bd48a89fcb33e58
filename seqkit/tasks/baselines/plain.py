"""Plain data of fitted baselines as arrays, without pickle."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray


def json_bytes(plain: Any) -> NDArray[np.uint8]:
    """Lists, dicts, texts and numbers as the bytes of JSON, which any text survives."""
    return np.frombuffer(json.dumps(plain).encode("ascii"), np.uint8)


def from_json_bytes(array: NDArray[np.uint8]) -> Any:
    """What ``json_bytes`` was given."""
    return json.loads(array.tobytes())
