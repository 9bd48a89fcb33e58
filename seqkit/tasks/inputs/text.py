"""Preprocessing that all tasks with text as input share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.missing import is_missing, tell_dropped
from seqkit.data.stores.feed import answered_by_length
from seqkit.data.stores.store import padded
from seqkit.data.text.vocabulary import encode
from seqkit.errors import DataError
from seqkit.shared.files import read_json, write_json
from seqkit.signature import Signature
from seqkit.tasks.answers.classes import CALIBRATION_LIMIT
from seqkit.tasks.base import PREPROCESSING_FILE, Answering, Preprocessing
from seqkit.tasks.compiled import compiled_model

if TYPE_CHECKING:
    import keras

    from seqkit.data.stores.store import Store
    from seqkit.layers.text import TextEncoder

PREDICT_BATCH = 128
MANY_UNKNOWN = 0.2
"""So large a share of unknown tokens is spoken of."""
COUNTED_TEXTS = 2048
"""Texts in which they are counted, at most."""
PADDING_ID, UNKNOWN_ID = 0, 1
AWKWARD_TEXTS = (
    "This is an example of a text.",
    "",
    "   ",
    "\U0001f600 \U0001f600!",
    "na\u00efve d\u00e9j\u00e0 vu",
    "word " * 5000,
)
"""What exports must answer as the run does: nothing, emoji, accents, too much.

The first is what a README calls the model with: no row of the data leaves with it.
"""
CUT = {"pre": "beginning", "post": "end", "middle": "middle"}


class TextPreprocessing(Preprocessing):
    """A fitted text encoder and the classes that its model tells apart."""

    def __init__(
        self,
        encoder: TextEncoder,
        classes: tuple[str, ...],
        values: tuple[str, ...],
        missing: str = "error",
    ) -> None:
        self.encoder = encoder
        self.classes = classes
        self.values = values
        """What stands in the label column for each class."""
        self.missing = missing
        self.signature = Signature(
            timesteps=encoder.max_timesteps,
            vocabulary=len(encoder.vocabulary),
            classes=classes,
        )

    def options(self) -> dict[str, Any]:
        """How texts are cut into tokens, by the recipe's keys."""
        encoder = self.encoder
        return {
            "level": encoder.level,
            "lowercase": encoder.lowercase,
            "truncating": encoder.truncating,
            "max_timesteps": encoder.max_timesteps,
        }

    def save(self, folder: Path) -> None:
        plain = {
            "options": self.options(),
            "classes": self.classes,
            "values": self.values,
            "missing": self.missing,
            "vocabulary": self.encoder.vocabulary,
        }
        write_json(folder / PREPROCESSING_FILE, plain)

    @classmethod
    def load(cls, folder: Path) -> TextPreprocessing:
        """Read what ``save`` wrote."""
        from seqkit.layers.text import TextEncoder

        plain = read_json(folder / PREPROCESSING_FILE)
        encoder = TextEncoder(plain["vocabulary"], **plain["options"])
        classes, values = tuple(plain["classes"]), tuple(plain["values"])
        return cls(encoder, classes, values, plain.get("missing", "error"))

    def answering(self, model: keras.Model) -> Answering:
        """From raw texts to outputs (texts, ...), batched by length."""
        compiled = compiled_model(model)
        return lambda texts: self._outputs(compiled, texts)

    def _outputs(self, model: Any, inputs: list[str]) -> NDArray[np.float32]:
        rows: list[NDArray[np.int32]] = []
        for ids, cuts, _ in encode(self.encoder, inputs):
            rows += np.split(ids, np.cumsum(cuts)[:-1])
        lengths = np.array([len(row) for row in rows], np.int32)
        return answered_by_length(
            lambda batch: model(padded([rows[row] for row in batch])),
            lengths,
            PREDICT_BATCH,
        )

    def serving(self, model: keras.Model) -> keras.Model:
        """``text`` (batch,) -> ``label``, ``probability`` and ``p_CLASS`` (batch,)."""
        import keras

        from seqkit.layers.decode import LabelDecoder

        text = keras.Input((), dtype="string", name="text")
        probabilities = model(self.encoder(text))
        return keras.Model({"text": text}, LabelDecoder(self.classes)(probabilities))

    def samples(self, kept: list[str]) -> dict[str, list[str]]:
        return {"text": [*AWKWARD_TEXTS, *kept]}

    def limits(self) -> list[str]:
        options = self.options()
        return [
            f"- Reads {options['max_timesteps']} {options['level']}s of a text at most "
            f"(longer ones lose their {CUT[options['truncating']]}), and knows "
            f"{len(self.encoder.vocabulary) - 2:,} different ones.",
            "- Bytes that are not UTF-8 are read as U+FFFD; an empty text is answered "
            "as if it held one unknown token.",
            CALIBRATION_LIMIT,
        ]

    def files(self) -> dict[str, str]:
        return {
            "vocabulary.json": json.dumps(self.encoder.vocabulary, ensure_ascii=False),
            "classes.json": json.dumps(self.classes, ensure_ascii=False),
            "preprocessing.json": json.dumps(self.options()),
        }


def check_texts(values: Sequence[Any], missing: str) -> list[str]:
    """Texts as they are; those that are missing as ``data.missing`` says.

    Raises:
        DataError: one is no text, or is missing under ``error``.
    """
    texts: list[str] = []
    for value in values:
        if isinstance(value, str):
            texts.append(value)
        elif missing == "error" or not is_missing(value):
            raise DataError(
                f"Each input must be a text (str), got {value!r} of type "
                f"{type(value).__name__}."
            )
        elif missing == "empty":
            texts.append("")
    tell_dropped(len(values) - len(texts), len(values), "inputs", "the list", "text")
    return texts


def unknown_tokens(encoder: TextEncoder, store: Store, vocab_size: int) -> list[str]:
    """A note where the vocabulary lacks many of the tokens of ``store``."""
    if not len(store):
        return []
    rows = np.linspace(0, len(store) - 1, min(len(store), COUNTED_TEXTS))
    tokens = unknown = 0
    for batch in np.array_split(rows.astype(np.int64), -(-len(rows) // PREDICT_BATCH)):
        ids = store.arrays(batch)[0]
        tokens += int((ids != PADDING_ID).sum())
        unknown += int((ids == UNKNOWN_ID).sum())
    if unknown < MANY_UNKNOWN * tokens:
        return []
    mends = [] if encoder.level == "character" else ["data.level=character"]
    if len(encoder.vocabulary) >= vocab_size:
        mends.insert(0, f"a data.vocab_size above {vocab_size:,}")
    share = "All" if unknown == tokens else f"{unknown / tokens:.0%} of the"
    mend = f" Try {' or '.join(mends)}." if mends else ""
    return [
        f"{share} {encoder.level}s of the validation texts are unknown: the training "
        f"texts have none such, or too seldom.{mend}"
    ]
