from __future__ import annotations

import math
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from browser import chromium, emulate, requested
from tiny_verdict import awkward_searches, tiny_search

from seqkit.recipe.recipe import load_recipe
from seqkit.tuning.page import document, verdict_page, words

VOID = {"meta", "link", "br", "wbr", "img", "hr"}


class Page(HTMLParser):
    """Reads a page strictly: every tag that opens closes, in order."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text, self.within = [], [], {}, None
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes)
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        assert "svg" in self.open, "only SVG knows tags that close themselves"
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag

    def handle_data(self, data):
        for tag in self.open:
            self.text[tag] = self.text.get(tag, "") + data

    def all(self, *names):
        return [attributes for tag, attributes in self.tags if tag in names]


SEARCH = tiny_search()
RECIPE = "task: classify_text\ndata:\n  source: csv:<my & files>.csv\n"


WORDS_ALONE = {"advice", "leads", "margin", "outcome", "settings", "unlearnt"}
"""Keys of a verdict of which its figures, but for the forest, know nothing."""

_drawn = {}


def drawn_once(draw):
    """``draw``, called once for the same data; it does not get ``WORDS_ALONE``."""

    def figures(verdict, *data):
        seen = {key: verdict[key] for key in verdict if key not in WORDS_ALONE}
        key = draw.__name__, repr([seen, *map(plain_data, data)])
        if key not in _drawn:
            _drawn[key] = draw(seen, *data)
        return _drawn[key]

    return figures


def plain_data(data):
    return data.to_csv() if hasattr(data, "to_csv") else data


def page_with_shared_figures(search):
    """The page of ``search``, whose figures but the forest are drawn once for all."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("search_figures", "effect_figures"):
            patch.setattr(document, name, drawn_once(getattr(document, name)))
        return verdict_page(*search.parts, RECIPE)


@pytest.fixture(scope="module")
def html():
    return page_with_shared_figures(SEARCH)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_page_asks_for_nothing_outside_itself(html, page):
    for name in ("src", "href", "action", "data", "poster", "srcset"):
        values = {attributes.get(name) or "#" for _, attributes in page.tags}
        assert all(value.startswith("#") or value == "data:," for value in values)
    assert not re.search(r"@import|url\((?!#)|https?:|//\w+\.", html)
    assert not {tag for tag, _ in page.tags} & {"iframe", "object", "embed", "base"}


def test_policy_lets_a_browser_load_nothing_and_run_nothing(page):
    (policy,) = [m["content"] for m in page.all("meta") if "http-equiv" in m]
    assert policy.startswith("default-src 'none'; ") and "script" not in policy
    assert not page.all("script")
    assert not [name for _, a in page.tags for name in a if name.startswith("on")]


def test_ids_are_unique_and_links_lead_somewhere(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {a["href"][1:] for a in page.all("a", "use")}
    links |= {a["clip-path"][5:-1] for _, a in page.tags if "clip-path" in a}
    assert len(links) > 20 and links <= set(ids)


def test_page_can_be_read_aloud(page):
    assert page.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(levels[:-1], levels[1:], strict=True))
    assert all(head.get("scope") in {"col", "row"} for head in page.all("th"))
    for picture in page.all("svg"):
        shown = picture.get("role") == "img" and len(picture["aria-label"]) > 20
        assert shown or picture.get("aria-hidden") == "true"
    regions = [a for _, a in page.tags if a.get("role") == "region"]
    assert len(regions) == 4 and all(a["aria-label"] for a in regions)


def test_sentence_comes_first_with_true_signs(page):
    said = page.text["h1"].replace("\u00a0", " ")
    sentence = SEARCH.verdict["sentence"].replace("+-", "\u00b1")
    assert said == sentence.replace("interval -0", "interval \u22120")


def test_hints_where_to_search_next_are_told(html, page):
    (hint,) = SEARCH.verdict["hints"]
    assert hint in page.text["p"] and "its &lt;range&gt;" in html


def test_what_was_found_for_a_competitor_stands_beside_its_name():
    search = tiny_search()
    name = search.verdict["competitors"][1]["name"]
    search.verdict["settings"] = {name: {"model.units": [64], "train.x": "<b>"}}
    _, two, *_ = rows(page_with_shared_figures(search), "scores")
    assert " ".join(two[0]) == f"{name} model.units [64] train.x <b>"


def rows(html, name):
    """Cells of the body's rows of a table, without tags."""
    body = re.search(f'<table class="{name}".*?<tbody>(.*?)</tbody>', html, re.S)[1]
    return [
        [
            unescape(re.sub(r"<[^>]+>", " ", cell)).split()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        ]
        for row in re.findall(r"<tr.*?</tr>", body, re.S)
    ]


def test_table_tells_scores_costs_and_differences_from_the_winner(html):
    verdict = SEARCH.verdict
    first, second = verdict["competitors"]
    (gap,) = verdict["differences"]
    assert verdict["winner"] == first["name"] == gap["first"]
    one, two, plain, *_ = rows(html, "scores")
    assert one[0] == [first["name"], "winner"] and two[0] == [second["name"]]
    minus = "\u2212"
    assert one[6] == ["10", "ms", "9.89", "to", "10.2"]
    assert two[6][:2] == ["20.1", "ms"]
    for row, competitor in ((one, first), (two, second)):
        ends = [f"{competitor[end]:.4f}" for end in ("low", "high")]
        assert row[1] == [f"{competitor['mean']:.4f}", ends[0], "to", ends[1]]
        assert row[2] == ["\u00b1", f"{competitor['sd']:.4f}", "5", "seeds"]
        assert row[5] == [f"{competitor['parameters']:,}"]
    # The difference is the winner's lead; the row tells how far it is behind.
    turned = [
        f"{-gap[end]:+.4f}".replace("-", minus) for end in ("value", "high", "low")
    ]
    assert two[3] == [turned[0], turned[1], "to", turned[2]] and one[3] == []
    wins = f"{1 - gap['superiority']:.0%}"
    assert two[4] == [f"{-gap['g']:+.2f}".replace("-", minus), "wins", wins]
    lead = verdict["leads"][0]
    assert plain[3][0] == f"{-lead['value']:+.4f}".replace("-", minus)


def undecided(**changes):
    """The page of a search in which it is open who is better."""
    search = tiny_search()
    verdict = {"winner": None, "outcome": "undecided", "advice": "in the meantime take"}
    search.verdict.update({**verdict, **changes})
    text = page_with_shared_figures(search)
    return search.verdict, text, text.split("<body>")[1]


def glance(html):
    """The facts at a glance, by name."""
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html))


def test_page_of_an_undecided_search_knows_no_winner():
    verdict, text, body = undecided()
    first = verdict["competitors"][0]["name"]
    one, two, *_ = rows(text, "scores")
    assert one[0] == [first, "in", "the", "meantime"] and len(two[0]) == 1
    assert glance(text)["outcome"] == "undecided"
    assert glance(text)["cell in the meantime"] == first
    assert "cell to take" not in glance(text) and "winner" not in body.lower()
    assert "<h2>The best of the competitors as a recipe</h2>" in body


def test_page_says_to_take_the_baseline_that_nobody_beats():
    verdict = SEARCH.verdict
    plain = verdict["baselines"][0]["name"]
    leads = [{**one, "low": -0.1, "value": 0.0} for one in verdict["leads"]]
    _, text, body = undecided(leads=leads, advice=f"take the baseline, {plain}")
    baselines = {" ".join(row[0]) for row in rows(text, "scores")[2:]}
    assert f"{plain} baseline take this" in baselines
    assert glance(text)["to take"] == f"baseline: {plain}"
    assert f"What to do: take the baseline, {plain}." in body
    assert "winner" not in body.lower() and "meantime" not in body


def test_page_says_to_mend_what_has_learnt_nothing():
    verdict = SEARCH.verdict
    leads = [{**one, "low": -0.1, "value": 0.0} for one in verdict["leads"]]
    name = "majority class"
    _, text, body = undecided(leads=leads, unlearnt=name, advice="mend the training")
    assert "the training: none beats the majority class" in glance(text)["to mend"]
    assert "majority class baseline not beaten" in {
        " ".join(row[0]) for row in rows(text, "scores")
    }
    assert "take this" not in body and "What to do: mend the training." in body
    assert "winner" not in body.lower()


def test_page_states_the_margin_and_where_it_comes_from():
    _, text, _ = undecided()
    assert "The margin is 0.01, as the recipe has it (tune.margin)." in text
    _, text, _ = undecided(margin={"value": 0.0023, "baseline": "TF-IDF & co"})
    assert "The margin is 0.0023: 10% of the lead over TF-IDF &amp; co" in text
    for nothing in (None, {"value": 0.0, "baseline": "TF-IDF"}):
        _, text, _ = undecided(margin=nothing)
        assert "There is no margin, since no lead over a baseline is sure." in text


def test_all_trials_are_told_the_best_first(html):
    found = rows(html, "trials")
    trials = SEARCH.trials.sort_values("score", ascending=False, na_position="last")
    assert [row[0][0] for row in found] == list(trials["trial"])
    ends = [row[-4][0] for row in found]
    assert ends.count("failed") == SEARCH.verdict["failed"] > 0
    assert ends.count("hopeless") == SEARCH.verdict["stopped"] > 0
    tagged = [row[0][0] for row in found if "finalist" in row[0]]
    assert set(tagged) == {one["trial"] for one in SEARCH.verdict["competitors"]}


def test_trials_of_which_none_was_stopped_end_as_their_status(monkeypatch):
    # As pandas reads a column of which nothing is filled.
    trials = SEARCH.trials.assign(stopped=math.nan)
    for name in ("search_figures", "effect_figures"):
        monkeypatch.setattr(document, name, lambda *data: [])
    found = rows(verdict_page(SEARCH.verdict, trials, SEARCH.finals), "trials")
    assert sorted({row[-4][0] for row in found}) == ["failed", "finished"]


def test_recipe_stands_in_the_page_as_it_is(html):
    text = re.search(r'<pre[^>]*id="recipe">(.*?)</pre>', html, re.S)[1]
    assert "<" not in text and unescape(text) == RECIPE.rstrip()


def test_without_a_recipe_the_page_extends_the_one_searched(tmp_path):
    from seqkit.tuning.page.document import extending

    winner = SEARCH.verdict["competitors"][0]
    path = tmp_path / "winner.yaml"
    path.write_text(extending("bilstm_sentiment", winner["overrides"]))
    recipe = load_recipe(path)
    assert recipe.model.cell == winner["name"]
    assert recipe.train.learning_rate == winner["overrides"]["train.learning_rate"]


@pytest.mark.slow
def test_same_search_gives_the_same_page(html):
    assert verdict_page(*SEARCH.parts, RECIPE) == html


def test_names_are_never_taken_for_markup_and_keep_all_their_signs():
    search = awkward_searches()["markup"]
    text = verdict_page(*search.parts, "a: '</pre><script>x</script>'\n")
    page, names = Page(text), [one["name"] for one in search.verdict["competitors"]]
    assert not page.all("script", "i", "img")
    for name in names:
        assert name in page.text["h1"] and name in page.text["table"]
        assert name in page.text["svg"] and name in page.text["h3"]
    assert page.text["pre"] == "a: '</pre><script>x</script>'"
    # Figures have signs that their font lacks, too.
    assert "\u53cc" in "".join(names) and "\u25a1" not in text


@pytest.mark.slow
@pytest.mark.parametrize("search", awkward_searches().items(), ids=lambda item: item[0])
def test_awkward_searches_have_a_page(search):
    page = Page(verdict_page(*search[1].parts))
    assert page.text["h1"] and page.all("table")


@pytest.mark.slow
def test_page_of_many_trials_stays_small():
    search = tiny_search(trials=30)
    assert len(search.trials) == 60
    assert len(verdict_page(*search.parts).encode()) < 300_000


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3.21, "3.2 s"), (42.4, "42 s"), (99.9, "100 s"), (600, "10 min"),
     (3599, "1 h 0 min"), (4127.3, "1 h 9 min"), (None, "\u2013")],
)  # fmt: skip
def test_durations_read_well(seconds, text):
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("half", "places"), [(0.0031, 4), (0.02, 3), (1.2, 1), (25, 0), (0, 4), (3e-9, 10)]
)
def test_half_an_interval_shows_two_digits(half, places):
    assert words.decimals([(1 - half, 1 + half), (None, None)]) == places


def test_small_numbers_keep_their_digits():
    assert words.figure(0.00000314159, 9) == "3.14e\u221206"
    assert words.figure(-0.00214, 4, plus=True) == "\u22120.0021"


def test_nothing_has_no_minus():
    assert words.figure(-0.0, 3) == words.figure(-0.0004, 3) == "0.000"
    assert words.interval(-0.0, -0.0, 3, plus=True) == "+0.000 to +0.000"


def test_few_scores_make_no_panels():
    search = tiny_search(("lstm",), trials=2, failed=lambda number: False)
    page = Page(verdict_page(*search.parts))
    assert len([a for a in page.all("svg") if a.get("role") == "img"]) == 4
    assert "too few to tell" in page.text["section"]


# --- in a browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory, html):
    file = tmp_path_factory.mktemp("page") / "verdict.html"
    file.write_text(html, encoding="utf-8")
    with chromium(tmp_path_factory.mktemp("profile")) as running:
        running.uri = file.as_uri()
        yield running


SCREENS = [(360, 740), (1280, 900)]


@pytest.fixture(
    params=[(*size, scheme) for size in SCREENS for scheme in ("light", "dark")],
    ids=lambda screen: "-".join(map(str, screen)),
)
def screen(browser, request):
    """The page, opened afresh on a screen; its width."""
    emulate(browser, *request.param)
    browser.get(browser.uri)
    return request.param[0]


def test_page_loads_nothing_but_itself_and_the_console_stays_empty(browser):
    browser.get_log("browser")
    browser.get(browser.uri)
    browser.execute_script("return document.fonts.ready.then(() => 1)")
    assert requested(browser) - {"data:,"} == {browser.uri}
    assert browser.get_log("browser") == []


def test_page_never_scrolls_sideways(browser, screen):
    widths = browser.execute_script(
        "const root = document.documentElement; scrollTo(5000, 0);"
        "return [root.scrollWidth, root.clientWidth, scrollX]"
    )
    assert widths[0] == widths[1] <= screen and widths[2] == 0


def test_first_that_is_seen_is_the_sentence(browser, screen):
    tag, top, bottom, size, others = browser.execute_script(
        "const all = [...document.querySelectorAll('h1, h2, h3, p, td, th')];"
        "const box = all[0].getBoundingClientRect();"
        "return [all[0].tagName, box.top, box.bottom,"
        "  parseFloat(getComputedStyle(all[0]).fontSize),"
        "  all.slice(1).filter(e => e.getBoundingClientRect().top < box.top).length]"
    )
    assert (tag, others) == ("H1", 0)
    assert 0 <= top and bottom < 740 and size > 20


def test_every_figure_is_seen_and_its_text_can_be_read(browser, screen):
    figures = browser.execute_script(
        "return [...document.querySelectorAll('figure > svg')].map(svg => {"
        "  const box = svg.getBoundingClientRect();"
        "  const scale = box.width / svg.viewBox.baseVal.width;"
        "  const texts = [...svg.querySelectorAll('text')];"
        "  const inside = texts.every(t => { const b = t.getBoundingClientRect();"
        "    return b.left > box.left - 4 && b.right < box.right + 4; });"
        "  return [box.width, box.height, inside, scale * Math.min(...texts.map("
        "    t => parseFloat(getComputedStyle(t).fontSize)))]; })"
    )
    assert len(figures) == 10
    for width, height, inside, size in figures:
        assert width > 250 and height > 120 and inside and size >= 9


def luminance(colour):
    """Of a CSS colour, by WCAG 2.1."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [
        p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


COLOURS = """
const behind = (e) => {
  const colour = getComputedStyle(e).backgroundColor;
  return /, 0\\)$|transparent/.test(colour) ? behind(e.parentElement) : colour;
};
const texts = new Set(), marks = new Set();
for (const e of document.querySelectorAll("body *")) {
  const style = getComputedStyle(e), svg = e.closest("svg");
  if (e.tagName === "text") texts.add(style.fill + "|" + behind(e));
  else if (!svg && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    texts.add(style.color + "|" + behind(e));
  else if (/use|path/.test(e.tagName) && e.closest("a"))
    marks.add(style.stroke + "|" + behind(e));
}
return [[...texts], [...marks], getComputedStyle(document.body).backgroundColor];
"""


def test_texts_and_signs_stand_out_in_light_and_dark(browser, screen, request):
    texts, marks, paper = browser.execute_script(COLOURS)
    assert len(texts) > 2 and len(marks) == 3  # two cells, failed
    assert all(contrast(*pair.split("|")) >= 4.5 for pair in texts), texts
    assert all(contrast(*pair.split("|")) >= 3 for pair in marks), marks
    is_dark = "dark" in request.node.callspec.id
    assert (luminance(paper) < 0.1) == is_dark


def test_trial_in_a_figure_leads_to_its_row(browser):
    browser.get(browser.uri)
    row = browser.execute_script(
        "const link = document.querySelector('figure a[href=\"#trial-3\"]');"
        "link.dispatchEvent(new MouseEvent('click', {cancelable: true}));"
        "return document.querySelector('tr:target')?.id"
    )
    assert row == "trial-3"


def test_page_prints_on_white(browser):
    emulate(browser, 1280, 900, "dark")
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {
            "media": "print",
            "features": [{"name": "prefers-color-scheme", "value": "dark"}],
        },
    )
    browser.get(browser.uri)
    texts, _, paper = browser.execute_script(COLOURS)
    assert luminance(paper) > 0.95
    assert all(contrast(*pair.split("|")) >= 4.5 for pair in texts), texts


def test_browser_that_is_required_but_not_there_is_a_failure(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("SEQKIT_BROWSER", raising=False)
    with pytest.raises(pytest.skip.Exception, match="chromedriver"):
        with chromium(tmp_path):
            pass
    monkeypatch.setenv("SEQKIT_BROWSER", "required")
    with pytest.raises(pytest.fail.Exception, match="required"):
        with chromium(tmp_path):
            pass
