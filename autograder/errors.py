"""The one exception of the autograder: its message says what is wrong and what to do."""

from __future__ import annotations


class AutograderError(Exception):
    """Something that a person can mend.

    The message names the thing (file and line, cell, student, folder) and the next step. Command
    line tools print it without a traceback.
    """
