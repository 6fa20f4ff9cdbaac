"""Every link between the pages of the project leads somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("datasets/*.md")])
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", flags=re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", head.strip().lower()) for head in heads)
    return {word.replace(" ", "-") for word in words}


def broken(page: Path, text: str) -> list[str]:
    """Return the links of a page that lead nowhere."""
    lost = []
    for link in LINK.findall(CODE.sub("", text)):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        is_lost = not target.exists() or (
            anchor and target.suffix == ".md" and anchor not in anchors(target)
        )
        lost += [link] if is_lost else []
    return lost


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    assert broken(page, page.read_text("utf-8")) == []


def test_a_broken_link_is_found():
    text = "[a](docs/nowhere.md) [b](README.md#no-such-heading) [c](https://example.org) [d](docs)"
    assert broken(ROOT / "README.md", text) == ["docs/nowhere.md", "README.md#no-such-heading"]
