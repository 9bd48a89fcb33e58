"""What all pictures share: the figure, its colours, its dress, how it shows itself.

The colours are of Okabe & Ito 2008, which colour-blind people tell apart; shapes and
labels say the same again.
"""

from __future__ import annotations

import re
import warnings
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from io import BytesIO
from textwrap import wrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.layout_engine import ConstrainedLayoutEngine

BLUE, ORANGE, GREY, PALE = "#0072B2", "#D55E00", "#5F5F5F", "#E4E4E4"
KINDS = {"model": (BLUE, "o"), "baseline": (ORANGE, "s"), "reference": (GREY, "D")}
"""Colour and marker of each kind of score."""
_DPI = 80  # of pictures within a page, which keep a notebook small
_MARGIN = 0.1  # inches around a figure, and around each of its panels


class Picture(Figure):
    """A figure that notebooks show by themselves."""

    def _repr_png_(self) -> bytes:
        return _png(self)


def as_html(figure: Figure) -> str:
    """An ``<img>`` that holds the figure as a PNG, for a page that needs no files.

    It is no wider than the page; its ``alt`` is the figure's title.
    """
    data = b64encode(_png(figure)).decode("ascii")
    alt = escape(" ".join(figure.get_suptitle().split()))
    source = f"data:image/png;base64,{data}"
    return f'<img src="{source}" alt="{alt}" style="max-width:100%">'


def _png(figure: Figure) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI)
    return buffer.getvalue()


def dress(axes: Axes, x_label: str, y_label: str, grid: bool = True) -> None:
    """Label the axes, and leave out all lines that tell nothing."""
    axes.set_xlabel(x_label, fontsize=9, parse_math=False)
    axes.set_ylabel(y_label, fontsize=9, parse_math=False)
    axes.tick_params(labelsize=8, color=GREY)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    if grid:
        axes.grid(axis="y", color=PALE, linewidth=0.7)


def titled(figure: Figure, text: str) -> Figure:
    """The figure with the outcome in words above it, and a margin around it all."""
    engine, width = figure.get_layout_engine(), figure.get_figwidth()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(w_pad=_MARGIN, h_pad=_MARGIN / 2)
    # Lines break at spaces alone, and never within an interval's brackets.
    whole = re.sub(r"\([^()]*\)|\[[^][]*\]", lambda m: m[0].replace(" ", "\xa0"), text)
    figure.suptitle(
        "\n".join(wrap(whole, int(12.5 * width))), x=_MARGIN / width, ha="left",
        fontsize=10, parse_math=False,
    )  # fmt: skip
    return figure


_every_sign = ContextVar("every_sign", default=False)


@contextmanager
def every_sign() -> Iterator[None]:
    """Draw names in all their signs, as SVG: browsers have those that a font lacks."""
    token = _every_sign.set(True)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from")
            yield
    finally:
        _every_sign.reset(token)


def drawn_name(name: Any, longest: int) -> str:
    """A name as it can be drawn: one line, not too long, signs that the font has."""
    text = " ".join(str(name).split())
    if not _every_sign.get():
        font = get_font(findfont(FontProperties()))
        text = "".join(c if font.get_char_index(ord(c)) else "\u25a1" for c in text)
    return text if len(text) <= longest else text[: longest - 1] + "\u2026"


def number(value: float) -> str:
    """Three decimals; for very small and very large numbers, three digits."""
    return f"{value:,.3f}" if 0.01 <= abs(value) < 1000 else f"{value:,.3g}"
