"""Formulas: LaTeX between dollars becomes MathML, which a browser draws without script or network.

Markdown formulas first become marked text, which the sanitiser treats as text. After the sanitiser
the text is converted to a closed set of elements and attributes. So MathML that a student writes
never reaches the page.
"""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree

import nh3
from latex2mathml.converter import convert_to_element
from mistune import BlockParser, BlockState, HTMLRenderer, InlineParser, InlineState, Markdown

INLINE, DISPLAY = "formula", "formula display"
MOST_CHARACTERS = 2_000
MOST_FORMULAS = 200
MOST_LEVELS = 40

_TEXTS = {"mi", "mn", "mo", "mtext"}
_ELEMENTS = _TEXTS | set(
    [
        "math",
        "mrow",
        "mfrac",
        "msqrt",
        "mroot",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mtable",
        "mtr",
        "mtd",
        "mspace",
        "mstyle",
        "mpadded",
    ]
)
_LENGTH = re.compile(r"\d?(\.\d+)?em")
_WORD = re.compile(r"[a-z-]+")
_ATTRIBUTES = {
    "accent": _WORD,
    "columnalign": _WORD,
    "display": _WORD,
    "displaystyle": _WORD,
    "fence": _WORD,
    "form": _WORD,
    "linebreak": _WORD,
    "mathvariant": _WORD,
    "maxsize": _LENGTH,
    "minsize": _LENGTH,
    "movablelimits": _WORD,
    "scriptlevel": re.compile(r"[0-2]"),
    "stretchy": _WORD,
    "width": _LENGTH,
}
# LaTeX environments that the library does not know -> similar ones that it knows.
_SAME = {
    "align": "align*",
    "aligned": "split",
    "alignedat": "split",
    "equation*": "equation",
    "eqnarray": "matrix",
    "eqnarray*": "matrix",
    "gather": "matrix",
    "gather*": "matrix",
    "gathered": "matrix",
    "multline": "matrix",
    "multline*": "matrix",
}
_ENVIRONMENT = re.compile(r"\\(begin|end)\{([a-z]+\*?)\}")
_NUMBERING = re.compile(r"\\(?:nonumber|notag)\b|\\(?:label|tag)\{[^{}]*\}")
# A longer formula is not converted, so the search for its end stops there.
_ANY = f"{{1,{MOST_CHARACTERS}}}"
_ALONE = (
    rf"^ {{0,3}}(?:\$\$(?P<alone>[^$]{_ANY}+)\$\$"
    rf"|(?P<whole>\\begin\{{(?P<kind>[a-z]{{1,20}}+\*?)\}}"
    rf"[\s\S]{_ANY}?\\end\{{(?P=kind)\}}))[ \t]*(?:\n|$)"
)
# As in Pandoc: "$5 and $6" has no formula.
_WITHIN = (
    rf"\$\$(?P<display>[^$]{_ANY}+)\$\$"
    rf"|\$(?![\s$])(?P<inline>(?:[^$\\\n`]|\\.){_ANY}+)(?<!\s)\$(?!\d)"
)
# Matched after the sanitiser, which writes quotes in attributes as &quot;.
_MARKED = re.compile(rf'<span class="({INLINE}|{DISPLAY})">([^<>]*)</span>')


def understand(markdown: Markdown) -> None:
    """Mark formulas in Markdown for `draw`: a plugin of mistune."""
    block, inline = markdown.block, markdown.inline
    block.register("formula_alone", _ALONE, _alone, before="list")
    for rules in (block.block_quote_rules, block.list_rules):
        block.insert_rule(rules, "formula_alone", before="list")
    inline.register("formula", _WITHIN, _within, before="codespan")
    markdown.renderer.register("formula", _marked)


def _alone(block: BlockParser, found: re.Match[str], state: BlockState) -> int:
    del block
    raw = found["alone"] or found["whole"]
    state.append_token({"type": "formula", "raw": raw, "attrs": {"kind": DISPLAY}})
    return found.end()


def _within(inline: InlineParser, found: re.Match[str], state: InlineState) -> int:
    del inline
    kind = INLINE if found["inline"] else DISPLAY
    raw = found["inline"] or found["display"]
    state.append_token({"type": "formula", "raw": raw, "attrs": {"kind": kind}})
    return found.end()


def _marked(renderer: HTMLRenderer, text: str, kind: str) -> str:
    del renderer
    return f'<span class="{kind}">{html.escape(text.strip())}</span>'


def draw(page: str) -> str:
    """Return sanitised HTML with its marked formulas as MathML.

    A formula that is not valid LaTeX, or is too long, stays as text.
    """
    left = MOST_FORMULAS

    def drawn(found: re.Match[str]) -> str:
        nonlocal left
        left -= 1
        text, display = html.unescape(found[2]), found[1] == DISPLAY
        return (mathml(text, display=display) if left >= 0 else None) or _as_written(text, display)

    return _MARKED.sub(drawn, page)


def _as_written(text: str, display: bool) -> str:
    mark = "$$" if display else "$"
    return f"<code>{html.escape(f'{mark}{text}{mark}')}</code>"


def mathml(text: str, *, display: bool = False) -> str | None:
    """Return a formula as MathML, or None if a part of it would be lost."""
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        drawn = convert_to_element(_known(text), display="block" if display else "inline")
        made = ElementTree.tostring(_rebuilt(drawn), encoding="unicode")
    except Exception:  # the library raises its own and other exceptions
        return None
    attributes = {name: set(_ATTRIBUTES) for name in _ELEMENTS}
    return nh3.clean(made, tags=_ELEMENTS, attributes=attributes)


def _known(text: str) -> str:
    """Return a formula with unknown commands replaced by known ones."""
    text = _NUMBERING.sub("", text)
    return _ENVIRONMENT.sub(lambda m: f"\\{m[1]}{{{_SAME.get(m[2], m[2])}}}", text)


def _rebuilt(element: ElementTree.Element, level: int = 0) -> ElementTree.Element:
    """Copy an element; only known elements and attributes are allowed.

    Raises
    ------
    ValueError
        If an element or attribute is not known.
    """
    if element.tag not in _ELEMENTS or level > MOST_LEVELS:
        raise ValueError(element.tag)
    known = {
        name: value
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and _ATTRIBUTES[name].fullmatch(value)
    }
    copy = ElementTree.Element(element.tag, known)
    if element.tag in _TEXTS:
        copy.text = html.unescape("".join(element.itertext()))
        if copy.text.startswith("\\") and len(copy.text) > 1:
            raise ValueError(f"unknown command {copy.text}")
    else:
        copy.extend(_rebuilt(child, level + 1) for child in element)
    return copy
