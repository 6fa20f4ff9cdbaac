"""What a student's function is made of, read from the text of the notebook.

The candidate could show other code than it runs; the text is what was handed in.
"""

from __future__ import annotations

from nnkit.checks.notebook_text import NotebookText as SubmissionText

__all__ = ["SubmissionText"]
