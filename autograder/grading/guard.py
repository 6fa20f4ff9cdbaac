"""Guard nbgrader's own commands, as soon as they read the course's configuration.

They would follow links out of a submission and wait for pipes in it. `autograder`'s commands read
clean copies of submissions, and start faster without what this imports.
"""

from __future__ import annotations

from autograder import serverless


def guard_submissions() -> None:
    """Let `nbgrader autograde` and the formgrader read only regular files of a submission."""
    if not serverless.is_left_out():
        from autograder.submissions import plain_files

        plain_files.install()
