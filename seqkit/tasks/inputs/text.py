"""Texts as inputs: encoded to token ids by a fitted vocabulary."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from seqkit.data.rows import reading
from seqkit.data.rows.missing import is_missing, tell_dropped
from seqkit.data.stores.store import TOKENS, Column, Ragged, Store
from seqkit.data.text.rows import TextReading
from seqkit.data.text.tokenizer import Tokenizer, encode
from seqkit.errors import DataError
from seqkit.tasks.inputs.base import Encoded, Inputs

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from seqkit.data.rows.parted import PartedRows
    from seqkit.layers.text import TextEncoder

COUNTED_BATCH = 128
MANY_UNKNOWN = 0.2
"""So large a share of unknown tokens is spoken of."""
MANY_STRANGE = 0.01
"""So large a share of texts without a known token is spoken of."""
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
LETTERS = 10_000
"""Different letters that are known where texts are also read by letters, at most."""
LETTERS_NAME = "letter_encoder"
LETTERS_A_TOKEN = 8
"""Letters that are read of a text for each token that is, unless tokens are letters."""
CUT = {"pre": "beginning", "post": "end", "middle": "middle"}


class TextInputs(Inputs[str]):
    """Texts, and the encoder of tokens that was fitted to them.

    Args:
        encoder: turns raw text into token ids.
        missing: what happens where a text is missing, see ``data.missing``.
        letters: turns raw text into ids of letters, see ``data.letters``.
    """

    Reading: ClassVar[type[reading.Reading[Any]]] = TextReading

    def __init__(
        self,
        encoder: TextEncoder,
        missing: str = "error",
        letters: TextEncoder | None = None,
    ) -> None:
        self.encoder, self.missing, self.letters = encoder, missing, letters

    @classmethod
    def fit(cls, spec: Any, rows: PartedRows[str]) -> Self:
        encoder = fitted_encoder(spec, rows)
        if not getattr(spec, "letters", False):
            return cls(encoder, spec.missing)
        by_letter = spec.model_copy(
            update={
                "vocab_size": LETTERS,
                "level": "character",
                "max_timesteps": _most_letters(spec.level, spec.max_timesteps),
            }
        )
        return cls(encoder, spec.missing, fitted_encoder(by_letter, rows, LETTERS_NAME))

    @property
    def columns(self) -> dict[str, Column]:
        return {"tokens": TOKENS, **({"letters": TOKENS} if self.letters else {})}

    @classmethod
    def declared(cls, spec: Any) -> dict[str, Any]:
        letters = getattr(spec, "letters", False)
        return {
            "timesteps": spec.max_timesteps,
            "vocabulary": spec.vocab_size,
            **({"details": (("letters", LETTERS),)} if letters else {}),
        }

    @property
    def shapes(self) -> dict[str, Any]:
        encoder, letters = self.encoder, self.letters
        details = (("letters", len(letters.vocabulary)),) if letters else ()
        return {
            "timesteps": encoder.max_timesteps,
            "vocabulary": len(encoder.vocabulary),
            **({"details": details} if details else {}),
        }

    def encoded(self, raw: list[str]) -> Iterator[Encoded]:
        by_letter = encode(self.letters, raw) if self.letters else repeat(None)
        # Both are cut into the same pieces.
        for piece, letters in zip(encode(self.encoder, raw), by_letter, strict=False):
            columns = {"tokens": Ragged(piece.ids, piece.lengths)}
            if letters:
                columns["letters"] = Ragged(letters.ids, letters.lengths)
            yield Encoded(len(piece.lengths), columns, piece.whole_lengths)

    def raw(self) -> dict[str, keras.KerasTensor]:
        """``text`` (batch,)."""
        import keras

        return {"text": keras.Input((), dtype="string", name="text")}

    def in_graph(self, raw: dict[str, Any]) -> Any:
        ids = self.encoder(raw["text"])
        if self.letters is None:
            return ids
        return {"tokens": ids, "letters": self.letters(raw["text"])}

    def checked(self, values: Sequence[Any]) -> list[str]:
        return check_texts(values, self.missing)

    def samples(self, kept: list[str]) -> dict[str, list[str]]:
        return {"text": [*AWKWARD_TEXTS, *kept]}

    def named(self, samples: Mapping[str, list[Any]]) -> list[str]:
        return samples["text"]

    def remarks(self, spec: Any, stores: Mapping[str, Store]) -> list[str]:
        return unknown_tokens(self.encoder, stores["validation"], spec.vocab_size)

    def limits(self) -> list[str]:
        options = self.options()
        things = {"subword": "pieces"}.get(options["level"], f"{options['level']}s")
        return [
            f"- Reads {options['max_timesteps']} {things} of a text at most "
            f"(longer ones lose their {CUT[options['truncating']]}), and knows "
            f"{len(self.encoder.vocabulary) - 2:,} different ones.",
            "- Bytes that are not UTF-8 are read as U+FFFD; an empty text is answered "
            "as if it held one unknown token.",
        ]

    def options(self) -> dict[str, Any]:
        """How texts are cut into tokens, by the recipe's keys."""
        encoder = self.encoder
        return {
            "level": encoder.level,
            "lowercase": encoder.lowercase,
            "truncating": encoder.truncating,
            "max_timesteps": encoder.max_timesteps,
        }

    def plain(self) -> dict[str, Any]:
        return {
            "options": self.options(),
            "missing": self.missing,
            "vocabulary": self.encoder.vocabulary,
            **({"letters": self.letters.vocabulary} if self.letters else {}),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        from seqkit.layers.text import TextEncoder

        options = plain["options"]
        encoder, letters = TextEncoder(plain["vocabulary"], **options), None
        if "letters" in plain:
            most = _most_letters(options["level"], options["max_timesteps"])
            own = {**options, "level": "character", "max_timesteps": most}
            letters = TextEncoder(plain["letters"], name=LETTERS_NAME, **own)
        # Runs of older versions knew no other way.
        return cls(encoder, plain.get("missing", "error"), letters)

    def files(self) -> dict[str, str]:
        if self.letters:
            # No snippet beside a core model reads a text twice.
            return {}
        return {
            "vocabulary.json": json.dumps(self.encoder.vocabulary, ensure_ascii=False),
            "preprocessing.json": json.dumps(self.options()),
        }

    @staticmethod
    def lines(inputs: list[Any], answers: pd.DataFrame) -> list[str]:
        shown = zip(answers["label"], answers["probability"], inputs, strict=True)
        return [f"{label}  {sure:.3f}  {text[:60]!r}" for label, sure, text in shown]


def _most_letters(level: str, tokens: int) -> int:
    return tokens * (1 if level == "character" else LETTERS_A_TOKEN)


def fitted_encoder(
    spec: Any, rows: PartedRows[str], name: str = "text_encoder"
) -> TextEncoder:
    """An encoder whose vocabulary comes from the training part alone."""
    texts = (chunk.inputs for chunk in rows.rows("train"))
    fitted = Tokenizer.fit(texts, spec.vocab_size, spec.level, spec.lowercase)
    return fitted.encoder(spec.max_timesteps, spec.truncating, name)


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
    """A note where the vocabulary lacks many of the tokens of ``store``.

    Or where it knows nothing at all of some texts.
    """
    if not len(store):
        return []
    rows = np.linspace(0, len(store) - 1, min(len(store), COUNTED_TEXTS))
    tokens = unknown = strange = 0
    for batch in np.array_split(rows.astype(np.int64), -(-len(rows) // COUNTED_BATCH)):
        inputs = store.arrays(batch)[0]
        ids = inputs["tokens"] if isinstance(inputs, dict) else inputs
        tokens += int((ids != PADDING_ID).sum())
        unknown += int((ids == UNKNOWN_ID).sum())
        strange += int((ids <= UNKNOWN_ID).all(axis=1).sum())
    if unknown < MANY_UNKNOWN * tokens and strange < MANY_STRANGE * len(rows):
        return []
    mends = ["data.level=character"] if encoder.level == "word" else []
    if len(encoder.vocabulary) >= vocab_size:
        mends.insert(0, f"a data.vocab_size above {vocab_size:,}")
    share = "All" if unknown == tokens else f"{unknown / tokens:.0%} of the"
    mend = f" Try {' or '.join(mends)}." if mends else ""
    some = 0 < strange < len(rows)
    of_texts = f" {strange:,} of {len(rows):,} texts hold no other." if some else ""
    return [
        f"{share} {encoder.level}s of the validation texts are unknown: the training "
        f"texts have none such, or too seldom.{of_texts}{mend}"
    ]
