"""Reading YAML strictly: values by YAML 1.2, places, and every refusal."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import Mistake, RecipeError
from seqkit.recipe.nodes import Node, node_of, shown
from seqkit.recipe.yaml import (
    MAX_BYTES,
    dump,
    read_file,
    read_text,
    read_value,
    scalar,
)


def read(text: str) -> Node:
    """Read text that must be without any mistake."""
    mistakes: list[Mistake] = []
    node = read_text(text, "r.yaml", mistakes)
    assert mistakes == []
    return node


def refused(text: str) -> list[str]:
    """The mistakes of a text that must have some."""
    mistakes: list[Mistake] = []
    try:
        read_text(text, "r.yaml", mistakes)
    except RecipeError as error:
        mistakes = list(error.mistakes)
    assert mistakes
    return [str(mistake) for mistake in mistakes]


# By YAML 1.2.2, section 10.3.2 (the core schema), less octal and hexadecimal numbers.
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-0.0", -0.0),
        ("+7", 7),
        ("0", 0),
        ("-12", -12),
        ("no", "no"),
        ("No", "No"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("n", "n"),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        ("tRuE", "tRuE"),
        ("null", None),
        ("~", None),
        ("", None),
        ("None", "None"),
        ("none", "none"),
        ("nan", "nan"),
        ("inf", "inf"),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("12:30", "12:30"),
        ("12:30:45", "12:30:45"),
        ("010", "010"),
        ("-010", "-010"),
        ("00.5", "00.5"),
        ("0o10", "0o10"),
        ("0x10", "0x10"),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("1,000", "1,000"),
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"),
        ("=", "="),
        ("<<", "<<"),
        ("e3", "e3"),
        (".", "."),
        ("-", "-"),
        ("١٢", "١٢"),
    ],
)
def test_plain_scalar_is_what_it_looks_like(text: str, value: Any) -> None:
    got = scalar(text)
    assert (type(got), repr(got)) == (type(value), repr(value))


def test_nan_is_read_as_nan() -> None:
    assert math.isnan(scalar(".nan"))


@pytest.mark.parametrize("text", ["9223372036854775808", "9" * 5000, "1e400", "-1e999"])
def test_number_beyond_64_bits_is_a_mistake_with_its_line(text: str) -> None:
    assert refused(f"a: 1\nb: {text}") == [
        "r.yaml:2: b is a number too large for 64 bits."
    ]


def test_largest_64_bit_number_is_read() -> None:
    assert read("a: 9223372036854775807").plain() == {"a": 2**63 - 1}


@pytest.mark.parametrize(
    "text", ["a: '1e-3'", 'a: "1e-3"', "a: |-\n  1e-3", "a: >-\n  1e-3"]
)
def test_quoted_number_is_text(text: str) -> None:
    assert read(text).plain() == {"a": "1e-3"}


def test_every_value_knows_the_line_of_its_key() -> None:
    node = read(
        "a:\n  b: 1\n  c:\n    - 2\n    - d: 3\ne: {f: 4,\n    g: 5}\nh:\n\n  6\n"
    )
    places = {
        "a": node.at("a"),
        "b": node.at("a").at("b"),
        "c[1]": node.at("a").at("c").at(1),
        "d": node.at("a").at("c").at(1).at("d"),
        "g": node.at("e").at("g"),
        "h": node.at("h"),
    }
    lines = {key: place.where.removeprefix("r.yaml:") for key, place in places.items()}
    assert lines == {"a": "1", "b": "2", "c[1]": "5", "d": "5", "g": "7", "h": "8"}


def test_windows_line_ends_and_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: no\r\n")
    node = read_file(path, [])
    assert node.plain() == {"a": 1, "b": "no"}
    assert node.at("b").where == f"{path}:2"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3", "r.yaml:3: a is given twice (first in line 1)."),
        ("a:\n  b: 1\n  b: 1", "r.yaml:3: a.b is given twice (first in line 2)."),
        ("a: [{b: 1, b: 2}]", "r.yaml:1: a[0].b is given twice (first in line 1)."),
        ("'a': 1\na: 2", "r.yaml:2: a is given twice (first in line 1)."),
        ("a: &x 1", "r.yaml:1: a uses an anchor"),
        ("a: *x", "r.yaml:1: a uses an anchor or alias"),
        ("*x : 1", "r.yaml:1: uses an anchor"),
        ("b: {a: 1}\nc:\n  <<: {a: 2}", "r.yaml:3: c.<< is a merge key; use 'extends'"),
        (
            "a: !!python/object:os.system {}",
            "r.yaml:1: a has the tag tag:yaml.org,2002",
        ),
        ("a: !!python/object/apply:os.system [ls]", "r.yaml:1: a has the tag"),
        ("a: !!str 3", "r.yaml:1: a has the tag tag:yaml.org,2002:str;"),
        ("a: !!int '3'", "r.yaml:1: a has the tag"),
        ("a: ! 3", "r.yaml:1: a has the tag !;"),
        ("a: !mine 3", "r.yaml:1: a has the tag !mine;"),
        ("!!map {a: 1}", "r.yaml:1: has the tag"),
        ("? [a, b]\n: 1", "r.yaml:1: has a key that is not a word."),
        ("a: 1\n---\nb: 2", "r.yaml:2: starts a second document."),
        ("a: 1\n...\nb: 2", "r.yaml:3: is not valid YAML: "),
        (
            "a:\n\tb: 1",
            "r.yaml:2: is not valid YAML: found character '\\t' that cannot",
        ),
        ("a: 1\n b: 2", "r.yaml:2: is not valid YAML: mapping values are not allowed"),
        ("a: [1, 2", "r.yaml:1: is not valid YAML: "),
        ('a: "open', "r.yaml:1: is not valid YAML: "),
        ("a: @x", "r.yaml:1: is not valid YAML: "),
        ("a: %x", "r.yaml:1: is not valid YAML: "),
        ("%YAML 3.0\n---\na: 1", "r.yaml:1: is not valid YAML: "),
        ("a: 1\nb: \0", "r.yaml:2: is not valid YAML: the character U+0000 is not"),
        ("a: 1\nb: \x1b[0m", "r.yaml:2: is not valid YAML: the character U+001B"),
        ('a: "\\UFFFFFFFF"', "r.yaml:1: is not valid YAML: a \\U escape names no"),
        ('a: "\\U7FFFFFFF"', "r.yaml:1: is not valid YAML: a \\U escape names no"),
        ('a: "\\ud800"', "r.yaml:1: a holds half a character"),
        ("", "r.yaml: is empty. A recipe starts with 'task: NAME'."),
        ("# only a comment\n", "r.yaml: is empty."),
        ("---\n", "r.yaml:2: must hold keys and values ('task: NAME'), got null."),
        (
            "- a\n- b",
            "r.yaml:1: must hold keys and values ('task: NAME'), got ['a', 'b'].",
        ),
        ("just words", "r.yaml:1: must hold keys and values"),
    ],
)
def test_mistake_is_refused_with_its_line(text: str, line: str) -> None:
    found = refused(text)
    assert len(found) == 1
    assert found[0].startswith(line)


def test_all_mistakes_are_noted_and_reading_goes_on() -> None:
    mistakes: list[Mistake] = []
    node = read_text("a: 1\na: 2\nb: !x 3\nc: &y 4\n", "r.yaml", mistakes)
    assert [mistake.where for mistake in mistakes] == [
        "r.yaml:2",
        "r.yaml:3",
        "r.yaml:4",
    ]
    assert node.plain() == {"a": 1, "b": 3, "c": 4}


def test_broken_syntax_does_not_hide_the_mistakes_before_it() -> None:
    first, second = refused("a: 1\na: 2\nb: [")
    assert first.startswith("r.yaml:2: a is given twice")
    assert "is not valid YAML" in second


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 5000, "- " * 900 + "1"])
def test_deep_nesting_is_refused_before_it_costs_anything(text: str) -> None:
    assert any("is nested too deeply" in line for line in refused(f"a:\n  {text}"))


def test_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(10**12)  # a terabyte, of which nothing is on the disk
    with pytest.raises(RecipeError, match=f"larger than {MAX_BYTES:,} bytes"):
        read_file(path, [])


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"a: 1\nb: \xff", ":2: is not UTF-8 text. Save it as UTF-8."),
        ("a: 1".encode("utf-16"), ":1: is not UTF-8 text."),
        (b"", ": is empty."),
    ],
)
def test_file_that_is_no_text_is_refused(tmp_path: Path, raw: bytes, text: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(raw)
    with pytest.raises(RecipeError) as refusal:
        read_file(path, [])
    assert str(refusal.value).startswith(f"{path}{text}")


def test_path_that_is_no_readable_file_is_refused_in_one_sentence(
    tmp_path: Path,
) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    for name, reason in {
        "missing.yaml": "No such file or directory",
        ".": "Is a directory",
        "pipe.yaml": "Is not a file",
        "loop.yaml": "Too many levels of symbolic links",
        "nul\0.yaml": "embedded null byte",
        f"{'x' * 300}.yaml": "File name too long",
    }.items():
        with pytest.raises(RecipeError) as refusal:
            read_file(tmp_path / name, [])
        assert str(refusal.value) == f"{tmp_path / name}: cannot be read: {reason}."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("a: 1")
    path.chmod(0)
    with pytest.raises(RecipeError, match="cannot be read: Permission denied"):
        read_file(path, [])


def test_refused_permission_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(RecipeError, match="cannot be read: Permission denied"):
        read_file(tmp_path / "r.yaml", [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("gru", "gru"),
        ("0.1", 0.1),
        ("[64, 64]", [64, 64]),
        ("{a: no}", {"a": "no"}),
        ("'64'", "64"),
        ("no", "no"),
        ("csv:a b.csv", "csv:a b.csv"),
        ("C:\\data", "C:\\data"),
        ("", None),
    ],
)
def test_value_of_an_override_is_read_like_a_recipe(text: str, value: Any) -> None:
    assert read_value(text, "override") == value


@pytest.mark.parametrize("text", ["@x", "*x", "a: b: c", "[1", "!x 1", "\udcff"])
def test_value_that_is_no_yaml_is_refused_without_a_line(text: str) -> None:
    with pytest.raises(RecipeError) as refusal:
        read_value(text, "override 'k'")
    assert str(refusal.value).startswith("override 'k': ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (0.5, "0.5"),
        ("a\nb", r"'a\nb'"),
        ([1, ("x", None)], "[1, ['x', null]]"),
        ({"a": {"b": False}}, "{a: {b: false}}"),
        pytest.param(10**5000, "a number too large for 64 bits", id="huge"),
        ("x" * 10**6, "'" + "x" * 56 + "..."),
        (
            list(range(10**6)),
            "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16...",
        ),
    ],
)
def test_value_is_shown_short_and_as_yaml_writes_it(value: Any, text: str) -> None:
    assert shown(value) == text
    assert len(text) <= 60


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc._-<: #&*!", min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abcde", min_size=1), PLAIN, min_size=1))
def test_what_is_dumped_reads_back_the_same(plain: dict[str, Any]) -> None:
    if "<<" not in repr(plain):  # refused as a key, wherever it stands
        assert read(dump(plain)).plain() == plain


@pytest.mark.parametrize(
    "text",
    ["1e-3", "1e3", "no", "null", "~", "", "12:30", "0x10", "9" * 30, "1e999", ".5"],
)
def test_text_that_looks_like_something_else_survives_a_dump(text: str) -> None:
    assert read(dump({"a": text, "b": [text]})).plain() == {"a": text, "b": [text]}


@given(st.text() | st.text("ab:-[]{}&*!|>'\"%@`#?,~<\n \t\\0123456789.eu", max_size=60))
def test_any_text_gives_a_mapping_or_a_recipe_error(text: str) -> None:
    try:
        assert isinstance(read_text(text, "r.yaml", []).value, dict)
    except RecipeError as error:
        assert error.mistakes and "\n" not in str(error.mistakes[-1])


@given(st.binary())
def test_any_bytes_give_a_mapping_or_a_recipe_error(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.yaml"
    path.write_bytes(raw)
    try:
        assert isinstance(read_file(path, []).value, dict)
    except RecipeError as error:
        assert str(error).startswith(str(path))


def test_node_of_wraps_plain_data_at_one_place() -> None:
    node = node_of({"a": [1, {"b": (2,)}]}, "override")
    assert node.plain() == {"a": [1, {"b": [2]}]}
    assert node.at("a").at(1).at("b").where == "override"
