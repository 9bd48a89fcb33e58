"""Messages stay short, whatever lies in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqkit.errors import DataError, DataWarning, Mistake, RecipeError
from seqkit.registry import TASKS
from seqkit.shortened import LONGEST_MESSAGE, shortened


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb", r"'a\nb'"),
        ("x" * 70, "'" + "x" * 56 + "..."),
        (1.5, "1.5"),
        (np.float64(0.25), "0.25"),
        (None, "None"),
        (10**400, "100000... (401 digits)"),
        ([1, "a"], "[1, 'a']"),
        (np.array([[1.0, 2.0]]), "[[1.0, 2.0]]"),
        ({"a": [None]}, "{'a': [None]}"),
        ([[[[[1]]]]], "[[[[...]]]]"),
        ("\ud800", r"'\ud800'"),
    ],
)
def test_values_are_shown_on_one_line(value: Any, text: str) -> None:
    assert shortened(value) == text


def test_a_number_that_python_refuses_to_print_is_shown() -> None:
    assert shortened([-(10**5000)]) == "[-100000... (5,001 digits)]"


def test_huge_values_cost_nothing_to_show() -> None:
    class Counted(list[int]):
        read = 0

        def __iter__(self) -> Any:
            for item in super().__iter__():
                Counted.read += 1
                yield item

    assert len(shortened(Counted(range(10**6)))) == 60
    assert Counted.read < 100


def test_a_long_message_keeps_its_rule_and_its_mend() -> None:
    for kind in (DataError, DataWarning):
        text = str(kind(f"No column {'x' * 10**6!r}. Name another."))
        assert len(text) == LONGEST_MESSAGE
        assert text.startswith("No column 'xxx") and text.endswith("Name another.")


def test_many_mistakes_of_a_recipe_are_counted() -> None:
    error = RecipeError(Mistake("r.yaml:1", f"key{n}", "is bad.") for n in range(2000))
    lines = str(error).split("\n")
    assert len(error.mistakes) == 2000
    assert lines[0] == "r.yaml:1: key0 is bad."
    assert lines[-1] == "... and 1,980 more mistakes."
    assert len(lines) == 21


def test_a_name_of_a_megabyte_is_refused_in_a_short_message() -> None:
    with pytest.raises(ValueError) as caught:
        TASKS.get("x" * 10**6)
    assert len(str(caught.value)) == LONGEST_MESSAGE
