"""``sample:addition`` and ``sample:reverse``: symbols to symbols, one answer each.

    123+45  ->  168
    seqkit  ->  tikqes

Columns are ``input`` and ``output``. No input is in both parts; nor is ``45+123`` in
the one where ``123+45`` is in the other. ``sample:addition`` has numbers of up to three
digits (``sample:addition:4``: four), each as often as any other; ``sample:reverse`` has
1 to 12 letters (``sample:reverse:20``: up to 20).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqkit.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SEED = 0
ADDITION_ROWS = {"train": 45_000, "test": 5_000}
"""As many as in Keras's example of addition, where the 5,000 validate."""
REVERSE_ROWS = {"train": 9_000, "test": 1_000}
MOST_DIGITS, MOST_LETTERS = 9, 100
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def addition(digits: str = "3") -> dict[str, pd.DataFrame]:
    """Two whole numbers with a plus sign, and their sum.

    Raises:
        DataError: ``digits`` is no whole number from 3 to MOST_DIGITS.
    """
    highest = 10 ** _number(digits, "addition:DIGITS", 3, MOST_DIGITS)
    wanted = sum(ADDITION_ROWS.values())
    # The old generator's stream is the same in every version of NumPy.
    random = np.random.RandomState(SEED)
    drawn = random.randint(0, highest, (2 * wanted, 2), np.int64)
    _, firsts = np.unique(np.sort(drawn, axis=1), axis=0, return_index=True)
    pairs = drawn[np.sort(firsts)[:wanted]].tolist()
    rows = [(f"{one}+{other}", str(one + other)) for one, other in pairs]
    return _parts(rows, ADDITION_ROWS)


def reverse(letters: str = "12") -> dict[str, pd.DataFrame]:
    """Random letters, and the same from the last to the first.

    Raises:
        DataError: ``letters`` is no whole number from 4 to MOST_LETTERS.
    """
    longest = _number(letters, "reverse:LETTERS", 4, MOST_LETTERS)
    wanted = sum(REVERSE_ROWS.values())
    random = np.random.RandomState(SEED)
    words: dict[str, None] = {}
    while len(words) < wanted:
        length = random.randint(1, longest + 1)
        words[_word(random.randint(0, len(LETTERS), length))] = None
    return _parts([(word, word[::-1]) for word in words], REVERSE_ROWS)


def _word(places: NDArray[np.integer]) -> str:
    return "".join(LETTERS[place] for place in places)


def _number(argument: str, form: str, least: int, most: int) -> int:
    """An argument as a whole number; raise DataError where it is none of these."""
    if not (argument.isascii() and argument.isdecimal() and len(argument) < 5) or not (
        least <= int(argument) <= most
    ):
        name = form.partition(":")[2].lower()
        raise DataError(
            f"sample:{form} takes a whole number of {name} from {least} to {most}, got "
            f"{argument!r}."
        )
    return int(argument)


def _parts(
    rows: list[tuple[str, str]], sizes: dict[str, int]
) -> dict[str, pd.DataFrame]:
    """Rows in the order of the parts."""
    import pandas as pd

    frames, start = {}, 0
    for part, size in sizes.items():
        own = rows[start : start + size]
        frames[part] = pd.DataFrame(own, columns=["input", "output"])
        start += size
    return frames
