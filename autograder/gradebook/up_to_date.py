"""Decide whether a submission is graded already, by a digest of all that decides its grade.

The digest is in the metadata of the autograded notebook, with the recorded scores. A grade is up to
date if the digest has not changed and the gradebook still has these scores.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from autograder import remarks
from autograder.course import Course
from autograder.gradebook import scores
from autograder.gradebook.assignment import Plan
from autograder.gradebook.records import Submission
from autograder.gradebook.session import Entry

KEY = "autograder"
# Sections that decide a grade, in addition to the exam's own; and those of the late penalty, for
# which no exam has to be held again.
_SECTIONS = ("Autograde", "ClearMetadataPreprocessor", "IgnorePattern", "LimitOutput")
_LATE_SECTIONS = ("AssignLatePenalties", "CourseCalendar", "LateSubmissionPlugin")


class Fingerprints:
    """Makes the digests of one run."""

    def __init__(self, course: Course, engine_version: str | None) -> None:
        self.possible = engine_version is not None
        self.common = f"{engine_version}\n{_settings(course, _SECTIONS)}\n"
        self.late = hashlib.sha256(_settings(course, _LATE_SECTIONS).encode()).hexdigest()

    def of(self, found: str | None, plan: Plan) -> str | None:
        """Return the digest of a submission and of everything else that decides its grade.

        Parameters
        ----------
        found
            The digest of the submitted files; None if they could not all be read.
        """
        if not self.possible or found is None:
            return None
        return hashlib.sha256((self.common + plan.version + found).encode()).hexdigest()


def _settings(course: Course, names: tuple[str, ...]) -> str:
    sections = {name: course.config.get(name) for name in names}
    return json.dumps(sections, default=_name, sort_keys=True)


def _name(value: Any) -> str:
    """Return the name of a class or function, which JSON cannot represent."""
    return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value))}"


def note(
    fingerprint: str | None, entry: Entry, outcome: Submission, sandbox: str, late: str
) -> dict[str, Any]:
    """Return the metadata of an autograded notebook about its grade.

    Parameters
    ----------
    late
        A digest of the settings of the late penalty.
    """
    return {
        "version": 1,
        "fingerprint": fingerprint,
        "not_graded": "",
        "sandbox": sandbox,
        "assignment": str(entry.submission.assignment_id),
        **derived(entry, late),
        "scores": scores.automatic(entry),
        "diagnoses": {
            f"{scores.PREFIX}{name}": test.diagnosis
            for name, test in outcome.tests.items()
            if test.diagnosis
        },
        "cpu_s": outcome.cpu_s,
        "peak_bytes": outcome.peak_bytes,
        "timing": outcome.timing,
        **remarks.noted(outcome.remarks),
    }


def noted(path: Path) -> dict[str, Any] | None:
    """Read the metadata of an autograded notebook about its grade; None if it has none."""
    try:
        found = json.loads(path.read_bytes())["metadata"].get(KEY)
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None
    return found if isinstance(found, dict) and found.get("version") == 1 else None


def derived(entry: Entry, late: str) -> dict[str, Any]:
    """Return the late penalty, and the values that it depends on."""
    return {
        "due": str(entry.submission.assignment.duedate),
        "late": late,
        "penalty": entry.notebook.late_submission_penalty,
    }


def same_exam(about: dict[str, Any], fingerprint: str | None, entry: Entry | None) -> bool:
    """Return whether the noted scores are in the gradebook and an exam would repeat them."""
    if fingerprint is None or entry is None:
        return False
    return about["fingerprint"] == fingerprint and about["scores"] == scores.automatic(entry)
