"""What others wrote (labels, ids, columns) steers no terminal, page or spreadsheet."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from seqkit.cli.printing import fail, print_json
from seqkit.recipe.recipe import load_recipe
from seqkit.registry import TASKS
from seqkit.runs.card import model_card
from seqkit.shared.escape import (
    fenced,
    for_markdown,
    for_spreadsheet,
    for_terminal,
    in_code,
    say,
    without_html,
)
from seqkit.shared.files import appended_csv

RED = "\x1b[31mred\x1b[0m"
EVIL = "<script>a|b`c`</script>"


def test_a_terminal_shows_controls_and_does_not_obey() -> None:
    assert for_terminal(RED) == r"\x1b[31mred\x1b[0m"
    assert for_terminal("a\rb\x07\x9b1m\u202e") == r"a\x0db\x07\u009b1m\u202e"
    plain = "naïve 中文 عربي\ttab\nline 😀"
    assert for_terminal(plain) == plain


def test_what_a_verb_prints_holds_no_controls(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    say("label", RED)
    assert capsys.readouterr().out == "label \\x1b[31mred\\x1b[0m\n"
    print_json({"label": f"{RED}\x9b\x7f"})
    out = capsys.readouterr().out
    assert not set(out) & {"\x1b", "\x9b", "\x7f"}
    assert json.loads(out) == {"label": f"{RED}\x9b\x7f"}
    monkeypatch.setattr("sys.argv", ["seqkit"])
    with pytest.raises(SystemExit):
        fail(f"No column {RED}", 1)
    assert "\x1b" not in capsys.readouterr().err


def test_markdown_shows_text_as_it_is() -> None:
    assert for_markdown(EVIL) == r"&lt;script&gt;a\|b\`c\`&lt;/script&gt;"
    assert for_markdown("two\n\n# lines") == "two # lines"
    assert for_markdown("snake_case, 3 of 4: fine.") == "snake_case, 3 of 4: fine."
    assert without_html("see [this](https://x.org) <b>") == (
        "see [this](https://x.org) &lt;b>"
    )
    assert in_code("a`b") == "`a'b`"


def test_code_cannot_end_its_block() -> None:
    block = fenced("text: |\n  ```\n  <script>", "yaml")
    assert block.startswith("````yaml\n") and block.endswith("\n````")


FORMULAS = ["=cmd()", "+cmd", "-cmd", "@SUM(A1)", "\tx"]
NUMBERS = ["-5", "+1.5", "-1e3"]


def test_formulas_get_an_apostrophe_and_numbers_stay(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "=label": [*FORMULAS, *NUMBERS],
            "id": pd.Categorical(["=x"] * 8),
            "value": [-1.5] * 8,
        }
    )
    with appended_csv(tmp_path / "out.csv") as append:
        append(frame)
        append(frame)
    with (tmp_path / "out.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["'=label", "id", "value"]
    assert [row[0] for row in rows[:8]] == [*(f"'{f}" for f in FORMULAS), *NUMBERS]
    assert {row[1] for row in rows} == {"'=x"} and {row[2] for row in rows} == {"-1.5"}
    assert len(rows) == 16 and list(frame.columns)[0] == "=label"


def test_a_table_without_formulas_is_written_as_it_is() -> None:
    frame = pd.DataFrame(
        {
            "label": ["a", None],
            "n": [1, 2],
            "x": [0.1, float("nan")],
            "day": pd.to_datetime(["2020-01-01", "2020-01-02"]),
            "zoned": pd.to_datetime(["2020-01-01", "2020-01-02"], utc=True),
            "whole": pd.array([-1, None], dtype="Int64"),
            "is": [True, False],
        }
    )
    assert for_spreadsheet(frame).to_csv() == frame.to_csv()


def test_a_card_shows_the_names_of_classes_as_they_are() -> None:
    recipe = load_recipe("sample_sentiment").model_copy(
        update={"name": "a|b", "description": f"{EVIL} of *mine*\n```"}
    )
    facts = {
        "rows": {"train": 9, "validation": 3},
        "started": "now",
        "seed": 1,
        "kept_epoch": 1,
        "cost": {"parameters": 5},
        "versions": {"seqkit": "1"},
    }
    report = {
        "name": "a|b",
        "task": recipe.task,
        "sentence": f"{EVIL} wins",
        "metrics": {"accuracy": (1.0, 0.9, 1.0)},
        "baselines": {EVIL: {"accuracy": (0.5, 0.4, 0.6)}},
        "rows": 7,
        "reference": None,
    }
    run: Any = SimpleNamespace(
        recipe=recipe,
        facts=facts,
        plain=None,
        task=TASKS.get(recipe.task)(),
        signature=SimpleNamespace(classes=(EVIL, f"=cmd(){RED}")),
        preprocessing=SimpleNamespace(limits=lambda: [f"- Reads {RED}."]),
    )
    text, fence, block = model_card(run, report).partition("````yaml")
    assert fence and "<script>" not in text and "\x1b" not in text
    assert f"Classes: {for_markdown(EVIL)}, =cmd()\\x1b[31mred\\x1b[0m" in (
        text.replace("\\[", "[").replace("\\\\", "\\")
    )
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 3 and f"| {for_markdown(EVIL)} | 0.5000" in rows[2]
    assert "*mine*" in text and block.rstrip().endswith("````")
