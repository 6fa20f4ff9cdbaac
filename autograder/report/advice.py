"""The next steps: sentences, each with a command or a link to a place in the page."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.remarks import Kind
from autograder.report.gather import Results, Work
from autograder.report.items import Item, Verdict
from autograder.report.mistakes import Mistake
from autograder.report.similar import Similar

# A misconception of this fraction of the class should be explained to all.
COMMON = 0.2


@dataclass(frozen=True)
class Step:
    """One next step, with a command for the course folder or a place in the page."""

    text: str
    command: str = ""
    place: str = ""


@dataclass(frozen=True)
class Group:
    """Submissions that need a person for one reason, each with its remarks."""

    kind: str
    title: str
    entries: list[tuple[Work, list[str]]]


_TITLES = {
    Kind.UNGRADED: "Could not be graded",
    Kind.TAMPERED: "Tampering attempted, or an accident that looks like it",
    Kind.CRASHED: "Crashed, or ran out of time or memory",
    Kind.REPAIRED: "Repaired: cells missing, moved, copied or edited",
    Kind.OTHER: "Other remarks",
}

# The sentence for one submission, and for several.
_DONE = {
    "ungraded": ("submission could not be graded", "submissions could not be graded"),
    "tampered": ("submission may be tampered with", "submissions may be tampered with"),
    "crashed": (
        "submission crashed or ran out of time",
        "submissions crashed or ran out of time",
    ),
    "repaired": ("submission had to be repaired", "submissions had to be repaired"),
    "other": ("submission has another remark", "submissions have another remark"),
    "unread": ("graded notebook cannot be read", "graded notebooks cannot be read"),
}


def groups(results: Results) -> list[Group]:
    """Return the submissions that a person should open, the most urgent reason first."""
    found = []
    for kind, title in _TITLES.items():
        entries = [(work, _texts(work, kind)) for work in results.works]
        entries = [(work, texts) for work, texts in entries if texts]
        if entries:
            found.append(Group(kind.value, title, entries))
    unread = [(work, [work.unread]) for work in results.works if work.unread]
    if unread:
        found.append(Group("unread", "The autograded notebook cannot be read", unread))
    return found


def _texts(work: Work, kind: Kind) -> list[str]:
    return [remark.text for remark in work.remarks if remark.kind is kind]


def need_a_person(results: Results, similar: Similar) -> set[str]:
    """Return the students whose submissions a person should open."""
    named = {work.student for group in groups(results) for work, _ in group.entries}
    return named | similar.students


def steps(
    results: Results, items: Sequence[Item], found: Sequence[Mistake], similar: Similar
) -> list[Step]:
    """Return what to do next for a topic, the most urgent first."""
    topic = shlex.quote(results.topic)
    made = [*_to_grade(results, topic), *_to_open(results, similar), *_to_mark(results)]
    made += _to_check(results, items, topic)
    made += _to_tell(results, found)
    pageless = sum(work.page is None for work in results.works)
    if pageless:
        text = f"{_count(pageless, 'student has', 'students have')} no feedback page yet:"
        made.append(Step(text, f"autograder feedback {topic}"))
    if not results.works and not results.ungraded:
        made.append(Step("No student has handed in yet. Collect the submissions, then grade them:",
                         f"autograder grade {topic}"))  # fmt: skip
    return made or [Step("There is nothing to do.")]


def _to_grade(results: Results, topic: str) -> Iterable[Step]:
    if results.ungraded:
        what = _count(len(results.ungraded), "submission is", "submissions are")
        yield Step(f"{what} handed in and not graded yet:", f"autograder grade {topic}")
    if any(work.sandbox == "off" for work in results.works):
        yield Step(
            "Some submissions were graded with the sandbox off: student code ran unconfined, with "
            "your permissions. If you did not intend this, grade them again:",
            f"autograder grade {topic} --sandbox required --force",
        )


def _to_open(results: Results, similar: Similar) -> Iterable[Step]:
    for group in groups(results):
        what = _count(len(group.entries), *_DONE[group.kind])
        yield Step(f"{what}: open and decide", place=f"{results.topic}-{group.kind}")
    pairs = len(similar.pairs) + len(similar.others)
    if pairs:
        what = _count(pairs, "pair of submissions is", "pairs of submissions are")
        yield Step(
            f"{what} much alike, in all tasks or in some: compare them",
            place=f"{results.topic}-similar",
        )


def _to_mark(results: Results) -> Iterable[Step]:
    for name in results.answers:
        count = sum(work.answers[name].waits for work in results.works)
        if count:
            what = _count(count, "answer waits", "answers wait")
            text = f"{what} for a person in {name}. Choose Nbgrader, Formgrader in JupyterLab:"
            yield Step(text, "jupyter lab")


def _to_check(results: Results, items: Sequence[Item], topic: str) -> Iterable[Step]:
    """Return steps for tests that may be wrong: strong students fail them, or all students do."""
    for item in items:
        why = ""
        if item.verdict is Verdict.AGAINST:
            why = f"Weak students do better than strong ones in {item.name}: is its test right?"
        elif item.share == 0 and len(results.judged) > 2:
            why = f"No student solves {item.name}: is it too hard, or is its test wrong?"
        if why:
            yield Step(why, f"autograder audit {topic} --task {shlex.quote(item.task)}")


def _to_tell(results: Results, found: Sequence[Mistake]) -> Iterable[Step]:
    common = [m for m in found if m.count > 1 and m.count >= COMMON * len(results.judged)]
    if common:
        names = [f"{mistake.diagnosis} in {mistake.test}" for mistake in common[:3]]
        text = f"Common misconceptions, to explain to the whole class: {', '.join(names)}."
        yield Step(text, place=f"{results.topic}-mistakes")


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
