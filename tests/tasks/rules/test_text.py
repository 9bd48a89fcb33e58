"""What recipes for texts are made of, by what the texts are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from seqkit.data.rows.parted import PartedRows
from seqkit.errors import DataError
from seqkit.recipe.recipe import load_recipe
from seqkit.tasks.rules.text import TextRule
from seqkit.training.settled import settled

MIDDLE = TextRule.middle()
WORDS = "good bad film plot play scene great poor long short".split()


def values(rule: TextRule, **given: Any) -> dict[str, Any]:
    choices = rule.choices({key.replace("__", "."): v for key, v in given.items()})
    return {key: choice.value for key, choice in choices.items()}


def test_words_that_are_hardly_seen_twice_are_read_by_letters() -> None:
    assert values(MIDDLE)["data.level"] == "word"
    chinese = replace(MIDDLE, unseen=0.7, letters=17, long_letters=95)
    chosen = values(chinese)
    assert chosen["data.level"] == "character"
    assert chosen["data.max_timesteps"] == 95
    assert chosen["data.vocab_size"] == chinese.repeated_letters + 2


def test_fewer_rows_are_passed_oftener() -> None:
    passes = [
        values(replace(MIDDLE, rows=rows))["train.epochs"]
        for rows in (300, 3000, 30_000)
    ]
    assert passes == sorted(passes, reverse=True) and passes[0] > passes[-1]


def test_fewer_minutes_are_fewer_epochs() -> None:
    long = replace(MIDDLE, rows=25_000, words=230, long_words=800)
    short = values(long, train__minutes=2)["train.epochs"]
    assert 1 <= short < values(long, train__minutes=60)["train.epochs"]


def test_letters_are_read_where_they_are_not_too_many() -> None:
    few, many = MIDDLE, replace(MIDDLE, rows=25_000, letters=970)
    crowded = replace(MIDDLE, rows=9000, letters=60, classes=150)
    chosen = [values(rule) for rule in (few, many, crowded)]
    assert [one["data.letters"] for one in chosen] == [True, False, False]
    assert [one["model.wide"] for one in chosen] == ["blend", "ngrams", "ngrams"]
    assert values(few, data__letters=False)["model.wide"] == "ngrams"


def test_members_are_as_many_as_there_is_time_for() -> None:
    short, long = replace(MIDDLE, words=3), replace(MIDDLE, words=230, long_words=800)
    assert values(short)["train.members"] > values(long)["train.members"] == 1
    assert not values(replace(MIDDLE, rows=40_000))["train.refit"]


def test_embeddings_are_as_wide_as_their_vectors(tmp_path: Path) -> None:
    path = tmp_path / "own.vec"
    path.write_text("good 1 2 3\n")
    changes = {"model.pretrained_vectors": str(path)}
    made = settled(load_recipe("text_classifier", changes), frame(200))
    assert made.choices["model.embedding"].value == 3


def frame(rows: int) -> pd.DataFrame:
    texts = [
        f"{WORDS[row % 10]} {WORDS[(row // 10) % 10]} {WORDS[row % 7]}"
        for row in range(rows)
    ]
    return pd.DataFrame({"text": texts, "label": [row % 2 for row in range(rows)]})


def test_values_follow_from_the_training_rows() -> None:
    made = settled(load_recipe("text_classifier"), frame(200))
    assert made.recipe.auto == ()
    assert set(made.choices) == set(load_recipe("text_classifier").auto)
    assert made.recipe.data.vocab_size == 12
    assert "162 training rows, 2 classes, 3 words in a text" in made.facts


def test_rows_held_out_have_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[str] = []
    read = PartedRows.rows

    def noted(rows: PartedRows[Any], part: str) -> Any:
        parts.append(part)
        return read(rows, part)

    monkeypatch.setattr(PartedRows, "rows", noted)
    settled(load_recipe("text_classifier"), frame(200))
    assert parts == ["train"]


def test_nothing_is_read_where_nothing_is_left_to_the_task(tmp_path: Path) -> None:
    recipe = load_recipe("bilstm_sentiment", {"data.source": "csv:nowhere.csv"})
    assert settled(recipe).recipe is recipe
    with pytest.raises(DataError, match="nowhere"):
        settled(load_recipe("text_classifier", {"data.source": "csv:nowhere.csv"}))
