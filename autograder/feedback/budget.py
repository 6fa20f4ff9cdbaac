"""The limits on how much of a student's work one page shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

# A diligent student writes some 20 000 characters in some 60 cells.
MOST_TEXT = 300_000
MOST_CELLS = 500
MOST_HEADINGS = 200
MOST_OUTPUTS = 300
MOST_PICTURES = 60
MOST_PICTURE_BYTES = 30_000_000
# The kinds of content that can be left out, as the page names them.
CELLS, HEADINGS, OUTPUTS, PICTURES = "cells", "headings", "outputs", "pictures"


@dataclass
class Budget:
    """How much may still be shown, and what was left out so far."""

    text: int = MOST_TEXT
    picture_bytes: int = MOST_PICTURE_BYTES
    left: dict[str, int] = field(
        default_factory=lambda: {
            CELLS: MOST_CELLS,
            HEADINGS: MOST_HEADINGS,
            OUTPUTS: MOST_OUTPUTS,
            PICTURES: MOST_PICTURES,
        }
    )
    left_out: Counter[str] = field(default_factory=Counter)

    def spend(self, kind: str, text: int = 0, picture_bytes: int = 0) -> bool:
        """Subtract content of this size; return whether it fits."""
        enough = self.left[kind] >= 1 and self.text >= text and self.picture_bytes >= picture_bytes
        if enough:
            self.left[kind] -= 1
            self.text -= text
            self.picture_bytes -= picture_bytes
        else:
            self.left_out[kind] += 1
        return enough

    def said(self) -> str:
        """Return a sentence on what was left out, or an empty text."""
        if not self.left_out:
            return ""
        found = sorted(self.left_out.items())
        what = ", ".join(f"{n} {kind if n > 1 else kind.removesuffix('s')}" for kind, n in found)
        return f"Your notebook holds more than one page can show. Left out of this page: {what}."
