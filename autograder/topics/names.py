"""Resolve topic names on the command line: ``5``, ``backprop`` or a typo for ``05-backprop``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence

from autograder.course import Course
from autograder.errors import AutograderError


def resolve(course: Course, names: Sequence[str]) -> list[str]:
    """Return the topics of a course that the names refer to, each once.

    Parameters
    ----------
    names
        A topic's name, its number, or a part of its name that no other topic has.

    Raises
    ------
    AutograderError
        If a name resembles a topic's, or fits several. A name that resembles none is returned
        unchanged.
    """
    known = _known(course)
    if any(name not in known for name in names):
        known |= _recorded(course)
    return list(dict.fromkeys(_resolve(name, sorted(known)) for name in names))


def _known(course: Course) -> set[str]:
    """Return the topics that have a text or a release."""
    released = course.release_dir.glob("*/*.ipynb") if course.release_dir.is_dir() else ()
    return {*course.topics(), *(path.parent.name for path in released)}


def _recorded(course: Course) -> set[str]:
    """Return the assignments of the gradebook, which may have neither text nor release here."""
    with course.gradebook() as gradebook:
        return {str(assignment.name) for assignment in gradebook.assignments}


def _resolve(name: str, known: Sequence[str]) -> str:
    if name in known or not known:
        return name
    wanted = name.casefold()
    ways: Iterable[Callable[[str], bool]] = (
        lambda topic: topic == wanted,
        lambda topic: wanted.isdecimal() and _number(topic) == int(wanted),
        lambda topic: bool(wanted) and wanted in topic,
    )
    for way in ways:
        found = [topic for topic in known if way(topic.casefold())]
        if len(found) == 1:
            return found[0]
        if found:
            raise AutograderError(f'"{name}" could be {" or ".join(found)}: write one of them.')
    # A name resembles a topic with or without its number.
    spellings = {spelling: topic for topic in known for spelling in (topic, _bare(topic))}
    near = difflib.get_close_matches(wanted, spellings, n=1)
    if not near:  # the command itself lists the topics
        return name
    raise AutograderError(
        f'There is no topic "{name}". Did you mean {spellings[near[0]]}? The course has '
        f"{', '.join(known)}."
    )


def _number(topic: str) -> int | None:
    digits = re.match(r"\d+", topic)
    return int(digits[0]) if digits else None


def _bare(topic: str) -> str:
    return re.sub(r"^\d+[-_]", "", topic)
