"""``sample:dates``: dates as people of many languages write them, to YYYY-MM-DD.

    7. Februar 1999  ->  1999-02-07
    en_US: 2/7/99    ->  1999-02-07
    en_GB: 07/02/1999 -> 1999-02-07

Columns are ``input``, ``output`` and ``locale``. Every input has one right answer: the
locale stands before a form that could be read in another way. Dates are of the hundred
years from FIRST_YEAR on, and so are years of two digits. No date is in both parts; with
``data.groups: output`` none is in training and validation either.

The forms and names are Unicode's (CLDR); ``scripts/date_forms.py`` made the table of
them, which holds the notice of their licence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

SEED = 0
TRAIN_ROWS, TEST_ROWS = 40_000, 4_000
TEST_DATES = 0.1
"""Share of the dates that are in the test part alone."""
FIRST_YEAR, YEARS = 1950, 100

TABLE = Path(__file__).with_name("date_forms.json")


def dates() -> dict[str, pd.DataFrame]:
    """Random dates, in a random form of a random locale each."""
    # The old generator's stream is the same in every version of NumPy.
    random = np.random.RandomState(SEED)
    first = date(FIRST_YEAR, 1, 1)
    days = (date(FIRST_YEAR + YEARS, 1, 1) - first).days
    order = random.permutation(days)
    apart = int(TEST_DATES * days)
    languages = forms_by_locale()
    frames = {}
    for part, own, rows in [
        ("train", order[apart:], TRAIN_ROWS),
        ("test", order[:apart], TEST_ROWS),
    ]:
        drawn = own[random.randint(0, len(own), rows)].tolist()
        codes = random.randint(0, len(languages), rows).tolist()
        places = random.random_sample(rows).tolist()
        frames[part] = _frame(
            [first + timedelta(day) for day in drawn],
            [list(languages)[code] for code in codes],
            places,
            languages,
        )
    return frames


def forms_by_locale() -> dict[str, dict[str, Any]]:
    """Of each locale its ``forms``, templates, and the ``names`` that they hold."""
    languages: dict[str, dict[str, Any]] = json.loads(TABLE.read_text("utf-8"))[
        "locales"
    ]
    return languages


def written(
    day: date, form: str, locale: str, names: Mapping[str, Sequence[str]]
) -> str:
    """A date in a form such as ``{d}. {MMMM} {y}``.

    >>> written(date(1999, 2, 7), "{locale}: {dd}.{M}.{yy}", "de", {})
    'de: 07.2.99'
    """
    fields = {
        "locale": locale,
        "d": f"{day.day}",
        "dd": f"{day.day:02}",
        "M": f"{day.month}",
        "MM": f"{day.month:02}",
        "y": f"{day.year}",
        "yy": f"{day.year % 100:02}",
    }
    for field, own in names.items():
        fields[field] = own[day.month - 1 if len(own) == 12 else day.weekday()]
    return form.format_map(fields)


def _frame(
    days: Sequence[date],
    locales: Sequence[str],
    places: Sequence[float],
    languages: Mapping[str, Mapping[str, Any]],
) -> pd.DataFrame:
    """Rows of dates; ``places`` from 0 to 1 say which of a locale's forms each has."""
    import pandas as pd

    inputs = []
    for day, locale, place in zip(days, locales, places, strict=True):
        forms, names = languages[locale]["forms"], languages[locale]["names"]
        inputs.append(written(day, forms[int(place * len(forms))], locale, names))
    outputs = [day.isoformat() for day in days]
    return pd.DataFrame({"input": inputs, "output": outputs, "locale": locales})
