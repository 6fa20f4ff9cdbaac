"""The sandbox's exception."""

from __future__ import annotations

from autograder.errors import AutograderError


class SandboxError(AutograderError):
    """The sandbox could not be entered; no student code has run."""
