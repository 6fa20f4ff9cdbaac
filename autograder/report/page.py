"""Render the page: one self-contained HTML file without scripts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from autograder.course.deadlines import Calendar
from autograder.report import advice, drawing, figures, task_figures
from autograder.report.advice import Group, Step
from autograder.report.drawing import Picture
from autograder.report.gather import Results, Work
from autograder.report.items import Item, Verdict, analyse
from autograder.report.mistakes import Mistake, mistakes
from autograder.report.similar import Similar
from autograder.terminal import clean

_FOLDER = Path(__file__).parent
# Even content that escaping missed could neither run nor load anything.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'"
)
EXAMPLES = 5
# Mistakes listed next to the picture; the others are folded away.
TOP = 5


@dataclass
class Section:
    """The page's content on one topic."""

    results: Results
    items: list[Item]
    mistakes: list[Mistake]
    similar: Similar
    groups: list[Group]
    steps: list[Step]
    persons: int
    pictures: dict[str, Picture | None]

    @classmethod
    def of(cls, results: Results, similar: Similar) -> Section:
        """Compute the content, and draw its pictures."""
        items, found = analyse(results), mistakes(results)
        return cls(
            results,
            items,
            found,
            similar,
            advice.groups(results),
            advice.steps(results, items, found, similar),
            len(advice.need_a_person(results, similar)),
            {
                "scores": figures.distribution(results),
                "success": task_figures.success(items),
                "mistakes": task_figures.misconceptions(found, len(results.judged)),
                "separates": task_figures.discrimination(items),
                "time": figures.processor_time(results),
                "memory": figures.memory(results),
            },
        )

    @property
    def verdicts(self) -> dict[Verdict, list[Item]]:
        """The tasks by their verdict."""
        found = {verdict: [i for i in self.items if i.verdict is verdict] for verdict in Verdict}
        return {verdict: items for verdict, items in found.items() if items}

    @property
    def partly(self) -> dict[str, list[str]]:
        """Remarks on incomplete comparisons, by student, without faults that grading reports."""
        broken = {work.student for work in self.results.works if not work.graded}
        said = self.similar.remarks
        return {student: said[student] for student in said if student not in broken}

    @property
    def late(self) -> list[Work]:
        """The submissions with an extension or late days, or that were late."""
        return [
            work
            for work in self.results.works
            if work.penalty
            or work.deadline.late_days
            or work.deadline.extended
            or work.deadline.seconds_late
        ]

    @property
    def slowest(self) -> list[Work]:
        """The submissions that took the most processor time, the slowest first."""
        timed = [work for work in self.results.works if work.cpu_s]
        return sorted(timed, key=lambda work: (-work.cpu_s, work.student))[:3]

    @property
    def largest(self) -> list[Work]:
        """The submissions that took the most memory, the largest first."""
        sized = [work for work in self.results.works if work.peak_bytes]
        return sorted(sized, key=lambda work: (-work.peak_bytes, work.student))[:3]


def render(
    title: str, course: str, sections: Sequence[Section], folder: Path, calendar: Calendar
) -> str:
    """Return the page's text.

    Parameters
    ----------
    title, course
        The title, and the course's name above it.
    sections
        The topics.
    folder
        The folder of the page: links to submissions are relative to it.
    calendar
        The course's calendar, for its time zone.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clean": clean,
        "points": drawing.points,
        "percent": drawing.percent,
        "link": lambda path: link(path, folder),
        "moment": calendar.shown,
    }
    return environment.get_template("page.html.j2").render(
        title=title,
        course=course,
        sections=sections,
        overview=figures.overview([section.results for section in sections]),
        style=(_FOLDER / "style.css").read_text(encoding="utf-8"),
        policy=POLICY,
        examples=EXAMPLES,
        top=TOP,
        zone=calendar.settings.timezone,
    )


def link(path: Path, folder: Path) -> str:
    """Return a file's URL relative to a folder; special characters in names are quoted."""
    return quote(os.fsencode(os.path.relpath(path, folder)), safe="/")


def summary(section: Section) -> dict[str, Any]:
    """Return the data of ``autograder report --json`` for a topic."""
    results = section.results
    return {
        "class": results.size,
        "handed_in": len(results.works) + len(results.ungraded),
        "not_graded": list(results.ungraded),
        "median": results.median,
        "max": results.most,
        "questions_counted": results.counts_answers,
        "answers_waiting": results.waiting,
        "needs_a_person": {
            group.kind: {work.student: texts for work, texts in group.entries}
            for group in section.groups
        },
        "similar": [[pair.first, pair.second] for pair in section.similar.pairs]
        + [list(pair) for pair in section.similar.others],
        "not_compared": section.similar.remarks,
        "voided": {name: how.value for name, how in results.voided.items()},
        "late": {work.student: _late(work) for work in section.late},
        "tasks": {item.name: _item(item) for item in section.items},
        "mistakes": [
            {
                "test": mistake.test,
                "diagnosis": mistake.diagnosis,
                "because": mistake.because,
                "students": [work.student for work in mistake.works],
            }
            for mistake in section.mistakes
        ],
    }


def _late(work: Work) -> dict[str, Any]:
    deadline = work.deadline
    return {
        "handed_in": deadline.handed_in and f"{deadline.handed_in.isoformat()}Z",
        "time_until": deadline.end and f"{deadline.end.isoformat()}Z",
        "extension": deadline.extended,
        "late_days": deadline.late_days,
        "penalty": work.penalty,
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "points": item.points,
        **{state.value: count for state, count in item.counts.items()},
        "discrimination": None if item.r is None else round(item.r, 4),
        "interval": None if item.r is None else [round(item.low, 4), round(item.high, 4)],
        "verdict": item.verdict.value,
    }
