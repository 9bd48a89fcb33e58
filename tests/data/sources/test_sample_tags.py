"""sample:tags is the same everywhere, and context decides on every name."""

from __future__ import annotations

import hashlib
from collections import defaultdict

import numpy as np
import pytest

from seqkit.data.sources.base import open_source
from seqkit.data.sources.sample_tags import NAMES, TYPES
from seqkit.data.tokens.codes import TagCounts, tag_codes
from seqkit.data.tokens.rows import read_tagged
from seqkit.data.tokens.scheme_look import SchemeLook
from seqkit.data.tokens.schemes import span_types, spans
from seqkit.data.tokens.spec import TaggedText
from seqkit.scores.spans import SpanCounts
from seqkit.tasks.baselines.crfsuite import CrfSuite
from seqkit.tasks.baselines.tags import MostFrequentTag

Sentences = list[tuple[list[str], list[str]]]


@pytest.fixture(scope="module")
def parts() -> dict[str, Sentences]:
    spec = TaggedText(source="sample:tags")
    source = open_source(spec)
    assert source.parts == ("train", "test")
    return {
        part: [
            pair
            for rows in read_tagged(source, part, spec)
            for pair in zip(rows.tokens, rows.tags, strict=True)
        ]
        for part in source.parts
    }


def test_parts_share_no_sentence(parts: dict[str, Sentences]) -> None:
    assert [len(rows) for rows in parts.values()] == [1600, 400]
    assert len({tuple(tokens) for rows in parts.values() for tokens, _ in rows}) == 2000


def test_rows_are_the_same_on_every_machine_and_version(
    parts: dict[str, Sentences],
) -> None:
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()
    assert digest[:16] == "06e8cdd0c235c7c0"


def test_tags_are_legal_iob2_of_three_types(parts: dict[str, Sentences]) -> None:
    look = SchemeLook("sample:tags", "tags")
    look.add([tags for rows in parts.values() for _, tags in rows])
    assert look.checked("iob2") == look.detected() == "iob2"
    assert look.illegal("iob2").count == 0
    assert span_types(sorted(look.tags), "iob2") == tuple(sorted(TYPES))


def test_every_name_is_of_every_type_and_may_is_mostly_a_month(
    parts: dict[str, Sentences],
) -> None:
    tags_of = defaultdict(list)
    for tokens, tags in parts["train"]:
        for token, tag in zip(tokens, tags, strict=True):
            tags_of[token].append(tag)
    for name in NAMES:
        assert {f"B-{type_}" for type_ in TYPES} <= set(tags_of[name])
    assert tags_of["May"].count("O") > len(tags_of["May"]) / 2


def test_tags_follow_from_the_sentence_without_its_names(
    parts: dict[str, Sentences],
) -> None:
    """Whoever reads the whole context can make no mistake."""
    tags_of: dict[tuple[str, ...], tuple[str, ...]] = {}
    for rows in parts.values():
        for tokens, tags in rows:
            masked = tuple("NAME" if token in NAMES else token for token in tokens)
            assert tags_of.setdefault(masked, tuple(tags)) == tuple(tags)
    assert len(tags_of) < 2000


def test_neither_words_alone_nor_their_neighbours_suffice(
    parts: dict[str, Sentences],
) -> None:
    counts = TagCounts()
    counts.add([tags for _, tags in parts["train"]])
    tags = counts.tags("tags", "sample:tags")
    codes = tag_codes([tags for _, tags in parts["train"]], tags, "sample:tags")
    train = list(zip([tokens for tokens, _ in parts["train"]], codes, strict=True))
    scores = SpanCounts(span_types(tags, "iob2"))
    truth = [tags for _, tags in parts["test"]]

    def f1(baseline: MostFrequentTag | CrfSuite) -> float:
        answers = [
            [tags[code] for code in baseline.codes(tokens)]
            for tokens, _ in parts["test"]
        ]
        found = [[spans(one, "iob2") for one in rows] for rows in (truth, answers)]
        sums = scores.statistics(truth, answers, *found).sum(axis=0)
        return float(scores.formula("f1", sums[:, np.newaxis])[0])

    assert f1(MostFrequentTag.fit(train, len(tags))) < 0.3
    assert 0.6 < f1(CrfSuite.fit(train, len(tags))) < 0.85
