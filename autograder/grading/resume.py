"""Know what has been graded already: a digest of all that decides, kept with the grade.

It stands in the metadata of the autograded notebook, beside the scores that were recorded. A
grade counts as current if the digest is today's and the gradebook still holds those scores.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from autograder import remark
from autograder.course import Course
from autograder.grading import scores
from autograder.grading.blueprint import Blueprint
from autograder.grading.ledger import Entry
from autograder.grading.records import Submission

KEY = "autograder"
# Settings that decide over a grade, besides the exam's own.
_SECTIONS = (
    "Autograde",
    "AssignLatePenalties",
    "ClearMetadataPreprocessor",
    "IgnorePattern",
    "LateSubmissionPlugin",
    "LimitOutput",
)


class Fingerprints:
    """Makes the digests of one run."""

    def __init__(self, course: Course, engine_version: str | None) -> None:
        self.possible = engine_version is not None
        sections = {name: course.config.get(name) for name in _SECTIONS}
        self.common = f"{engine_version}\n{json.dumps(sections, default=_name, sort_keys=True)}\n"

    def of(self, found: str | None, blueprint: Blueprint) -> str | None:
        """Return the digest of a submission with what decides over its grade.

        Parameters
        ----------
        found
            The digest of what was handed in; None where that could not be read whole.
        """
        if not self.possible or found is None:
            return None
        return hashlib.sha256((self.common + blueprint.version + found).encode()).hexdigest()


def _name(value: Any) -> str:
    """Name a class or a function of the configuration, which JSON cannot."""
    return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value))}"


def note(fingerprint: str | None, entry: Entry, outcome: Submission, sandbox: str) -> dict:
    """Return what the autograded notebook says of its grade."""
    return {
        "version": 1,
        "fingerprint": fingerprint,
        "sandbox": sandbox,
        "assignment": str(entry.submission.assignment_id),
        "due": str(entry.submission.duedate),
        "scores": scores.automatic(entry),
        "diagnoses": {
            f"{scores.PREFIX}{name}": test.diagnosis
            for name, test in outcome.tests.items()
            if test.diagnosis
        },
        "cpu_s": outcome.cpu_s,
        "peak_bytes": outcome.peak_bytes,
        "timing": outcome.timing,
        **remark.noted(outcome.remarks),
    }


def noted(path: Path) -> dict[str, Any] | None:
    """Read what an autograded notebook says of its grade; None where it says nothing."""
    try:
        found = json.loads(path.read_bytes())["metadata"].get(KEY)
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None
    return found if isinstance(found, dict) and found.get("version") == 1 else None


def current(about: dict[str, Any] | None, fingerprint: str | None, entry: Entry | None) -> bool:
    """Say whether a noted grade is the one that grading would give again."""
    if about is None or fingerprint is None or entry is None:
        return False
    return (
        about["fingerprint"] == fingerprint
        and about["due"] == str(entry.submission.duedate)
        and about["scores"] == scores.automatic(entry)
    )
