"""Figures as SVG inside a page: real text, the page's own colours, nothing outside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import StringIO
from xml.etree import ElementTree

from matplotlib import rc_context
from matplotlib.figure import Figure

from seqkit.pictures.search.shared import GREEN, OLIVE, PURPLE, STEEL
from seqkit.pictures.shared import BLUE, GREY, ORANGE, PALE

PAGE_COLOURS = {
    "#000000": "ink",
    "#ffffff": "paper",
    GREY: "muted",
    PALE: "line",
    BLUE: "blue",
    ORANGE: "orange",
    GREEN: "green",
    PURPLE: "purple",
    OLIVE: "olive",
    STEEL: "steel",
}
"""The custom property of the page that each colour of a figure follows."""

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
_LONG = re.compile(r"(-?\d+\.\d{2})\d+")
_WHOLE = re.compile(r"\.0+(?=\D|$)")
_PROPERTIES = {name.lower(): f"var(--{of})" for name, of in PAGE_COLOURS.items()}


def as_svg(
    figure: Figure,
    name: str,
    alt: str,
    texts: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
) -> str:
    """An ``<svg>`` element to stand in a page; without the figure's title.

    Args:
        figure: its title is taken off it.
        name: begins all ids, so that figures of one page do not share any.
        alt: what the figure shows, for those who do not see it.
        texts: as for ``written``.
        titles: link of an artist (``#trial-3``) -> what to tell where it is pointed at.
    """
    figure.suptitle("").set_in_layout(False)
    buffer = StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, metadata=nothing)
    root = ElementTree.fromstring(buffer.getvalue())
    _without_extras(root)
    used = {value[1:] for element in root.iter() for value in _references(element)}
    for element in root.iter():
        _adapt(element, name, used)
        if element.tag == "text":
            element.text = written(element.text or "", texts or {})
        if element.tag == "a":
            _tell(element, titles or {})
    width, height = root.attrib.pop("width"), root.attrib.pop("height")
    size = f"{width.removesuffix('pt')} {height.removesuffix('pt')}"
    root.attrib = {"viewBox": f"0 0 {size}", "role": "img", "aria-label": alt}
    return ElementTree.tostring(root, encoding="unicode")


def written(text: str, texts: Mapping[str, str]) -> str:
    """A text of a figure in all its signs: browsers have those that its font lacks.

    Args:
        text: with boxes for signs that the font lacks.
        texts: names with boxes -> the names, the longest first.
    """
    if "\u25a1" in text:
        for drawn, real in texts.items():
            text = text.replace(drawn, real)
    return text


def _without_extras(root: ElementTree.Element) -> None:
    """Take off metadata and the style sheet, which would reach the whole page."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {f"{_SVG}metadata", f"{_SVG}style"}:
                parent.remove(child)
        parent.text, parent.tail = (parent.text or "").strip(), ""


def _references(element: ElementTree.Element) -> list[str]:
    """Ids that an element uses, each as ``#ID``."""
    clip = element.get("clip-path", "")[4:-1]
    return [value for value in (clip, element.get(f"{_XLINK}href", "")) if value]


def _adapt(element: ElementTree.Element, name: str, used: set[str]) -> None:
    """Plain tags, ids of this figure's own, the page's colours, two decimals."""
    element.tag = element.tag.removeprefix(_SVG)
    attributes = {}
    for key, value in element.attrib.items():
        if key == "id":
            if value not in used:
                continue
            value = f"{name}-{value}"
        elif key == f"{_XLINK}href":
            key = "href"
            value = f"#{name}-{value[1:]}" if element.tag == "use" else value
        elif key == "clip-path":
            value = f"url(#{name}-{value[5:-1]})"
        elif key == "style":
            value = _style(value)
        elif key == "transform" and value.startswith("rotate(-0 "):
            continue
        elif key in {"d", "x", "y", "width", "height", "transform"}:
            value = _WHOLE.sub("", _LONG.sub(r"\1", value.replace("\n", "")))
        attributes[key] = value
    element.attrib = attributes


def _style(style: str) -> str:
    """Colours of the page, and its font."""
    parts = [part for part in style.split("; ") if not part.startswith("font-family")]
    text = ";".join(parts)
    return re.sub(r"#[0-9a-f]{6}", lambda m: _PROPERTIES.get(m[0], m[0]), text)


def _tell(link: ElementTree.Element, titles: Mapping[str, str]) -> None:
    """A link that tells where it leads, and that the tab key passes by."""
    link.attrib.pop("target", None)
    link.set("tabindex", "-1")
    if link.get("href") in titles:
        title = ElementTree.Element("title")
        title.text = titles[link.attrib["href"]]
        link.insert(0, title)
