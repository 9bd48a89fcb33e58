"""sample:reviews is the same everywhere, and needs the order of words."""

import hashlib
import re

import pandas as pd
import pytest

from seqkit.data.sources import sample_reviews
from seqkit.data.sources.base import open_source
from seqkit.data.sources.samples import SAMPLES
from seqkit.data.text.spec import LabelledText
from seqkit.errors import DataError, UnknownNameError

GOOD = "charming clever fresh funny gripping honest moving sharp thrilling warm"
BAD = "awkward bland boring clumsy dull lifeless messy pointless shallow tedious"


def opened(name="reviews"):
    return open_source(LabelledText(source=f"sample:{name}"))


def read(part):
    return pd.concat(opened().chunks(part, ["text", "label"]), ignore_index=True)


def verdict(text):
    """The label that a careful reader gives: a reading of its own, not the grammar."""
    clause_words = rf"\b({GOOD.replace(' ', '|')}|{BAD.replace(' ', '|')})\b"
    sentences = re.split(r"[.!](?:<br /><br />|\s|$)", text.lower())
    sentence = next(s for s in sentences if re.search(clause_words, s))
    if match := re.match(r"(?:although|even though) .*?, (.*)", sentence):
        sentence = match[1]
    elif match := re.match(r"(.*?), (?:although|even though) ", sentence):
        sentence = match[1]
    elif match := re.match(r".*?(?:, but|, yet|; still,) (.*)", sentence):
        sentence = match[1]
    (word,) = re.findall(clause_words, sentence)
    denied = re.search(r"\b(not|hardly|never|no|nobody)\b", sentence) is not None
    return "positive" if (word in GOOD.split()) != denied else "negative"


def test_parts_are_official_and_share_no_text():
    source = opened()
    assert source.name == "sample:reviews"
    assert source.parts == ("train", "test")
    assert source.columns() == ("text", "label")
    train, test = read("train"), read("test")
    assert (len(train), len(test)) == (1600, 400)
    assert len(set(train["text"]) | set(test["text"])) == 2000


def test_labels_are_balanced():
    for part in ("train", "test"):
        shares = read(part)["label"].value_counts(normalize=True)
        assert set(shares.index) == {"negative", "positive"}
        assert shares.min() > 0.45


def test_reviews_vary_in_length_and_hold_markup_and_emoji():
    texts = read("train")["text"]
    words = texts.str.split().str.len()
    assert words.min() >= 8 and words.max() <= 60
    assert words.quantile(0.9) > 1.5 * words.quantile(0.1)
    assert texts.str.contains("<br />").mean() > 0.1
    assert texts.str.contains("[\U0001f300-\U0001faff]").mean() > 0.05


def test_rows_are_the_same_on_every_machine_and_version():
    rows = pd.concat([read("train"), read("test")]).to_numpy().tolist()
    assert rows == pd.concat([read("train"), read("test")]).to_numpy().tolist()
    digest = hashlib.sha256(repr(rows).encode()).hexdigest()
    assert digest[:16] == "5c531f49060e5c8a"


def test_without_noise_each_label_follows_from_its_text(monkeypatch):
    monkeypatch.setattr(sample_reviews, "NOISE", 0.0)
    for part in ("train", "test"):
        frame = read(part)
        assert frame["text"].map(verdict).tolist() == frame["label"].tolist()


def test_three_percent_of_the_labels_are_turned_round():
    frame = pd.concat([read("train"), read("test")])
    turned = (frame["text"].map(verdict) != frame["label"]).mean()
    assert 0.02 < turned < 0.04


def test_words_without_their_order_do_not_suffice():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    train, test = read("train"), read("test")
    baseline = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(max_iter=1000)
    )
    baseline.fit(train["text"], train["label"])
    assert 0.7 < baseline.score(test["text"], test["label"]) < 0.9
    careful = (test["text"].map(verdict) == test["label"]).mean()
    assert careful > 0.95


def test_unknown_sample_suggests_the_nearest():
    with pytest.raises(UnknownNameError, match="No sample 'review'.*mean 'reviews'"):
        opened("review")


def test_wrong_part_and_column_are_named():
    with pytest.raises(DataError, match="no part 'validation', only train, test"):
        opened().chunks("validation", ["text"])
    with pytest.raises(DataError, match="sample:reviews has no column 'review', only"):
        opened().chunks("train", ["review"])


@pytest.mark.parametrize("name", list(SAMPLES))
def test_every_sample_of_the_table_opens(name):
    source = opened(name)
    frames = [frame for part in source.parts for frame in source.chunks(part, [])]
    assert sum(map(len, frames)) > 0
