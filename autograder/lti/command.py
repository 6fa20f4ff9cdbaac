"""The steps of ``autograder lti``: make keys, check the connection, send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder import terminal
from autograder.atomic_file import write_whole
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exports import reading
from autograder.exports.grades import ClassGrades
from autograder.lti import keys, ledger, sending, services, settings, show
from autograder.lti.outcome import Outcome, Wishes, complete
from autograder.lti.platform import Platform
from autograder.lti.settings import Settings
from autograder.lti.transport import PlatformError

#: Next to the settings.
SENT = "sent.jsonl"
JWKS = "jwks.json"


@dataclass(frozen=True)
class Done:
    """The result of a step: whether it succeeded, and the summary for scripts."""

    well: bool
    summary: dict[str, Any]


def run(
    step: str,
    course: Course,
    path: Path | None,
    topics: list[str],
    wishes: Wishes,
    console: Console,
) -> Done:
    """Run one of the steps: "keys", "check" or "send".

    Parameters
    ----------
    path
        The settings file. Default: the course's.

    Raises
    ------
    AutograderError
        If there is no such step, or it fails.
    """
    place = path or course.root / settings.DEFAULT
    if step == "send":
        return send(course, place, topics, wishes, console)
    if step not in ("keys", "check"):
        raise AutograderError(f"The steps are keys, check and send; there is no {step!r}.")
    if topics or wishes != Wishes():
        raise AutograderError(f"Topics and their options are for: autograder lti send, not {step}.")
    return make_keys(place, console) if step == "keys" else look(place, console)


def make_keys(place: Path, console: Console) -> Done:
    """Make the key pair and a settings file if there are none; show the public key.

    Raises
    ------
    AutograderError
        If a file cannot be written or read.
    """
    made = not place.exists()
    if made:
        write_whole(place, settings.TEMPLATE.encode(), "The settings")
        _keep_out_of_git(place.parent)
    key_path = settings.read(place, settings.KeyPlace).key_path
    fresh = not key_path.exists()
    key = keys.make(key_path) if fresh else keys.read(key_path)
    jwks = place.parent / JWKS
    write_whole(jwks, (json.dumps(key.jwks(), indent=1) + "\n").encode(), "The public key")
    show.public_key(console, key, key_path, place if made else None, jwks, fresh=fresh)
    return Done(True, key.jwks())


def look(path: Path, console: Console) -> Done:
    """Connect, and show the LMS's permissions, columns and members.

    Raises
    ------
    AutograderError
        If there is no connection.
    """
    found = settings.read(path)
    with _connected(found, console) as platform:
        items = services.line_items(platform) if sending.listed(platform) else []
        members = services.members(platform) if found.memberships_url else None
        show.connection(console, platform, items, None if members is None else len(members))
        well = services.SCORES in platform.scopes
        summary = {
            "platform": found.platform,
            "scopes": sorted(platform.scopes),
            "line_items": {item.url: item.label for item in items},
            "members": None if members is None else len(members),
        }
    return Done(well, summary)


def send(course: Course, path: Path, topics: list[str], wishes: Wishes, console: Console) -> Done:
    """Send the gradebook's grades, or show what would be sent.

    Raises
    ------
    AutograderError
        If nothing can be sent: the settings, the key, the roster, the gradebook or the LMS
        prevents it.
    """
    found = settings.read(path)
    keys.read(found.key_path)  # fail before reading the gradebook, which takes longer
    with course.gradebook() as gradebook:
        grades = reading.read(gradebook, course, topics)
    if not topics:
        _known(found, grades)
    sent = found.path.parent / SENT
    book = nullcontext(ledger.load(sent)) if wishes.dry_run else ledger.opened(sent)
    with book as open_book, _connected(found, console) as platform:
        with terminal.progress(console) as bar:
            total = sum(len(topic.results) for topic in grades.topics)
            task = bar.add_task("asking" if wishes.dry_run else "sending", total=total)
            known, outcomes = sending.send(
                platform, open_book, grades, wishes, lambda count: bar.advance(task, count)
            )
        show.outcomes(console, known, outcomes, grades, dry_run=wishes.dry_run)
    return Done(complete(outcomes), _summary(found, outcomes, wishes))


@contextmanager
def _connected(found: Settings, console: Console) -> Iterator[Platform]:
    """Connect to the platform with the permissions that the settings need."""
    key = keys.read(found.key_path)

    def say(text: str) -> None:
        show.line(console, "yellow", text)

    with Platform(found, key, say) as platform:
        wanted = [services.SCORES, services.RESULTS]
        wanted += [services.MEMBERS] if found.memberships_url else []
        items = [services.ITEMS if found.create_line_items else services.ITEMS_READ]
        platform.connect(wanted + items)
        if not sending.listed(platform):  # Moodle, without permission to manage columns
            platform.connect([*wanted, services.ITEMS_READ])
        if services.SCORES not in platform.scopes:
            raise PlatformError(
                f"{found.platform} does not let this tool send scores: give it the permission in "
                "the LMS (docs/lti.md)."
            )
        yield platform


def _known(found: Settings, grades: ClassGrades) -> None:
    """Raise an error if the settings name a topic that does not exist."""
    topics = {topic.topic for topic in grades.topics} | set(grades.unused)
    for name in found.topics:
        if name not in topics:
            raise AutograderError(
                f"{found.path}: [topics.{name}] is for a topic that the gradebook does not have."
            )


def _keep_out_of_git(folder: Path) -> None:
    """Make git ignore the folder with the key."""
    place = folder / ".gitignore"
    if not place.exists():
        write_whole(place, b"*\n", "The file .gitignore")


def _summary(found: Settings, outcomes: list[Outcome], wishes: Wishes) -> dict[str, Any]:
    return {
        "platform": found.platform,
        "dry_run": wishes.dry_run,
        "topics": {outcome.topic: outcome.to_json() for outcome in outcomes},
    }
