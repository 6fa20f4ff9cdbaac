"""Sanitise a student's content: nothing of it may run, or load data, in a reader's browser.

Text becomes HTML that passes an allow-list. A picture becomes an image with inline data. SVG stays
inside an image, where a browser runs no script and loads nothing.
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
# Texts are cut to these limits before they are parsed: the parsers of Markdown, HTML and Python
# take quadratic time in the length of a run of blanks, a depth or a line.
MOST_MARKUP = 20_000
MOST_IN_LINE = 1_000
MOST_BLANKS = 80
MOST_RAW = 200_000
LEFT_OUT = "… the rest is left out"

# The first bytes of each type: the type in a notebook may be wrong.
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
    """Return HTML without active content: no script, no style, no address except of a link.

    Parameters
    ----------
    pictures
        Inline images, by their addresses in the text.
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
    if (tag, name) == ("img", "src"):  # a remote picture would reveal who reads the page, and when
        return value if _INLINE_IMAGE.fullmatch(value) else None
    if (tag, name) == ("a", "href"):
        return value if _LINK.match(value) else None
    if (tag, name) == ("span", "class"):
        return value if value in (formulas.INLINE, formulas.DISPLAY) else None
    return value


def markdown(text: str, pictures: Mapping[str, str] | None = None) -> Markup:
    """Return Markdown as HTML with its formulas; only the beginning of a long text.

    Parameters
    ----------
    pictures
        As for `markup`.
    """
    short = text if len(text) <= MOST_MARKUP else f"{text[:MOST_MARKUP]}\n\n{LEFT_OUT}"
    short = _BLANKS.sub(" " * MOST_BLANKS, short)
    return Markup(formulas.draw(markup(str(_to_html(short)), pictures)))


def drawn(html: str) -> Markup | None:
    """Return an output's HTML with inline pictures, or None if it is mostly other content."""
    if len(html) > MOST_PICTURE_BYTES or len(_DATA.sub("", html)) > MOST_MARKUP:
        return None
    return markup(html)


def picture(mime: str, data: str, alt: str = "") -> Markup | None:
    """Return an image, or None if the data has another type or is too large.

    Parameters
    ----------
    mime
        "image/png", "image/jpeg", "image/gif" or "image/svg+xml".
    data
        As in a notebook: base64, or text for SVG.
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
    """Return Python code with syntax highlighting."""
    short = text if len(text) <= MOST_CODE else f"{text[:MOST_CODE]}\n# {LEFT_OUT}"
    lines = (
        line if len(line) <= MOST_IN_LINE else f"{line[:MOST_IN_LINE]} {LEFT_OUT}"
        for line in short.split("\n")
    )
    return Markup(highlight("\n".join(lines), PythonLexer(), HtmlFormatter(cssclass="code")))


def plain(text: str) -> str:
    """Return text as a terminal shows it, without colours and overwritten lines, cut."""
    lines = _ANSI.sub("", text[:MOST_RAW]).replace("\r\n", "\n").split("\n")
    return cut("\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines))


def cut(text: str) -> str:
    """Return a text, shortened to its beginning if it is too long."""
    lines = text[:MOST_CHARACTERS].split("\n")
    if len(lines) <= MOST_LINES and len(text) <= MOST_CHARACTERS:
        return text
    return "\n".join([*lines[:MOST_LINES], LEFT_OUT])
