"""A topic's scores to send, and the students without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from autograder.exports.cells import number
from autograder.exports.grades import Result, TopicGrades
from autograder.exports.sheet import points
from autograder.lti.members import People
from autograder.lti.policy import Score
from autograder.terminal import clean

_CANVAS_PATH = "/api/lti/courses/"
_CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"


@dataclass
class Ready:
    """The scores of a topic that are ready to send.

    Attributes
    ----------
    absent
        Students who handed in nothing and are sent nothing.
        not_sent
        Students whose score cannot be sent, with the reason.
    """

    scores: list[Score] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    not_sent: dict[str, str] = field(default_factory=dict)


def ready(
    topic: TopicGrades, people: People, *, absent: str, comments: bool, provisional: bool
) -> Ready:
    """Sort a topic's students into those with a score to send and those without.

    Parameters
    ----------
    absent
        "zero" sends 0 for nothing handed in; "blank" sends nothing.
    provisional
        Also send open grades, but not those of submissions that are not graded.
    """
    found = Ready()
    for student, result in sorted(topic.results.items()):
        if result.absent and absent == "blank":
            found.absent.append(student)
        elif student in people.left_out:
            found.not_sent[student] = people.left_out[student]
        elif why := _open(result, provisional=provisional):
            found.not_sent[student] = why
        else:
            comment = _comment(topic, result) if comments else ""
            found.scores.append(
                Score(
                    student,
                    people.ids[student],
                    round(result.score or 0.0, 4),
                    topic.max_score,
                    result.settled,
                    not result.absent,
                    comment,
                )
            )
    return found


def body(score: Score, when: datetime, item: str) -> dict[str, Any]:
    """Return a score as the JSON object of AGS 2.0.

    Canvas would count each score as another attempt of the student without the extra entry.
    """
    data: dict[str, Any] = {
        "userId": score.user,
        "scoreGiven": score.given,
        "scoreMaximum": score.maximum,
        "activityProgress": "Submitted" if score.handed_in else "Initialized",
        "gradingProgress": "FullyGraded" if score.final else "PendingManual",
        "timestamp": when.isoformat(timespec="milliseconds"),
    }
    if score.final and score.handed_in:
        data["activityProgress"] = "Completed"
    if score.comment:
        data["comment"] = score.comment
    if _CANVAS_PATH in item:
        data[_CANVAS_SUBMISSION] = {"new_submission": False}
    return data


def _open(result: Result, *, provisional: bool) -> str:
    """Return why a grade cannot be sent yet; empty if it can."""
    if result.settled:
        return ""
    unknown = result.score is None or result.faulty
    return "" if provisional and not unknown else result.status


def _comment(topic: TopicGrades, result: Result) -> str:
    """Return the score of each task, one line each. Tests are not named."""
    if result.absent:
        return "Nothing was handed in."
    lines = [
        f"{clean(name)}: {points(result.tasks[name], most)}"
        for name, most in topic.tasks.items()
        if name in result.tasks
    ]
    if result.penalty:
        lines.append(f"handed in late: {number(-result.penalty)}")
    return "\n".join(lines)
