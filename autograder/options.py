"""The arguments and options of each command, one dataclass each; `autograder.cli` uses them."""

from __future__ import annotations

import json
from dataclasses import MISSING, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.command_line import argument, flag, option
from autograder.errors import AutograderError
from autograder.exam.limits import MIB, Limits
from autograder.exports.formats import Extra, formats, taking

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.exports.export import Options
    from autograder.gradebook.voids import How
    from autograder.grading.cluster_choice import ClusterChoice
    from autograder.lti.outcome import Wishes

options = dataclass(frozen=True, kw_only=True, eq=False, repr=False)  # faster to define

_TOPIC = "A topic: 05-backprop, 5 or backprop."
_TIME = "2027-03-01 23:59, with a zone or in c.CourseCalendar.timezone."


@options
class InCourse:
    """Options of every command."""

    folder: Path | None = option(
        "DIR",
        "The course folder. Default: this folder or the nearest above it that holds "
        "nbgrader_config.py.",
        "--course",
    )
    json_file: Path | None = option("FILE", "Also write the result to FILE, as JSON.", "--json")

    @cached_property
    def course(self) -> Course:
        """The course whose folder is given, or found from the current folder upwards."""
        from autograder.course import Course

        return Course.find(root=self.folder)

    def resolve(self, *names: str) -> list[str]:
        """Return the full names of topics that a person names in full or in short."""
        from autograder.topics.names import resolve

        return resolve(self.course, names) if names else []

    def write_json(self, data: Any) -> None:
        """Write the summary of a run to the file named by ``--json``, if any."""
        path = self.json_file
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(data, indent=1, ensure_ascii=False)
            path.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise AutograderError(
                f"The summary could not be written to {path} ({error.strerror}): name another file."
            ) from error


@options
class OneTopic(InCourse):
    """A command for one topic; a command with more arguments repeats ``named`` to put it first."""

    named: str = argument("TOPIC", _TOPIC)

    @cached_property
    def topic(self) -> str:
        """The topic's full name."""
        return self.resolve(self.named)[0]


@options
class AnyTopics(InCourse):
    """A command for some topics or all."""

    names: list[str] | None = argument(
        "TOPIC", "A name, or its number or part. Default: all.", default=None
    )

    @cached_property
    def topics(self) -> list[str]:
        """The topics' full names; empty if none is named."""
        return self.resolve(*self.names or ())


@options
class SomeTopics(AnyTopics):
    """A command for at least one topic."""

    names: list[str] = argument("TOPIC", "One or more topics: 05-backprop, 5 or backprop.")


@options
class Parallel:
    """How many submissions are graded at once."""

    jobs: int | None = option("N", "Grade N at once. Default: one for each processor.", min=1)


@options
class Confined:
    """How student code is confined."""

    sandbox: str | None = option(
        "required|off",
        "off: run student code unconfined, with your permissions. Default: required, or "
        "c.ExamLimits in nbgrader_config.py, as for all limits.",
    )


@options
class Matched:
    """The roster's column with the ids."""

    match: str | None = option(
        "COLUMN", "The roster's column with the gradebook's ids. Default: found."
    )


@options
class Release(AnyTopics):
    """Options of ``autograder release``."""

    change_cells: bool = flag(
        "--change-cells",
        "Also add, remove or rename tests of a topic that has grades; all are kept.",
    )
    run: bool = flag(
        "--run/--no-run",
        "First check that each topic's own solution passes its tests.",
        default=True,
    )


@options
class Enrol(InCourse):
    """Options of ``autograder enrol``."""

    file: Path = argument("FILE", "A CSV file with a line of column names.")
    match: str | None = option("COLUMN", "The column with the students' ids. Default: found.")


@options
class Collect(Matched, OneTopic):
    """Options of ``autograder collect``."""

    named: str = argument("TOPIC", _TOPIC)
    archive: Path = argument("ARCHIVE", "The zip file that Moodle or Canvas exports.")
    roster: Path | None = option(
        "FILE",
        "Who is who: Canvas' gradebook export, Moodle's grading worksheet or list of "
        "participants. Default: the names in the gradebook.",
    )
    time_zone: str | None = option(
        "ZONE", "The zone of the times in Moodle's zip file. Default: the course's."
    )


@options
class Check(Confined, InCourse):
    """Options of ``autograder check``."""

    notebook: Path = argument("NOTEBOOK", "An .ipynb file.")
    timeout: int = option(
        "S", "Seconds for one cell; with --exam the course's limits apply.", default=300, min=1
    )
    exam: bool = flag(
        "--exam", "Run it as grading does, with the hidden tests if the course folder has them."
    )
    trace: bool = flag("--trace", "With --exam: show each call of a test, and its answer.")


@options
class Cluster(Parallel):
    """Where exams are held: on this machine, or on a Dask cluster."""

    dask: str | None = option(
        "ADDRESS",
        "Grade on a Dask cluster: tls://HOST:PORT, or local:N for N workers of this machine.",
    )
    tls_ca: str | None = option("FILE", "The certificate of the cluster's authority.")
    tls_cert: str | None = option("FILE", "Your own certificate.")
    tls_key: str | None = option("FILE", "Your certificate's key, if it is in another file.")
    insecure: bool = flag("--insecure", "Use a scheduler without TLS on another machine.")

    @property
    def cluster(self) -> ClusterChoice | None:
        """The cluster named by ``--dask``; None for this machine."""
        from autograder.grading.cluster_choice import choose

        how = ("tls_ca", "tls_cert", "tls_key", "insecure")
        return choose(self.dask, self.jobs, **{name: getattr(self, name) or None for name in how})


@options
class Limited(Confined):
    """Limits of a submission."""

    cell_seconds: float | None = option(
        "S", f"Processor time of one cell. Default: {Limits.cell_s:g} s."
    )
    call_seconds: float | None = option(
        "S",
        f"Processor time of a test's call into student code. Default: {Limits.call_s:g} s.",
    )
    submission_seconds: float | None = option(
        "S", f"Processor time of a whole submission. Default: {Limits.submission_s:g} s."
    )
    memory_mb: int | None = option(
        "MB", f"Memory of one process. Default: {Limits.memory_bytes // MIB} MiB."
    )

    @property
    def limits(self) -> dict[str, float | str | None]:
        """Traits of `ExamLimits` by name; None keeps the course's own value."""
        names = ("sandbox", "cell_seconds", "call_seconds", "submission_seconds", "memory_mb")
        return {name: getattr(self, name) for name in names}


@options
class Grade(Cluster, Limited, SomeTopics):
    """Options of ``autograder grade``."""

    submitted: Path | None = option(
        "DIR",
        "Where the submissions are, as STUDENT/TOPIC/TOPIC.ipynb. Default: the course's folder "
        "`submitted`.",
    )
    students: list[str] | None = option(
        "ID", "Grade only this student; may be repeated.", "--student"
    )
    force: bool = flag("--force", "Also grade what has not changed since it was graded.")


@options
class Audit(Parallel, AnyTopics):
    """Options of ``autograder audit``."""

    task: str | None = option("NAME", "Only this task's variants and mutants.")
    only: list[str] | None = option("PART", "whole, variants or mutants; may be repeated.")
    figures: Path | None = option("DIR", "Draw each topic's audit into this folder.")


@options
class Feedback(SomeTopics):
    """Options of ``autograder feedback``."""

    to_exchange: bool = flag("--release", "Also release them through nbgrader's exchange.")


@options
class Watch(Confined, AnyTopics):
    """Options of ``autograder watch``."""

    once: bool = flag("--once", "Grade what is there and exit: for cron.")
    jobs: int | None = option("N", "Grade N at once. Default: 1.", min=1)


@options
class Report(SomeTopics):
    """Options of ``autograder report``."""

    out: Path | None = option(
        "FILE",
        "The page. Default: report/TOPIC.html in the course folder, or report/class.html for "
        "several topics.",
    )


@options
class Export(Matched, AnyTopics):
    """Options of ``autograder export``."""

    to: str = option(
        "|".join(formats()),
        "; ".join(f"{each.name}: {each.about}" for each in formats().values()) + ".",
        default=MISSING,
    )
    out: Path | None = option("FILE", "The file. Default: one in the course's folder `exports`.")
    roster: Path | None = option("FILE", "The platform's list of students, as it exports it.")
    column: list[str] | None = option(
        "TOPIC=COLUMN", "What the platform calls a topic; may be repeated."
    )
    provisional: bool = flag("--provisional", "Write the file although some grades are still open.")
    absent: str = option(
        "zero|blank", "The cell of a student without a submission.", default="zero"
    )
    feedback: bool = flag(
        "--feedback",
        f"Add a column for each topic with the score of each task ({taking(Extra.FEEDBACK)}).",
    )
    separator: str | None = option("comma|semicolon|tab", "Between columns. Default: comma.")
    decimal: str = option(
        "point|comma",
        "The decimal sign. With a decimal comma, semicolons separate columns.",
        default="point",
    )

    @property
    def wanted(self) -> Options:
        """The options of the export."""
        from autograder.exports.export import Options, named_columns

        return Options(
            self.to,
            self.out,
            self.topics,
            roster=self.roster,
            match=self.match,
            columns=named_columns(self.column or []),
            absent=self.absent,
            provisional=self.provisional,
            feedback=self.feedback,
            separator=self.separator,
            decimal=self.decimal,
        )


@options
class Due(OneTopic):
    """Options of ``autograder due``."""

    named: str = argument("TOPIC", _TOPIC)
    date: str | None = argument("DATE", f"{_TIME} Default: show it.", default=None)
    remove: bool = flag("--remove", "Remove the due date.")


@options
class Extension(InCourse):
    """Options of ``autograder extension``."""

    student: str | None = argument(
        "STUDENT", "The student's id. Default: list all extensions.", default=None
    )
    topic: str | None = argument("TOPIC", _TOPIC, default=None)
    until: str | None = argument("DATE", _TIME, default=None)
    reason: str = option("TEXT", "For your own records; students do not see it.", default="")
    remove: bool = flag("--remove", "Withdraw the extension.")


@options
class Void(OneTopic):
    """Options of ``autograder void``."""

    named: str = argument("TOPIC", _TOPIC)
    tests: list[str] | None = argument(
        "TEST", "Tests or questions. Default: list what is void.", default=None
    )
    drop: bool = flag("--drop", "The test counts for nobody.")
    full_marks: bool = flag("--full-marks", "Everybody who handed in gets all its points.")
    bonus: bool = flag("--bonus", "Its points are added to the maximum.")
    practice: bool = flag("--practice", "The test counts for nobody, and students see that.")
    undo: bool = flag("--undo", "The test counts as before.")

    @property
    def how(self) -> How | None:
        """How the tests count from now on; None to list or undo.

        Raises
        ------
        AutograderError
            If options contradict each other, or no test is named.
        """
        from autograder.gradebook.voids import How

        chosen = {
            How.DROP: self.drop,
            How.FULL: self.full_marks,
            How.BONUS: self.bonus,
            How.PRACTICE: self.practice,
        }
        hows = [how for how, wanted in chosen.items() if wanted]
        if len(hows) + self.undo > 1:
            raise AutograderError(
                "Choose one of --drop, --full-marks, --bonus, --practice and --undo."
            )
        if (hows or self.undo) and not self.tests:
            raise AutograderError("Name the test or question: autograder void TOPIC TEST --drop")
        return hows[0] if hows else None


@options
class Lti(AnyTopics):
    """Options of ``autograder lti``."""

    step: str = argument(
        "keys|check|send", "Make the key pair, check the connection to the LMS, or send grades."
    )
    settings: Path | None = option(
        "FILE", "The settings. Default: lti/settings.toml in the course folder."
    )
    dry_run: bool = flag("--dry-run", "Only show what would be sent.")
    force: bool = flag("--force", "Also overwrite grades that were changed in the LMS.")
    provisional: bool = flag("--provisional", "Also send open grades, marked as not final.")

    @property
    def wishes(self) -> Wishes:
        """How to send grades."""
        from autograder.lti.outcome import Wishes

        return Wishes(dry_run=self.dry_run, force=self.force, provisional=self.provisional)


@options
class Demo(Parallel, Confined, AnyTopics):
    """Options of ``autograder demo``."""


@options
class Doctor(InCourse):
    """Options of ``autograder doctor``."""

    quick: bool = flag("--quick", "Skip the attempts to break out of the sandbox.")
