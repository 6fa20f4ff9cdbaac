"""The grade of an earlier run, if an exam would give the same one."""

from __future__ import annotations

from autograder import remarks
from autograder.gradebook import penalties, scores, up_to_date
from autograder.gradebook.assignment import Plan
from autograder.gradebook.records import Submission
from autograder.grading.context import Context
from autograder.remarks import Kind
from autograder.submissions.layout import HandedIn


def unchanged(
    context: Context, plan: Plan, handed_in: HandedIn, fingerprint: str | None
) -> Submission | None:
    """Return the outcome of an earlier run, or None if an exam has to be held.

    The late penalty is updated in both cases.
    """
    place = context.place(handed_in)
    about = up_to_date.noted(place)
    if about is None or about["fingerprint"] != fingerprint:
        return None
    topic, student = handed_in.topic, handed_in.student
    with context.gradebook.reading(topic, student) as entry:
        if not up_to_date.same_exam(about, fingerprint, entry):
            return None
    with context.gradebook.writing(topic, student, create_student=False) as entry:
        fault = context.penalties.write(context.gradebook, entry)
        derived = up_to_date.derived(entry, context.fingerprints.late)
        tests, manual = scores.read(entry, plan, about["diagnoses"])
        by_hand = scores.by_hand_remarks(entry, plan)
    kept = [each for each in remarks.read(about) if each.kind is not Kind.LATE]
    same = all(about.get(name) == value for name, value in derived.items())
    if not same:
        penalties.note(place, **derived)
    said = [*kept, *by_hand, *penalties.late_remark(derived["penalty"])]
    return Submission(
        student,
        score=sum(test.score for test in tests.values()),
        cpu_s=about["cpu_s"],
        remarks=remarks.distinct([*said, *penalties.fault_remarks(fault)]),
        tests=tests,
        manual=manual,
        timing=about["timing"],
        unchanged=same,
        peak_bytes=about.get("peak_bytes", 0),
        penalty=derived["penalty"] or 0.0,
        penalty_fault=fault,
    )
