"""What goes beside a core model whose runtime cannot read text: its preprocessing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tensorflow as tf

from seqkit.errors import ExportError
from seqkit.export.shipment import Shipment
from seqkit.export.tokens.characters import character_tables

NEEDED = ("vocabulary.json", "classes.json", "preprocessing.json")
"""Files that ``encode.py`` and the snippets in READMEs read."""

ENCODE = Path(__file__).with_name("encode.py")

USAGE = """\
The runtime holds no text operations: `encode.py` (standard library only, free to copy)
turns raw text into ids from `vocabulary.json`, `preprocessing.json` and
`characters.json`; `classes.json` names the outputs. The snippet runs in this folder.
"""


def write_core_files(shipment: Shipment, folder: Path, format: str) -> None:
    """Write the shipment's files, ``encode.py`` and the tables that it reads."""
    missing = [name for name in NEEDED if name not in shipment.files]
    if missing:
        raise ExportError(
            f"Only classifiers of texts can be written as {format} so far; this model "
            f"has no {', '.join(missing)}. Use the format 'savedmodel' instead."
        )
    for name, content in shipment.files.items():
        raw = content if isinstance(content, bytes) else content.encode("utf-8")
        (folder / name).write_bytes(raw)
    options = json.loads(shipment.files["preprocessing.json"])
    tables = character_tables(options["level"], options["lowercase"])
    text = json.dumps(tables, separators=(",", ":"))
    (folder / "characters.json").write_text(text + "\n", encoding="utf-8")
    (folder / "encode.py").write_bytes(ENCODE.read_bytes())


def example_text(shipment: Shipment) -> str:
    """The one input of the first sample."""
    (text,) = shipment.example().values()
    return str(text)


def core_function(core: Any, batch: int | None) -> Any:
    """``core`` as a graph from ``ids`` (batch, any) to ``probabilities``."""

    def answer(ids: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"probabilities": core(ids, training=False)}

    ids = tf.TensorSpec((batch, None), tf.int32, "ids")
    return tf.function(answer, input_signature=[ids])
