"""The source code of a student's function, read from the text of the notebook.

The candidate could show other code than it runs; the text is the code that was handed in.
"""

from __future__ import annotations

from nnkit.checks.notebook_text import NotebookText as SubmissionText

__all__ = ["SubmissionText"]
