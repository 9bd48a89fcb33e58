"""Scores of written texts: what the field's own libraries say of the same rows."""

from __future__ import annotations

import gzip
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sacrebleu
from nltk.metrics.distance import edit_distance
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenize import tokenize

from seqkit.errors import DataError, UnknownNameError, UsageError
from seqkit.scores.intervals import PoissonBootstrap
from seqkit.scores.ngrams import words
from seqkit.scores.sequences import METRICS, SequenceScorer

TEXTS = (
    "bleu", "bleu_lowercase", "chrf", "rouge1", "rouge2", "rougeL", "exact_match",
    "character_error_rate", "word_error_rate", "free_token_accuracy",
)  # fmt: skip

AWKWARD = (
    ("", "A dog runs."),
    ("A dog runs.", ""),
    ("", ""),
    ("dog", "dog"),
    ("Dog", "dog"),
    ("x", "a much longer reference than that, of 12 words: 3.5-fold &amp; more"),
    ("собака бежит по снегу", "Собака бежит по белому снегу."),
    ("犬が雪の上を走る", "犬は雪の上を走っている"),
    ("สุนัขวิ่งบนหิมะ", "สุนัขกำลังวิ่ง"),
    ("कुत्ता बर्फ पर दौड़ता है", "कुत्ता बर्फ़ पर दौड़ रहा है"),
    ("the the the the the the the", "the cat is on the mat, the end"),
    (" spaces  all\u2028around ", "spaces all around"),
)


class Words:
    """Our words, for the library ``rouge-score``."""

    def tokenize(self, text: str) -> list[str]:
        return words(text)


def scored(
    pairs: Any, names: tuple[str, ...] = TEXTS, chunk: int = 1000, **numbers: Any
) -> SequenceScorer:
    scorer = SequenceScorer(names, resamples=50)
    for start in range(0, len(pairs), chunk):
        outputs, truth = zip(*pairs[start : start + chunk], strict=True)
        part = {name: each[start : start + chunk] for name, each in numbers.items()}
        scorer.update(list(truth), {"output": list(outputs), **part})
    return scorer


def value(scorer: SequenceScorer, name: str) -> float:
    return scorer.result().metrics[name][0]


def rouge(pairs: Any) -> dict[str, float]:
    library = RougeScorer(["rouge1", "rouge2", "rougeL"], tokenizer=Words())
    rows = [
        library.score_multi([true] if isinstance(true, str) else true, output)
        for output, true in pairs
    ]
    return {name: 100 * np.mean([r[name].fmeasure for r in rows]) for name in rows[0]}


def rate(pairs: Any, cut: Any) -> float:
    edits = sum(edit_distance(cut(output), cut(true)) for output, true in pairs)
    return edits / sum(len(cut(true)) for _, true in pairs)


def assert_libraries_agree(pairs: Any) -> None:
    scorer = scored(pairs)
    mine = {name: one[0] for name, one in scorer.result().metrics.items()}
    outputs, truth = map(list, zip(*pairs, strict=True))
    wanted = {
        "bleu": sacrebleu.corpus_bleu(outputs, [truth]).score,
        "bleu_lowercase": sacrebleu.corpus_bleu(outputs, [truth], lowercase=True).score,
        "chrf": sacrebleu.corpus_chrf(outputs, [truth]).score,
        "exact_match": np.mean([a == b for a, b in pairs]),
        "word_error_rate": rate(pairs, str.split),
        "character_error_rate": rate(pairs, str),
    } | rouge(pairs)
    for name, number in wanted.items():
        assert mine[name] == pytest.approx(number, abs=1e-9), name


def test_awkward_rows_score_as_the_libraries_say() -> None:
    assert_libraries_agree(AWKWARD)


@pytest.mark.parametrize("pair", [pair for pair in AWKWARD if pair[1]])
def test_each_awkward_row_alone_scores_as_the_libraries_say(pair: Any) -> None:
    assert_libraries_agree([pair])


@pytest.mark.data
def test_multi30k_scores_as_the_libraries_say(data_folder: Path) -> None:
    folder = data_folder / "multi30k"
    english, german = (
        gzip.open(folder / f"test_2016_flickr.{one}.gz", "rt", encoding="utf8")
        .read()
        .split("\n")[:100]
        for one in ("en", "de")
    )
    draw = np.random.default_rng(0)
    shaken = [
        " ".join(word for word in line.split() if draw.random() < 0.8)
        for line in english
    ]
    assert_libraries_agree(list(zip(shaken, english, strict=True)))
    assert_libraries_agree(list(zip(german, english, strict=True)))


def test_chunks_do_not_matter() -> None:
    pairs = AWKWARD * 100  # more than a block of rows
    whole, parts = scored(pairs, chunk=2000).result(), scored(pairs, chunk=77).result()
    assert whole.metrics == parts.metrics and parts.rows == len(pairs)
    for name, table in whole.tables.items():
        assert table.equals(parts.tables[name]), name


def test_of_several_references_the_best_counts_as_the_libraries_say() -> None:
    pairs = [
        ("a dog runs in snow", ["the dog is in the snow", "a dog runs on snow today"]),
        ("two men", ["two women", "men, two of them, sit on a bench"]),
        ("one", ["one", "One!"]),
    ]
    scorer = scored(pairs)
    outputs = [output for output, _ in pairs]
    streams = [
        list(stream) for stream in zip(*(true for _, true in pairs), strict=True)
    ]
    wanted = {
        "bleu": sacrebleu.corpus_bleu(outputs, streams).score,
        "chrf": sacrebleu.corpus_chrf(outputs, streams).score,
        # By hand: dog: on for in, today; men: women for men; one: none.
        "word_error_rate": (2 + 1 + 0) / (6 + 2 + 1),
        "free_token_accuracy": (4 + 1 + 1) / (6 + 2 + 1),
        "exact_match": 1 / 3,
    } | rouge(pairs)
    for name, number in wanted.items():
        assert value(scorer, name) == pytest.approx(number), name
    signature = scorer.result().tables["signature"].set_index("metric")["signature"]
    metric = sacrebleu.metrics.BLEU()
    metric.corpus_score(outputs, streams)
    assert signature["bleu"] == str(metric.get_signature())
    assert "nrefs:2" in signature["bleu"] and "maximum" in signature["rougeL"]
    scorer.update(["one"], {"output": ["one"]})
    assert "nrefs:var" in scorer.tables()["signature"]["signature"][0]


def test_words_are_those_of_rouge_score_and_of_other_scripts() -> None:

    text = "The cat's mat, 3.5 (or_so): A-B; don't!"
    assert words(text) == tokenize(text, None)
    assert words("Straße, ΑΒΓ! naïve") == ["straße", "αβγ", "naïve"]
    assert words("हिन्दी में") == ["हिन्दी", "में"]
    assert words("nai\u0308ve") == words("na\u00efve")
    assert words("東京x 2 雪") == ["東", "京", "x", "2", "雪"]


def test_perplexity_and_forced_accuracy_are_of_summed_tokens() -> None:
    numbers = {
        "log_probability": np.array([-1.0, -6.0], np.float32),
        "tokens": np.array([2, 5]),
        "hits": np.array([2, 1]),
    }
    names = ("bleu", "perplexity", "token_accuracy")
    scorer = scored([("a b", "a b"), ("c d", "a b c d")], names, **numbers)
    assert value(scorer, "perplexity") == pytest.approx(math.e)
    assert value(scorer, "token_accuracy") == pytest.approx(3 / 7)


def test_without_a_models_numbers_its_scores_are_missing() -> None:
    scorer = scored([("a", "a")], ("exact_match", "perplexity", "token_accuracy"))
    assert math.isnan(value(scorer, "perplexity"))
    with pytest.raises(DataError, match=r"There is no token_accuracy: .* numbers"):
        SequenceScorer.paired([scorer, scorer], "token_accuracy")


def test_rates_of_references_without_a_sign_are_missing() -> None:
    scorer = scored([("a", ""), ("", "")])
    assert math.isnan(value(scorer, "character_error_rate"))
    assert value(scorer, "exact_match") == 0.5 and value(scorer, "bleu") == 0.0


def test_intervals_and_paired_differences_are_of_the_same_resamples() -> None:
    truth = [f"w{n} b c d e f" for n in range(60)]
    better = [text if n % 3 else "b c d" for n, text in enumerate(truth)]
    worse = [text if n % 2 else "b c d" for n, text in enumerate(truth)]
    ours, theirs = (
        scored(list(zip(each, truth, strict=True))) for each in (better, worse)
    )
    for name in ("bleu", "chrf", "rougeL"):
        mine, low, high = ours.result().metrics[name]
        assert low < mine < high
        lead, low, high = SequenceScorer.difference(ours, theirs, name)
        assert lead == pytest.approx(mine - value(theirs, name))
        assert low < lead < high
        assert SequenceScorer.difference(ours, ours, name) == (0, 0, 0)


def test_an_interval_is_the_bootstrap_of_the_librarys_own_figure() -> None:
    pairs = [pair for pair in AWKWARD if pair[1]]
    scorer = scored(pairs)

    weights = PoissonBootstrap(50, 0).weights(len(pairs))
    values = SequenceScorer.paired([scorer], "bleu").values[0]
    for weight, mine in zip(weights[:10], values[1:11], strict=True):
        drawn = [
            pair for pair, n in zip(pairs, weight, strict=True) for _ in range(int(n))
        ]
        outputs, truth = map(list, zip(*drawn, strict=True))
        assert mine == pytest.approx(sacrebleu.corpus_bleu(outputs, [truth]).score)


def test_worst_rows_are_those_of_the_lowest_sentence_bleu() -> None:
    worst = scored(AWKWARD, chunk=5).tables()["worst"]
    bleu = sacrebleu.metrics.BLEU(effective_order=True)
    wanted = [bleu.sentence_score(output, [true]).score for output, true in AWKWARD]
    assert worst["score"].tolist() == pytest.approx(sorted(wanted))
    for row, score, true, output in worst.itertuples(index=False):
        assert (output, true) == AWKWARD[row - 1]
        assert score == pytest.approx(wanted[row - 1])


def test_among_rows_that_miss_the_worst_have_the_highest_error_rate() -> None:
    pairs = [("abcd", "abcd"), ("abcx", "abcd"), ("xxxx", "abcd")] * 10
    names = ("exact_match", "character_error_rate")
    worst = scored(pairs, names).tables()["worst"]
    assert worst["row"].tolist() == [*range(3, 31, 3), *range(2, 31, 3)]


def test_lengths_hold_each_bins_own_score() -> None:
    short, long = ("a b", "a b c"), ("w " * 11 + "x", "w " * 12)
    pairs = [short, long, short] * 10
    table = scored(pairs, ("word_error_rate", "bleu")).tables()["lengths"]
    assert table["metric"].unique().tolist() == ["word_error_rate"]
    told = table[["least", "most", "rows"]].values.tolist()
    assert told == [[0, 5, 20], [11, 15, 10]]
    assert table["value"].tolist() == pytest.approx([1 / 3, 1 / 12])
    symbols = scored([("abcdefg", "abcdefg")], ("exact_match",)).tables()["lengths"]
    assert symbols[["unit", "least", "most"]].values.tolist() == [["characters", 6, 10]]
    endless = scored([("a", "a " * 101)], ("bleu",)).tables()["lengths"]
    assert endless["least"].tolist() == [101] and endless["most"].isna().all()


def test_bins_of_few_rows_are_told_of_with_the_next() -> None:
    texts = {length: ("w " * length, "w " * length) for length in (3, 8, 13, 40)}
    counts = {3: 1, 8: 12, 13: 10, 40: 2}
    pairs = [texts[length] for length, count in counts.items() for _ in range(count)]
    table = scored(pairs, ("word_error_rate",)).tables()["lengths"]
    told = table[["least", "most", "rows"]].values.tolist()
    assert told == [[0, 10, 13], [11, 50, 12]]


def test_metrics_are_those_that_were_named_in_that_order() -> None:
    scores = scored(AWKWARD, ("chrf", "exact_match")).result()
    assert list(scores.metrics) == ["chrf", "exact_match"]
    assert set(METRICS) == {*TEXTS, "perplexity", "token_accuracy"}
    with pytest.raises(UnknownNameError, match="Did you mean 'bleu'"):
        SequenceScorer(["blue"])
    for names in ([], ["bleu", "bleu"]):
        with pytest.raises(UsageError, match="at least one metric and none twice"):
            SequenceScorer(names)
    with pytest.raises(UsageError, match="with the same metrics"):
        SequenceScorer.paired([scored(AWKWARD), scored(AWKWARD, ("bleu",))], "bleu")


@pytest.mark.parametrize(
    ("truth", "outputs", "error", "message"),
    [
        (["a", "b"], {"output": ["a"]}, UsageError, r"as many .* \(2\), got 1"),
        (["a"], {"output": [b"a"]}, UsageError, r"got b'a' and \['a'\] in row 0"),
        ([[]], {"output": ["a"]}, UsageError, r"at least one reference.* row 0"),
        (
            ["a"],
            {"output": ["a"], "log_probability": [np.nan], "tokens": [1], "hits": [1]},
            DataError,
            "log_probability must be finite, got nan in row 0",
        ),
        (
            ["a"],
            {"output": ["a"], "log_probability": [[0]], "tokens": [1], "hits": [1]},
            UsageError,
            r"log_probability must have the shape .* got \(1, 1\)",
        ),
    ],
)
def test_what_cannot_be_scored_is_refused_and_not_counted(
    truth: Any, outputs: Any, error: type[Exception], message: str
) -> None:
    scorer = SequenceScorer(["bleu"])
    with pytest.raises(error, match=message):
        scorer.update(truth, outputs)
    assert scorer.rows == 0
    with pytest.raises(DataError, match="No rows were scored"):
        scorer.result()
