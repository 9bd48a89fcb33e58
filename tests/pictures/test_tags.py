"""Pictures of tags: every token and span is shown, and nothing acts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from seqkit.errors import UsageError
from seqkit.pictures import tags as pictures
from seqkit.pictures.scores import confusion_matrix
from seqkit.pictures.tags import Line, confusion_pictures, sentence_html
from seqkit.scores.classes import confusion_frame

TOKENS = "Ana Berg flew to Oslo".split()
TRUTH = Line("truth", [(0, 2, "person"), (4, 5, "place")])


class Reader(HTMLParser):
    """What a page shows: the whole text, and that of each coloured span."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.spans, self.tags, self.open = "", [""], [], 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        self.open += tag == "span"

    def handle_endtag(self, tag: str) -> None:
        if tag == "span":
            self.open -= 1
            self.spans.append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.open:
            self.spans[-1] += data


def test_spans_are_shown_with_their_types() -> None:
    page = Reader(sentence_html(TOKENS, [TRUTH]))
    assert page.text == "Ana Berg person flew to Oslo place"
    assert page.spans[:-1] == ["Ana Berg person", "Oslo place"]


def test_a_type_keeps_its_colour_from_line_to_line() -> None:
    answer = Line("answer", [(0, 1, "place"), (4, 5, "place")])
    html = sentence_html(TOKENS, [TRUTH, answer], types=("place", "person"))
    colours = re.findall(r"background:rgba\(([\d,]+),", html)
    first, second = pictures.COLOURS[:2]
    assert colours == [second, first, first, first]
    assert Reader(html).text.startswith(
        "truth Ana Berg person flew to Oslo placeanswer"
    )


def test_no_colour_hides_text_in_light_or_dark() -> None:
    html = sentence_html(TOKENS, [TRUTH])
    assert "color:inherit" in html
    assert not re.search(r"[;\"]color:(?!inherit)", html)
    assert set(re.findall(r"rgba\([\d,]+,([.\d]+)\)", html)) == {".25"}


def test_markup_in_tokens_types_and_names_is_shown_not_obeyed() -> None:
    evil = "<script>alert('1')</script>"
    html = sentence_html(
        [evil, "&amp;", "\x1b[2J\u202e"],
        [Line(evil, [(0, 1, evil)]), Line('"><img src=x>', [])],
    )
    page = Reader(html)
    assert set(page.tags) == {"div", "small", "span", "b"}
    assert page.text.count(evil) == 4  # name, token twice, type
    assert "&amp;" in page.text and "\x1b" not in html and "\u202e" not in html


def test_letters_stand_together_and_spans_may_touch() -> None:
    html = sentence_html(list("GVGTV"), [Line("", [(0, 2, "e"), (2, 3, "h")])], (), "")
    assert Reader(html).text == "GV eG hTV"


def test_of_a_long_sentence_the_beginning_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "MOST_TOKENS", 3)
    html = sentence_html(list("abcdef"), [Line("", [(0, 1, "x"), (4, 5, "y")])])
    assert Reader(html).text == "a x b c ... and 3 more tokens"
    html = sentence_html(list("abcdef"), [Line("", [(2, 5, "y")])])
    assert Reader(html).text == "a b c d e y ... and 1 more tokens"


@pytest.mark.parametrize(
    "spans", [[(0, 6, "x")], [(2, 2, "x")], [(0, 2, "x"), (1, 3, "y")]]
)
def test_spans_that_do_not_fit_are_refused(spans: list[tuple[int, int, str]]) -> None:
    with pytest.raises(
        UsageError, match=r"within the sentence \(5 tokens\) and not ov"
    ):
        sentence_html(TOKENS, [Line("truth", spans)])


@pytest.mark.parametrize("n", [2, 5, 20])
def test_confusions_speak_of_tokens(n: int) -> None:
    pairs = np.random.default_rng(0).integers(0, 30, (n, n)) + 500 * np.eye(
        n, dtype=int
    )
    tags = [f"tag{number}" for number in range(n)]
    table = confusion_frame(tuple(tags), pairs)
    (figure,) = confusion_pictures({"confusion": table}).values()
    axes = figure.axes[0]
    words = [figure.get_suptitle(), axes.get_ylabel(), axes.get_xlabel()]
    words += [text.get_text() for text in axes.texts]
    words += [bar.get_ylabel() for bar in figure.axes[1:]]
    assert not any("row" in text for text in words)
    assert "tokens" in figure.get_suptitle()
    figure.canvas.draw()


def test_confusion_without_a_mistake_says_so() -> None:
    figure = confusion_matrix(confusion_frame(("a", "b"), np.diag([3, 4])), "tokens")
    assert figure.get_suptitle() == "Every token is read as what it is"
