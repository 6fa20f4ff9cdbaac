"""The one writer to the gradebook: opens a submission for examination and records what came."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from autograder import remark
from autograder.course import Course
from autograder.errors import AutograderError, of_machine
from autograder.exam.results import ExamResult
from autograder.grading import (
    autograded,
    intake,
    penalties,
    pile,
    reading,
    remarks,
    repair,
    resume,
    scores,
    voids,
)
from autograder.grading.blueprint import Blueprint
from autograder.grading.converter import ClassConverter
from autograder.grading.engine import Job
from autograder.grading.intake import RECEIPT, Caps, Disturbed, Taken
from autograder.grading.ledger import Entry, Ledger
from autograder.grading.pile import HandedIn, Unfit
from autograder.grading.reading import Unreadable
from autograder.grading.records import NOT_GRADED, Submission
from autograder.remark import Kind, Remark
from autograder.removal import remove


@dataclass
class Opened:
    """A submission on its way: the job for the engine, or why there is none.

    ``taken`` is its clean copy, None where none could be made; ``fault`` says that the failure is
    this machine's.
    """

    handed_in: HandedIn
    taken: Taken | None = None
    fingerprint: str | None = None
    job: Job | None = None
    failure: str | None = None
    fault: bool = False
    remarks: list[Remark] = field(default_factory=list)
    outcome: Submission | None = None
    sanitise_s: float = 0.0


class Recorder:
    """Writes one class's grades; used from one thread.

    Parameters
    ----------
    course
        Whose gradebook is written to.
    ledger
        The course's gradebook, opened.
    scratch
        An empty folder for the files that the engine works with.
    sandbox, version
        The engine's; recorded with every grade. Without a version every submission is graded.
    """

    def __init__(
        self, course: Course, ledger: Ledger, scratch: Path, sandbox: str, version: str | None
    ) -> None:
        self.ledger = ledger
        self.scratch = scratch
        self.sandbox = sandbox
        self.fingerprints = resume.Fingerprints(course, version)
        self.penalties = penalties.Penalties(course)
        log, self.listener = remarks.listen()
        self.converter = ClassConverter(course, log)
        self.caps = Caps.of(course.coursedir)

    @property
    def blueprint(self) -> Blueprint:
        """The topic that is being graded."""
        assert self.ledger.blueprint is not None
        return self.ledger.blueprint

    def open(self, handed_in: HandedIn, *, force: bool = False) -> Opened:
        """Sanitise a submission; anything that is wrong with it becomes its reason."""
        began = time.perf_counter()
        opened = Opened(handed_in)
        try:
            self._open(opened, force=force)
        except Exception as error:
            opened.fault = isinstance(error, Disturbed) or of_machine(error)
            if isinstance(error, Disturbed):
                opened.failure = str(error)
            elif opened.fault:
                opened.failure = f"it could not be prepared ({_first(error)})"
            else:
                opened.failure = remarks.reason(error, handed_in.notebook.name)
        opened.remarks += self.listener.take()
        opened.sanitise_s = time.perf_counter() - began
        return opened

    def close(self, opened: Opened, examined: ExamResult | Exception | None) -> Submission:
        """Record what came of the examination; never raise for one submission."""
        try:
            return opened.outcome or self._close(opened, examined)
        except Exception as error:
            self.listener.take()
            return self._set_aside(opened, f"it could not be recorded ({_first(error)})")
        finally:
            remove(self._folder(opened.handed_in), ignore_errors=True)

    def _open(self, opened: Opened, *, force: bool) -> None:
        """Take a submission in, and make a job of it unless its grade is current."""
        handed_in = opened.handed_in
        if handed_in.unclear:
            opened.outcome = self._set_aside(opened, handed_in.unclear)
            return
        if handed_in.doubt:
            opened.remarks.append(Remark(handed_in.doubt, Kind.OTHER))
        taken, why = self._take(handed_in)
        opened.taken = taken
        opened.fingerprint = self.fingerprints.of(taken.digest, self.blueprint)
        if not force:
            with suppress(Exception):  # records that cannot be read are made again
                opened.outcome = self._unchanged(opened)
        if opened.outcome is not None:
            return
        opened.remarks += pile.remarks(taken.left_out, but=handed_in.notebook.name)
        if why:
            raise Unreadable(why)
        opened.job = self._sanitise(opened, taken)

    def _take(self, handed_in: HandedIn) -> tuple[Taken, str | None]:
        """Make the clean copy; an empty one, and the reason, where there is no folder to copy."""
        folder = self._folder(handed_in)
        try:
            return pile.take(handed_in, folder, self.caps), None
        except Unfit as error:
            folder.mkdir(parents=True, exist_ok=True)
            digest = None if error.transient else error.why
            return Taken(folder, digest=digest), error.why

    def _unchanged(self, opened: Opened) -> Submission | None:
        """Return the outcome of an earlier run, if an exam would give the same again.

        The late penalty is brought up to date all the same.
        """
        handed_in = opened.handed_in
        place = self.converter.target(handed_in) / handed_in.notebook.name
        about = resume.noted(place)
        if about is None or about["fingerprint"] != opened.fingerprint:
            return None
        with self.ledger.reading(handed_in.topic, handed_in.student) as entry:
            if not resume.same_exam(about, opened.fingerprint, entry):
                return None
        with self.ledger.writing(handed_in.topic, handed_in.student, create_student=False) as entry:
            fault = self._penalise(entry)
            derived = resume.derived(entry, self.fingerprints.late)
            tests, manual = scores.read(entry, self.blueprint, about["diagnoses"])
            by_hand = self._by_hand(entry)
        kept = [each for each in remark.read(about) if each.kind is not Kind.LATE]
        same = all(about.get(name) == value for name, value in derived.items())
        if not same:
            penalties.note(place, **derived)
        said = [*kept, *by_hand, *penalties.late_remark(derived["penalty"])]
        return Submission(
            handed_in.student,
            score=sum(test.score for test in tests.values()),
            cpu_s=about["cpu_s"],
            remarks=tuple(dict.fromkeys([*said, *_told(fault)])),
            tests=tests,
            manual=manual,
            timing=about["timing"],
            unchanged=same,
            peak_bytes=about.get("peak_bytes", 0),
            penalty=derived["penalty"] or 0.0,
            penalty_fault=fault,
        )

    def _penalise(self, entry: Entry) -> str:
        """Write the late penalty; return why it is not known, or ""."""
        if not self.penalties.active:
            return ""
        deadlines = self.penalties.calendar.deadlines(self.ledger, entry.student)
        score = sum(scores.counted(grade) for grade in entry.grades.values())
        try:
            penalty = self.penalties.of(entry.student, score, deadlines[entry.student, entry.topic])
        except penalties.PenaltyFault as fault:
            return str(fault)
        entry.notebook.late_submission_penalty = penalty
        return ""

    def _sanitise(self, opened: Opened, taken: Taken) -> Job:
        """Return the submission as its engine gets it."""
        handed_in = opened.handed_in
        found = reading.read(taken, self.blueprint)
        opened.remarks += found.remarks
        self.converter.prepare(handed_in, taken)
        opened.remarks += repair.repair(found.notebook, self.blueprint)
        notebook = self.converter.sanitise(handed_in, found.notebook)
        given = tuple(map(str, self.converter.instructors_files(handed_in.topic)))
        return Job(handed_in.student, handed_in.topic, notebook, taken.folder, given)

    def _folder(self, handed_in: HandedIn) -> Path:
        return self.scratch / handed_in.student / handed_in.topic

    def _keep_receipt(self, handed_in: HandedIn) -> None:
        """Leave of the clean copy only what says when it was handed in."""
        folder = self._folder(handed_in)
        kept = {name: intake.read_small(folder, name, intake.LARGEST_RECEIPT) for name in RECEIPT}
        remove(folder)
        folder.mkdir(parents=True)
        for name, content in kept.items():
            if content is not None:
                (folder / name).write_bytes(content)

    def _close(self, opened: Opened, examined: ExamResult | Exception | None) -> Submission:
        if isinstance(examined, Exception):
            return self._set_aside(opened, f"it could not be examined ({_first(examined)})")
        if examined is None or examined.notebook is None:
            reason = examined.failure if examined else opened.failure
            reason = reason or "it was not examined"
            if opened.fault:
                return self._set_aside(opened, reason)
            return self._fail(opened, reason, examined)
        opened.remarks += examined.remarks
        if examined.fault:
            return self._set_aside(opened, examined.fault)
        return self._record(opened, examined)

    def _record(self, opened: Opened, examined: ExamResult) -> Submission:
        """Save the grades and the executed notebook."""
        began = time.perf_counter()
        causes = scores.diagnoses(examined.notebook.cells)
        with self._writing(opened) as entry:
            voids.restore(entry)
            scores.reset(entry)
            notebook = self.converter.record(opened.handed_in, examined.notebook)
            opened.remarks += [
                Remark(f"test '{scores.key(name)}' is missing: 0 points", Kind.REPAIRED)
                for name in scores.settle(entry, self.blueprint)
            ]
            outcome = self._outcome(opened, examined, entry, causes, began)
            self._put(opened, notebook, entry, outcome)
        return self._finish(opened, outcome)

    def _set_aside(self, opened: Opened, reason: str) -> Submission:
        """Leave the gradebook as it is, where the submission is not why it cannot be graded."""
        handed_in, why = opened.handed_in, Remark(f"{NOT_GRADED}{reason}", Kind.UNGRADED)
        tests, manual, penalty = {}, {}, 0.0
        with suppress(Exception):  # it may be the gradebook, or the disk, that is broken
            target = self.converter.target(handed_in)
            autograded.restore(target)
            about = resume.noted(notebook := target / handed_in.notebook.name) or {}
            if opened.fingerprint is None or about.get("fingerprint") != opened.fingerprint:
                autograded.set_aside(notebook, why)
            with self.ledger.reading(handed_in.topic, handed_in.student) as entry:
                if entry is not None:
                    tests, manual = scores.read(entry, self.blueprint, {})
                    penalty = entry.notebook.late_submission_penalty or 0.0
                    why = Remark(f"{why}; the grade it had stays", Kind.UNGRADED)
        return Submission(
            handed_in.student,
            score=sum(test.score for test in tests.values()),
            remarks=(*dict.fromkeys(opened.remarks), why),
            tests=tests,
            manual=manual,
            graded=False,
            timing={"sanitise": opened.sanitise_s},
            penalty=penalty,
        )

    def _fail(self, opened: Opened, reason: str, examined: ExamResult | None = None) -> Submission:
        """Score 0 with a reason, and leave the reason where the student's feedback is made."""
        began = time.perf_counter()
        kind = remark.kind_of(reason, Kind.UNGRADED)
        opened.remarks.insert(0, Remark(f"scored 0: {reason}", kind))
        notebook = autograded.notice(reason)
        self._keep_receipt(opened.handed_in)
        with self._writing(opened) as entry:
            voids.restore(entry)
            scores.zero(entry)
            outcome = self._outcome(opened, examined, entry, {}, began)
            self._put(opened, notebook, entry, outcome)
        return self._finish(opened, outcome)

    def _writing(self, opened: Opened):
        """Open the submission's records, when it was handed in included."""
        handed_in = opened.handed_in
        return self.ledger.writing(
            handed_in.topic,
            handed_in.student,
            create_student=self.converter.create_student,
            **self.converter.late(opened.taken),
        )

    def _outcome(
        self,
        opened: Opened,
        examined: ExamResult | None,
        entry: Entry,
        causes: dict[str, str],
        began: float,
    ) -> Submission:
        """Count the recorded scores as it was decided, and read them back."""
        by_hand = self._by_hand(entry)
        voids.apply(entry, self.blueprint, self.ledger.aside)
        fault = self._penalise(entry)
        penalty = entry.notebook.late_submission_penalty
        tests, manual = scores.read(entry, self.blueprint, causes)
        said = [*opened.remarks, *self.listener.take(), *by_hand]
        said += [*penalties.late_remark(penalty), *_told(fault)]
        steps = dict(examined.timing) if examined else {}
        return Submission(
            opened.handed_in.student,
            score=sum(test.score for test in tests.values()),
            cpu_s=examined.cpu_s if examined else 0.0,
            remarks=tuple(dict.fromkeys(said)),
            tests=tests,
            manual=manual,
            timing={
                **steps,
                "sanitise": opened.sanitise_s,
                "record": time.perf_counter() - began,
            },
            peak_bytes=examined.peak_bytes if examined else 0,
            penalty=penalty or 0.0,
            penalty_fault=fault,
        )

    def _by_hand(self, entry: Entry) -> list[Remark]:
        return [
            Remark(f"a person set the score of '{name}'; the gradebook keeps it", Kind.BY_HAND)
            for name in scores.by_hand(entry, self.blueprint)
        ]

    def _put(
        self, opened: Opened, notebook: NotebookNode, entry: Entry, outcome: Submission
    ) -> None:
        """Write the autograded submission beside its place."""
        notebook.metadata[resume.KEY] = resume.note(
            opened.fingerprint, entry, outcome, self.sandbox, self.fingerprints.late
        )
        folder, name = self._folder(opened.handed_in), opened.handed_in.notebook.name
        for other in list(folder.rglob("*.ipynb")):  # nbgrader would take it for one of the topic's
            other.unlink()
        autograded.stage(folder, self.converter.target(opened.handed_in), notebook, name)

    def _finish(self, opened: Opened, outcome: Submission) -> Submission:
        """Put the autograded submission where nbgrader looks for it."""
        autograded.publish(self.converter.target(opened.handed_in))
        self.converter.finish(opened.handed_in)
        return outcome


def _told(fault: str) -> list[Remark]:
    return [penalties.fault_remark(fault)] if fault else []


def _first(error: Exception) -> str:
    """Return an exception in one line."""
    if isinstance(error, AutograderError):
        return str(error)
    # SQLAlchemy's own words come before what the database said.
    cause = getattr(error, "orig", None) or error
    lines = f"{type(cause).__name__}: {cause}".strip().splitlines()
    return lines[0].rstrip(": ")
