"""Make seqkit/data/sources/date_forms.json: how dates are written in many languages.

    pip install babel && python scripts/date_forms.py

The patterns and names are Unicode's (CLDR), as the package babel gives them; the notice
that their licence asks for is put into the file. A form becomes a template such as
``{d}. {MMMM} {y}``. Where it has another reading, its locale stands before it: if it
holds digits alone, or if a date written in it is also another date in another form.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import babel
from babel import Locale
from babel.dates import format_date, get_date_format

from seqkit.data.sources.sample_dates import TABLE, written

LOCALES = (
    "en_US en_GB de fr es it pt nl sv da nb fi is pl cs sk hu ro bg ru uk el tr lt lv "
    "et hr sl sr ca eu gl ga cy sq az ka hy ar he hi id ms vi sw zu af ja zh ko"
).split()
"""Not those whose calendar is another one, such as Thai and Persian."""
WIDTHS = ("short", "medium", "long", "full")
FIELDS = {"d", "dd", "M", "MM", "MMM", "MMMM", "LLLL", "y", "yy", "EEEE", "cccc"}
NAMES = {
    "MMM": ("months", "format", "abbreviated"),
    "MMMM": ("months", "format", "wide"),
    "LLLL": ("months", "stand-alone", "wide"),
    "EEEE": ("days", "format", "wide"),
    "cccc": ("days", "stand-alone", "wide"),
}
YEARS = range(1990, 2018)
"""In 28 years every day of the year falls on every day of the week."""

_PIECE = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*")


def template(pattern: str) -> str | None:
    """A pattern of CLDR as a template; None where it has fields that are not taken."""
    assert "{" not in pattern
    fields: list[str] = []

    def piece(match: re.Match[str]) -> str:
        if match[2] is None:
            return match[1].replace("''", "'") or "'"
        fields.append(match[0])
        return f"{{{match[0]}}}"

    text = _PIECE.sub(piece, pattern)
    return text if set(fields) <= FIELDS else None


def language(code: str) -> dict[str, Any]:
    """The forms of a locale, and the names that they hold."""
    locale = Locale.parse(code)
    forms: dict[str, None] = {}
    for width in WIDTHS:
        form = template(get_date_format(width, locale=locale).pattern)
        if form is not None:
            forms[form] = None
    names = {}
    for field, (kind, context, width) in NAMES.items():
        if any(f"{{{field}}}" in form for form in forms):
            of = getattr(locale, kind)[context][width]
            names[field] = [of[key] for key in sorted(of)]
    return {"forms": list(forms), "names": names}


def check(code: str, own: dict[str, Any]) -> None:
    """See that babel writes the same."""
    for width in WIDTHS:
        pattern = get_date_format(width, locale=Locale.parse(code)).pattern
        form = template(pattern)
        for day in (date(1999, 2, 7), date(2008, 11, 29)):
            if form is not None:
                theirs = format_date(day, width, locale=code)
                assert written(day, form, code, own["names"]) == theirs, (code, theirs)


def mark(languages: dict[str, Any]) -> int:
    """Put the locale before the forms that need it; gives how many they are."""
    readings: dict[str, set[date]] = defaultdict(set)
    users: dict[str, set[tuple[str, str]]] = defaultdict(set)
    plain = [
        (code, form)
        for code, own in languages.items()
        for form in own["forms"]
        if any(f"{{{field}}}" in form for field in ("MMM", "MMMM", "LLLL"))
        # Some languages write months by their numbers even here.
        and not any(_is_digits(name) for name in own["names"].get("MMM", [""]))
    ]
    day = date(YEARS[0], 1, 1)
    while day.year in YEARS:
        for code, form in plain:
            text = written(day, form, code, languages[code]["names"])
            readings[text].add(day)
            users[text].add((code, form))
        day += timedelta(1)
    clashing = {
        one for text, days in readings.items() if len(days) > 1 for one in users[text]
    }
    count = 0
    for code, own in languages.items():
        forms = []
        for form in own["forms"]:
            is_plain = (code, form) in plain and (code, form) not in clashing
            count += not is_plain
            forms.append(form if is_plain else f"{{locale}}: {form}")
        own["forms"] = forms
    print(f"{len(clashing)} forms with names clash: {sorted(clashing)}")
    return count


def _is_digits(name: str) -> bool:
    return any(letter.isdigit() for letter in name)


def lines_of(table: dict[str, Any]) -> str:
    """JSON with a locale a line, so that a change of one can be seen."""

    def plain(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    locales = ",\n".join(
        f"{plain(code)}: {plain(own)}" for code, own in table["locales"].items()
    )
    head = [f"{plain(key)}: {plain(table[key])}" for key in ("source", "licence")]
    return ",\n".join(["{" + head[0], head[1], f'"locales": {{\n{locales}\n}}}}\n'])


def main() -> None:
    """Write the table."""
    languages = {code: language(code) for code in LOCALES}
    for code, own in languages.items():
        check(code, own)
    marked = mark(languages)
    notice = Path(babel.__file__).parent / "locale-data" / "LICENSE.unicode"
    table = {
        "source": f"Unicode CLDR (https://cldr.unicode.org), babel {babel.__version__}",
        "licence": notice.read_text(encoding="utf-8").splitlines(),
        "locales": languages,
    }
    TABLE.write_text(lines_of(table), "utf-8")
    forms = sum(len(own["forms"]) for own in languages.values())
    print(f"{len(languages)} locales, {forms} forms, {marked} of them behind a locale")


if __name__ == "__main__":
    main()
