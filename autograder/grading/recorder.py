"""Record the result of an exam: scores in the gradebook, the executed notebook in its folder."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, suppress

from nbformat import NotebookNode

from autograder import remarks
from autograder.errors import one_line
from autograder.exam.results import ExamResult
from autograder.gradebook import penalties, scores, up_to_date
from autograder.gradebook.records import Submission
from autograder.gradebook.session import Entry
from autograder.grading import autograded
from autograder.grading.context import Context
from autograder.grading.opening import Opened
from autograder.remarks import Kind, Remark
from autograder.removal import remove
from autograder.submissions.clean_copy import LARGEST_RECEIPT, RECEIPT
from autograder.submissions.layout import HandedIn
from autograder.submissions.safe_open import read_small


class Recorder:
    """The only writer of a class's grades; used from one thread."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.gradebook = context.gradebook

    def close(self, opened: Opened, result: ExamResult | Exception | None) -> Submission:
        """Record the result of an exam (None if none was held); never raise an exception."""
        try:
            return opened.outcome or self._close(opened, result)
        except Exception as error:
            self.context.listener.take()
            return self._set_aside(opened, f"it could not be recorded ({one_line(error)})")
        finally:
            remove(self.context.folder(opened.handed_in), ignore_errors=True)

    def _close(self, opened: Opened, result: ExamResult | Exception | None) -> Submission:
        if isinstance(result, Exception):
            return self._set_aside(opened, f"it could not be examined ({one_line(result)})")
        if result is None or result.notebook is None:
            why = Remark(result.failure, Kind.UNGRADED) if result and result.failure else None
            reason = why or opened.failure or Remark("it was not examined", Kind.UNGRADED)
            if opened.fault:
                return self._set_aside(opened, reason.text)
            return self._fail(opened, reason, result)
        opened.remarks += result.remarks
        if result.fault:
            return self._set_aside(opened, result.fault)
        return self._record(opened, result, result.notebook)

    def _record(self, opened: Opened, result: ExamResult, executed: NotebookNode) -> Submission:
        """Save the grades and the executed notebook."""
        began = time.perf_counter()
        causes = scores.diagnoses(executed.cells)
        with self._writing(opened) as entry:
            scores.unvoid(entry)
            scores.reset(entry)
            notebook = self.context.converter.record(opened.handed_in, executed, opened.plan, entry)
            opened.remarks += [
                Remark(f"test '{scores.key(name)}' is missing: 0 points", Kind.REPAIRED)
                for name in scores.settle(entry, opened.plan)
            ]
            outcome = self._outcome(opened, result, entry, causes, began)
            self._put(opened, notebook, entry, outcome)
        return self._finish(opened, outcome)

    def _fail(self, opened: Opened, reason: Remark, result: ExamResult | None = None) -> Submission:
        """Score 0 with a reason, and store the reason for the student's feedback page."""
        began = time.perf_counter()
        opened.remarks.insert(0, Remark(f"scored 0: {reason}", reason.kind))
        notebook = autograded.notice(reason.text)
        self._keep_receipt(opened.handed_in)
        with self._writing(opened) as entry:
            scores.unvoid(entry)
            scores.zero(entry)
            outcome = self._outcome(opened, result, entry, {}, began)
            self._put(opened, notebook, entry, outcome)
        return self._finish(opened, outcome)

    def _set_aside(self, opened: Opened, reason: str) -> Submission:
        """Leave the gradebook as it is, since the fault is not the submission's."""
        handed_in, why = opened.handed_in, autograded.not_graded(reason)
        tests, manual, penalty = {}, {}, 0.0
        with suppress(Exception):  # it may be the gradebook, or the disk, that is broken
            autograded.restore(self.context.target(handed_in))
            about = up_to_date.noted(notebook := self.context.place(handed_in)) or {}
            if opened.fingerprint is None or about.get("fingerprint") != opened.fingerprint:
                autograded.set_aside(notebook, reason)
            with self.gradebook.reading(handed_in.topic, handed_in.student) as entry:
                if entry is not None:
                    tests, manual = scores.read(entry, opened.plan, {})
                    penalty = entry.notebook.late_submission_penalty or 0.0
                    why = Remark(f"{why}; the grade it had stays", Kind.UNGRADED)
        return Submission(
            handed_in.student,
            score=sum(test.score for test in tests.values()),
            remarks=(*remarks.distinct(opened.remarks), why),
            tests=tests,
            manual=manual,
            graded=False,
            timing={"sanitise": opened.sanitise_s},
            penalty=penalty,
        )

    def _keep_receipt(self, handed_in: HandedIn) -> None:
        """Remove everything from the clean copy but the submission time."""
        folder = self.context.folder(handed_in)
        kept = {name: read_small(folder, name, LARGEST_RECEIPT) for name in RECEIPT}
        remove(folder)
        folder.mkdir(parents=True)
        for name, content in kept.items():
            if content is not None:
                (folder / name).write_bytes(content)

    def _writing(self, opened: Opened) -> AbstractContextManager[Entry]:
        """Open the submission's records for writing, with the submission time."""
        return self.gradebook.writing(
            opened.handed_in.topic,
            opened.handed_in.student,
            create_student=self.context.converter.create_student,
            **self.context.converter.late(opened.taken),
        )

    def _outcome(
        self,
        opened: Opened,
        result: ExamResult | None,
        entry: Entry,
        causes: dict[str, str],
        began: float,
    ) -> Submission:
        """Apply voided tests and the late penalty, and read the scores back."""
        by_hand = scores.by_hand_remarks(entry, opened.plan)
        scores.count_voided(entry, opened.plan, self.gradebook.aside)
        fault = self.context.penalties.write(self.gradebook, entry)
        penalty = entry.notebook.late_submission_penalty
        tests, manual = scores.read(entry, opened.plan, causes)
        said = [*opened.remarks, *self.context.listener.take(), *by_hand]
        said += [*penalties.late_remark(penalty), *penalties.fault_remarks(fault)]
        result = result or ExamResult(None)
        return Submission(
            opened.handed_in.student,
            score=sum(test.score for test in tests.values()),
            cpu_s=result.cpu_s,
            remarks=remarks.distinct(said),
            tests=tests,
            manual=manual,
            timing={
                **result.timing,
                "sanitise": opened.sanitise_s,
                "record": time.perf_counter() - began,
            },
            peak_bytes=result.peak_bytes,
            penalty=penalty or 0.0,
            penalty_fault=fault,
        )

    def _put(
        self, opened: Opened, notebook: NotebookNode, entry: Entry, outcome: Submission
    ) -> None:
        """Write the autograded submission next to its target folder."""
        late = self.context.fingerprints.late
        notebook.metadata[up_to_date.KEY] = up_to_date.note(
            opened.fingerprint, entry, outcome, self.context.sandbox, late
        )
        folder, name = self.context.folder(opened.handed_in), opened.handed_in.notebook.name
        for other in list(folder.rglob("*.ipynb")):  # nbgrader would grade it as one of the topic's
            other.unlink()
        autograded.stage(folder, self.context.target(opened.handed_in), notebook, name)

    def _finish(self, opened: Opened, outcome: Submission) -> Submission:
        """Move the autograded submission to where nbgrader looks for it."""
        autograded.publish(self.context.target(opened.handed_in))
        self.context.converter.finish(opened.handed_in)
        return outcome
