"""Make what a student wrote safe to show: nothing of it may run, or load, in a reader's browser.

Text becomes HTML that an allow-list has let through; a picture becomes an image of inline data.
Markup in a drawing (SVG) stays inside an image, where a browser runs no script and loads nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

import mistune
import nh3
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.feedback import formulas

MOST_LINES = 60
MOST_CHARACTERS = 6_000
MOST_CODE = 60_000
MOST_PICTURE_BYTES = 4_000_000
# What is cut before anything else looks at it. The parsers of Markdown, HTML and Python take time
# in the square of a run of blanks, of a depth, of a line; so these are bounded.
MOST_MARKUP = 20_000
MOST_IN_LINE = 1_000
MOST_BLANKS = 80
MOST_RAW = 200_000
LEFT_OUT = "… the rest is left out"

# How a file of each kind begins; what a notebook calls a PNG need not be one.
_PICTURES = {
    "image/png": b"\x89PNG\r\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
}
_TAGS = nh3.ALLOWED_TAGS - {"area", "map", "center", "header", "footer", "nav", "article", "aside"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt"},
    "span": {"class"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_INLINE_IMAGE = re.compile(r"data:image/(png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=\s]+")
_DATA = re.compile(r"data:image/[a-z+]{3,7};base64,[A-Za-z0-9+/=\s]++")
_BLANKS = re.compile(rf"[^\S\n]{{{MOST_BLANKS},}}+")
_LINK = re.compile(r"(https?|mailto):", re.IGNORECASE)
_ANSI = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\-_])")
_to_html = mistune.create_markdown(
    escape=False, plugins=["strikethrough", "table", formulas.understand]
)

CODE_STYLE = HtmlFormatter(style="default").get_style_defs(".code")


def markup(text: str, pictures: Mapping[str, str] | None = None) -> Markup:
    """Return HTML without anything that acts: no script, no style, no address but a link's.

    Parameters
    ----------
    pictures
        Addresses in the text, and the inline image that each of them stands for.
    """

    def kept(tag: str, name: str, value: str) -> str | None:
        picture = (tag, name) == ("img", "src") and (pictures or {}).get(value)
        return _attribute(tag, name, picture or value)

    return Markup(
        nh3.clean(
            text,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            attribute_filter=kept,
            url_schemes={"http", "https", "mailto", "data"},
        )
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("img", "src"):  # a picture from elsewhere would tell who reads, and when
        return value if _INLINE_IMAGE.fullmatch(value) else None
    if (tag, name) == ("a", "href"):
        return value if _LINK.match(value) else None
    if (tag, name) == ("span", "class"):
        return value if value in (formulas.INLINE, formulas.DISPLAY) else None
    return value


def markdown(text: str, pictures: Mapping[str, str] | None = None) -> Markup:
    """Return Markdown as HTML, its formulas drawn; of a long one the beginning.

    Parameters
    ----------
    pictures
        As for `markup`.
    """
    short = text if len(text) <= MOST_MARKUP else f"{text[:MOST_MARKUP]}\n\n{LEFT_OUT}"
    short = _BLANKS.sub(" " * MOST_BLANKS, short)
    return Markup(formulas.draw(markup(str(_to_html(short)), pictures)))


def drawn(html: str) -> Markup | None:
    """Return an output's HTML with its inline pictures, or None where it is much besides them."""
    if len(html) > MOST_PICTURE_BYTES or len(_DATA.sub("", html)) > MOST_MARKUP:
        return None
    return markup(html)


def picture(mime: str, data: str, alt: str = "") -> Markup | None:
    """Return an image, or None where the data is not what it says, or too large.

    Parameters
    ----------
    mime
        "image/png", "image/jpeg", "image/gif" or "image/svg+xml".
    data
        As in a notebook: base64, and a drawing's text for SVG.
    """
    if len(data) > MOST_PICTURE_BYTES:
        return None
    if mime == "image/svg+xml":
        content = data.encode("utf-8", "replace")
    elif mime in _PICTURES:
        try:
            content = base64.b64decode(data, validate=False)
        except (binascii.Error, ValueError):
            return None
        if not content.startswith(_PICTURES[mime]):
            return None
    else:
        return None
    source = f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"
    return Markup('<img src="{}" alt="{}">').format(source, alt)


def code(text: str) -> Markup:
    """Return Python with its syntax coloured."""
    short = text if len(text) <= MOST_CODE else f"{text[:MOST_CODE]}\n# {LEFT_OUT}"
    lines = (
        line if len(line) <= MOST_IN_LINE else f"{line[:MOST_IN_LINE]} {LEFT_OUT}"
        for line in short.split("\n")
    )
    return Markup(highlight("\n".join(lines), PythonLexer(), HtmlFormatter(cssclass="code")))


def plain(text: str) -> str:
    """Return text as a terminal would show it, without colours and overwritten lines, cut."""
    lines = _ANSI.sub("", text[:MOST_RAW]).replace("\r\n", "\n").split("\n")
    return cut("\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines))


def cut(text: str) -> str:
    """Return the beginning of a text that is too long to be read."""
    lines = text[:MOST_CHARACTERS].split("\n")
    if len(lines) <= MOST_LINES and len(text) <= MOST_CHARACTERS:
        return text
    return "\n".join([*lines[:MOST_LINES], LEFT_OUT])
