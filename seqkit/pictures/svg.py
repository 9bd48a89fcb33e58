"""Figures as SVG inside a page: real text, the page's own colours, nothing outside."""

from __future__ import annotations

import re
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

_SVG, _HREF = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_EXTRAS = {f"{_SVG}metadata", f"{_SVG}style"}
"""What a page has no use for; a style would reach the whole page."""
_LONG_NUMBER = re.compile(r"(-?\d+\.\d{2})\d+")
_FONT = re.compile(r"font-family:[^;]*;?\s*")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_PROPERTIES = {code.lower(): f"var(--{name})" for code, name in PAGE_COLOURS.items()}


def as_svg(figure: Figure, name: str, alt: str) -> str:
    """An ``<svg>`` element to stand in a page; without the figure's title.

    Args:
        figure: its title is taken off it.
        name: of the figure; ids hang on it, so that figures of a page share none.
        alt: what the figure shows, for those who do not see it.
    """
    figure.suptitle("").set_in_layout(False)
    buffer = StringIO()
    no_metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, metadata=no_metadata)
    root = ElementTree.fromstring(buffer.getvalue())
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag in _EXTRAS]:
            parent.remove(child)
    used_ids = {value for element in root.iter() for value in _references(element)}
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        element.text, element.tail = (element.text or "").strip(), ""
        element.attrib = _page_attributes(element, used_ids)
    width, height = (root.attrib[side].removesuffix("pt") for side in _SIDES)
    box = f"0 0 {width} {height}"
    root.attrib = {"viewBox": box, "role": "img", "aria-label": alt}
    return ElementTree.tostring(root, encoding="unicode")


_SIDES = ("width", "height")


def _references(element: ElementTree.Element) -> set[str]:
    """Ids that an element uses."""
    return {element.get("clip-path", "")[5:-1], element.get(_HREF, "")[1:]}


def _page_attributes(
    element: ElementTree.Element, used_ids: set[str]
) -> dict[str, str]:
    """Plain names, two decimals, the page's font and colours; ids that are used."""
    attributes = {}
    for key, value in element.attrib.items():
        if key == "target" or (key == "id" and value not in used_ids):
            continue
        if key == "style":
            value = _FONT.sub("", value)
            value = _COLOUR.sub(lambda m: _PROPERTIES.get(m[0], m[0]), value)
        attributes["href" if key == _HREF else key] = _LONG_NUMBER.sub(r"\1", value)
    if element.tag == "a":
        # The tab key passes it by: a page may have hundreds.
        attributes["tabindex"] = "-1"
    return attributes
