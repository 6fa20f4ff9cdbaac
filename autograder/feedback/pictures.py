"""Pictures in a written answer: shown where the notebook holds them, named where it does not."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nbformat import NotebookNode

from autograder.feedback import clean
from autograder.feedback.budget import PICTURES, Budget

# Each part has a maximum length and is possessive: a student's text must not cause backtracking.
_DATA = re.compile(r"data:(image/[a-z+]{3,7});base64,([A-Za-z0-9+/=]++)")
_IMAGE = re.compile(r"!\[[^\]\n]{0,200}+\]\([ \t]{0,9}+<?+([^)<>\s]{1,500}+)[^)\n]{0,300}+\)")
_TAG = re.compile(
    r"<img\b[^>]{0,500}?\bsrc[ \t]{0,9}+=[ \t]{0,9}+[\"']?+([^\"'>\s]{1,500}+)[^>]{0,500}+>",
    re.IGNORECASE,
)


def with_pictures(cell: NotebookNode, budget: Budget) -> tuple[str, dict[str, str]]:
    """Return a cell's text, and the pictures in it by their address there.

    An attached picture is shown even if the text does not refer to it. A picture in a file, or of a
    type that pages do not show, is named.
    """
    pictures: dict[str, str] = {}

    def kept(mime: str, content: str, uses: int = 1) -> str | None:
        """Keep a picture; return its address, or None if it cannot be shown."""
        image = clean.picture(mime, content)
        if image is None or not budget.spend(PICTURES, picture_bytes=uses * len(image)):
            return None
        pictures[address := f"attachment-{len(pictures)}"] = f"data:{mime};base64,{content}"
        return address

    def named(found: re.Match[str]) -> str:
        return found[0] if found[1] in pictures else f"*[picture: {found[1]}]*"

    # The data of a picture is longer than the limit of a text.
    text = _DATA.sub(lambda found: kept(found[1], found[2]) or "a-picture", cell.source)
    text = clean.cut(text)
    for name, mime, content in _attached(cell):
        here = f"attachment:{name}"
        uses = text.count(here)
        address = kept(mime, content, max(uses, 1))
        if address:
            text = text.replace(here, address) if uses else f"{text}\n\n![{name}]({address})"
    return _TAG.sub(named, _IMAGE.sub(named, text)), pictures


def _attached(cell: NotebookNode) -> Iterable[tuple[str, str, str]]:
    """Yield name, type and data of a cell's attached pictures."""
    for name, bundle in cell.get("attachments", {}).items():
        for mime, content in bundle.items():
            if name and clean.picture(mime, str(content)) is not None:
                yield name, mime, str(content)
                break
