"""sample:tags is the same everywhere, and context decides on every name."""

from __future__ import annotations

import hashlib
from collections import defaultdict

import numpy as np
import pytest

from seqkit.data.rows.reading import AnsweredRows
from seqkit.data.sources.base import open_source
from seqkit.data.sources.sample_tags import NAMES, TYPES
from seqkit.data.tokens.rows import TokensReading
from seqkit.data.tokens.scan import TagScan
from seqkit.data.tokens.schemes import span_types
from seqkit.data.tokens.spec import TaggedText
from seqkit.tasks.answers.tags import Tags
from seqkit.tasks.baselines.crfsuite import CrfSuite
from seqkit.tasks.baselines.tags import MostFrequentTag

SPEC = TaggedText(source="sample:tags")
Sentences = list[tuple[list[str], list[str]]]


@pytest.fixture(scope="module")
def parts() -> dict[str, Sentences]:
    source = open_source(SPEC)
    assert source.parts == ("train", "test")
    return {
        part: [
            pair
            for rows in TokensReading(SPEC, "tags").rows(source, part)
            for pair in zip(rows.inputs, rows.answers, strict=True)
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


def of_tags(tags: list[list[str]]) -> AnsweredRows[list[str]]:
    """Rows of these tags, as a scan and an answer take them."""
    return AnsweredRows([], tags, numbers=list(range(1, len(tags) + 1)))


def test_tags_are_legal_iob2_of_three_types(parts: dict[str, Sentences]) -> None:
    scan = TagScan(SPEC.model_copy(update={"scheme": "iob2"}), "sample:tags")
    scan.note(of_tags([tags for rows in parts.values() for _, tags in rows]))
    assert scan.checked_scheme() == scan.detected() == "iob2"
    assert scan.illegal("iob2").moves == 0
    assert span_types(sorted(scan.tags), "iob2") == tuple(sorted(TYPES))


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


@pytest.mark.slow
def test_neither_words_alone_nor_their_neighbours_suffice(
    parts: dict[str, Sentences],
) -> None:
    rows = {part: of_tags([tags for _, tags in parts[part]]) for part in parts}
    scan = TagScan(SPEC, "sample:tags")
    scan.note(rows["train"])
    scan.finish()
    answer = Tags(scan.values, scan.scheme)
    codes = {
        part: answer.truth(rows[part], SPEC, "sample:tags", "sentence")
        for part in parts
    }
    train = list(zip([one for one, _ in parts["train"]], codes["train"], strict=True))

    def f1(baseline: MostFrequentTag | CrfSuite) -> float:
        scorer = answer.scorer()
        answers = [np.array(baseline.codes(tokens)) for tokens, _ in parts["test"]]
        scorer.update(codes["test"], {"tags": answers})
        return scorer.result().metrics["f1"][0]

    assert f1(MostFrequentTag.fit(train, len(answer.tags))) < 0.3
    assert 0.6 < f1(CrfSuite.fit(train, len(answer.tags))) < 0.85
