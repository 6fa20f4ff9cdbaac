"""Print the result of ``autograder lti``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from autograder import terminal
from autograder.exports.cells import number
from autograder.exports.grades import ClassGrades
from autograder.lti import services
from autograder.lti.keys import Key
from autograder.lti.members import People
from autograder.lti.outcome import Outcome
from autograder.lti.platform import Platform
from autograder.lti.services import LineItem
from autograder.terminal import clean

_RIGHTS = {
    services.SCORES: "send scores",
    services.RESULTS: "read scores",
    services.ITEMS: "make columns",
    services.ITEMS_READ: "read columns",
    services.MEMBERS: "read the list of members",
}

_IN = "  "


def line(console: Console, style: str, text: str, indent: str = "") -> None:
    """Print one line, without control characters or markup."""
    console.print(Text(indent + clean(text), style=style), soft_wrap=True)


def public_key(
    console: Console, key: Key, path: Path, new: Path | None, jwks: Path, *, fresh: bool
) -> None:
    """Print the public key in the forms that platforms need."""
    line(console, "", f"{'Made' if fresh else 'The key is'} {path}; only you may read it.")
    if new:
        line(console, "", f"Wrote {new}: fill it in once the LMS has the key.")
    console.print()
    line(console, "bold", 'The public key, for Canvas ("Public JWK"):')
    console.print(Text(_json(key)), soft_wrap=True)
    console.print()
    line(console, "bold", 'For Moodle (public key type "RSA key"):')
    console.print(Text(key.pem().strip()), soft_wrap=True)
    console.print()
    line(console, "", f"For an LMS that asks for the address of a key set: put {jwks} there.")


def connection(
    console: Console, platform: Platform, items: Sequence[LineItem], members: int | None
) -> None:
    """Print the platform's permissions, columns and number of learners."""
    rights = [word for scope, word in _RIGHTS.items() if scope in platform.scopes]
    line(console, "", f"Connected with {platform.settings.platform}. It lets this course:")
    line(console, "", ", ".join(rights), _IN)
    if members is not None:
        line(console, "", f"It lists {members} learner{'' if members == 1 else 's'}.")
    if items:
        shown = [(item.label, item.resource_id, _points(item.maximum), item.url) for item in items]
        heads = ("Column", "Topic", "Points", "Line item")
        terminal.rows(
            console, "Columns", heads, [tuple(map(clean, row)) for row in shown], ["Points"]
        )
    else:
        line(console, "", "It shows no column that belongs to this tool.")


def outcomes(
    console: Console, known: People, found: Iterable[Outcome], grades: ClassGrades, *, dry_run: bool
) -> None:
    """Print the grades that were sent, or would be, and those that were not, with reasons."""
    for name in grades.unused:
        line(console, "dim", f"Omitted, since nobody has handed in: {name}")
    line(console, "", f"Matched by {known.how}: {_students(len(known.ids))}")
    for outcome in found:
        _outcome(console, outcome, dry_run=dry_run)
    for remark in known.remarks:
        line(console, "yellow", remark)
    if known.others:
        line(console, "yellow", f"In the LMS, not in the gradebook: {_names(known.others)}")
    if dry_run:
        line(console, "bold", "Nothing was sent (--dry-run).")


def _outcome(console: Console, outcome: Outcome, *, dry_run: bool) -> None:
    label = f" → {outcome.item.label}" if outcome.item and outcome.item.label else ""
    console.print()
    line(console, "bold", f"{outcome.topic}{label}, of {number(outcome.maximum)} points")
    if outcome.made and (dry_run or outcome.item):
        line(
            console,
            "",
            f"  The LMS has no column for it; one {'would be' if dry_run else 'was'} made.",
        )
    if dry_run and outcome.sent:
        rows = [
            (clean(student), _points(outcome.before[student]), number(score))
            for student, score in outcome.sent.items()
        ]
        terminal.rows(console, "Would be sent", ("Student", "In the LMS", "Score"), rows, ["Score"])
    counts = [
        (len(outcome.sent), "to send" if dry_run else "sent"),
        (len(outcome.same), "there already"),
        (len(outcome.absent), "not handed in"),
        (len(outcome.not_sent), "not sent"),
    ]
    line(console, "", ", ".join(f"{count} {what}" for count, what in counts if count), _IN)
    for remark in outcome.remarks:
        line(console, "yellow", remark, _IN)
    for reason in sorted(set(outcome.not_sent.values())):
        names = [student for student, why in sorted(outcome.not_sent.items()) if why == reason]
        line(console, "bold yellow", f"Not sent, {reason}: {_names(names)}", _IN)


def _points(score: float | None) -> str:
    return "none" if score is None else number(score)


def _students(count: int) -> str:
    return "1 student" if count == 1 else f"{count} students"


def _names(names: Sequence[str]) -> str:
    return "; ".join(map(clean, names))


def _json(key: Key) -> str:
    return "{" + ", ".join(f'"{name}": "{value}"' for name, value in key.jwk().items()) + "}"
