"""The command ``autograder doctor``: run all checks, and print findings and remedies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from autograder import terminal
from autograder.doctor import checks
from autograder.doctor.checks import Finding

MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "bold red")}


def examine(course_folder: Path | None = None, *, quick: bool = False) -> list[Finding]:
    """Run all checks; a check that raises an exception is itself a finding.

    Parameters
    ----------
    course_folder
        The course; default: the one in or around this folder.
    quick
        Enter the sandbox, but do not try to break out of it, which takes about ten seconds.
    """
    every: list[tuple[str, Callable[[], Finding]]] = [
        ("Python", checks.python),
        ("packages", checks.packages),
        ("pinned versions", lambda: checks.pinned(_constraints(course_folder))),
        ("TensorFlow", checks.tensorflow),
        ("scikit-learn", checks.scikit_learn),
        ("alembic", checks.alembic),
        ("kernel", checks.kernel),
        ("gradebook", lambda: checks.gradebook(course_folder)),
        ("disk", lambda: checks.disk(course_folder or Path.cwd())),
        ("memory", checks.memory),
        ("control groups", checks.control_groups),
        ("sandbox", checks.sandbox),
    ]
    findings = []
    for name, check in every:
        try:
            findings.append(check())
        except Exception as error:  # every check must give a finding, on any machine
            findings.append(
                Finding(name, "fail", f"{type(error).__name__}: {error}", checks.FIX_SETUP)
            )
    if not quick and findings[-1].state == "ok":
        findings += _tried(course_folder or Path.cwd())
    return findings


def _tried(folder: Path) -> list[Finding]:
    """Try to break out of the sandbox, and to work in it."""
    try:
        return checks.sandbox_holds(folder)
    except Exception as error:
        return [Finding("sandbox", "fail", f"{type(error).__name__}: {error}", checks.FIX_SANDBOX)]


def healthy(findings: Iterable[Finding]) -> bool:
    """Return whether no check failed."""
    return all(finding.state != "fail" for finding in findings)


def to_json(findings: Iterable[Finding]) -> dict[str, Any]:
    """Return the summary for ``--json``."""
    return {
        finding.name: {
            "state": finding.state,
            "found": finding.found,
            "remedy": finding.remedy or None,
        }
        for finding in findings
    }


def show(console: Console, findings: list[Finding]) -> None:
    """Print a table, with a remedy below each finding that needs one."""
    lines = []
    for finding in findings:
        sign, style = MARKS[finding.state]
        lines.append((Text(sign, style=style), finding.name, finding.found))
        if finding.remedy:
            lines.append(("", "", Text(f"→ {finding.remedy}", style=style)))
    terminal.rows(console, "This machine", ("", "What", "Found"), lines)
    if healthy(findings):
        console.print("This machine has everything that grading needs.")
    else:
        console.print("Something essential is missing: see the lines marked ✗.")


def _constraints(course_folder: Path | None) -> Path | None:
    """Return the file of pinned versions: the course's, or this source tree's."""
    places = [course_folder or Path.cwd(), Path(__file__).resolve().parent.parent]
    return next((p / "constraints.txt" for p in places if (p / "constraints.txt").is_file()), None)
