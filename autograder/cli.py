"""The command line: release, check, grade, audit, feedback, watch, report, export, and more."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from autograder.errors import AutograderError
from autograder.options import (
    CallSeconds,
    CellSeconds,
    Dask,
    Force,
    Insecure,
    Jobs,
    Json,
    MemoryMb,
    Names,
    Pile,
    Sandbox,
    Students,
    SubmissionSeconds,
    TlsCa,
    TlsCert,
    TlsKey,
    Wanted,
    Where,
)

if TYPE_CHECKING:
    from autograder.course import Course

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Release topics, grade a class, and show the scores.",
    epilog="Start with: autograder demo",
)


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn our errors into one message and status 2, and Ctrl-C into status 130."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except AutograderError as error:
            print(f"autograder: {error}", file=sys.stderr)
            raise typer.Exit(2) from None
        except KeyboardInterrupt as stopped:
            kept = str(stopped) or "Nothing was lost. Give the same command again to go on."
            print(f"\nautograder: stopped. {kept}", file=sys.stderr)
            raise typer.Exit(130) from None
        except Exception as error:
            if not (damage := _damage(error)):
                raise
            print(f"autograder: {damage}", file=sys.stderr)
            raise typer.Exit(2) from None

    return run


def _damage(error: Exception) -> str:
    """Say what to do about a damaged gradebook, if that is what an error comes from."""
    from autograder.course import damage

    return damage(error)


@app.command(epilog="Example: autograder release 05-backprop")
@guarded
def release(
    topics: Names = None,
    change_cells: Annotated[
        bool,
        typer.Option(
            "--change-cells",
            help="Also add, remove or rename tests of a topic that has grades; all are kept.",
        ),
    ] = False,
    course: Where = None,
    run: Annotated[
        bool,
        typer.Option(
            "--run/--no-run", help="First see that each topic's own solution passes its tests."
        ),
    ] = True,
    json_file: Json = None,
) -> None:
    """Make the students' notebooks in assignments/ from the topics in solutions/."""
    from autograder.release_check import release_and_show

    house = find(course)
    made = release_and_show(
        house, meant(house, topics), Console(), run=run, change_cells=change_cells
    )
    write_json(json_file, {path.stem: str(path) for path in made})


@app.command(epilog="Example: autograder enrol students.csv")
@guarded
def enrol(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file with a line of heads.")],
    match: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The column with the students' ids. Default: found."),
    ] = None,
    course: Where = None,
    json_file: Json = None,
) -> None:
    """Add a list of students to the gradebook, from any spreadsheet or learning platform.

    Whom the gradebook knows already keeps all grades. Those who hand in nothing are then listed.
    """
    from autograder.enrol import enrol_and_show

    done = enrol_and_show(find(course), file, Console(), match)
    write_json(json_file, done.to_json())


@app.command(epilog="Example: autograder collect 05-backprop submissions.zip --roster grades.csv")
@guarded
def collect(
    topic: Annotated[
        str, typer.Argument(metavar="TOPIC", help="A topic: 05-backprop, 5 or backprop.")
    ],
    archive: Annotated[
        Path,
        typer.Argument(metavar="ARCHIVE", help="The zip that Moodle or Canvas hands out."),
    ],
    roster: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Who is who: Canvas' gradebook export, Moodle's grading worksheet or list of "
            "participants. Default: the names in the gradebook.",
        ),
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="The roster's column with the gradebook's ids. Default: found."
        ),
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="Of the times in Moodle's zip. Default: the course's."),
    ] = None,
    course: Where = None,
    json_file: Json = None,
) -> None:
    """Put the submissions that an LMS hands out where grading looks for them.

    Nothing is overwritten without being kept. Exit status 1 means that a file is nobody's; it
    says whose it may be and what to do.
    """
    from autograder.lms.session import collect_and_show

    house = find(course)
    (name,) = meant(house, [topic])
    done = collect_and_show(
        house, name, archive, Console(), roster=roster, match=match, zone=time_zone
    )
    write_json(json_file, done.to_json())
    raise typer.Exit(1 if done.unmatched else 0)


@app.command(epilog="Example: autograder check 05-backprop.ipynb")
@guarded
def check(
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="An .ipynb file.")],
    course: Where = None,
    json_file: Json = None,
    timeout: Annotated[
        int, typer.Option(min=1, help="Seconds for one cell; with --exam the course's limits hold.")
    ] = 300,
    exam: Annotated[
        bool,
        typer.Option(
            "--exam", help="Run it as grading does, with the hidden tests where the course is here."
        ),
    ] = False,
    trace: Annotated[
        bool,
        typer.Option("--trace", help="With --exam: show each call of a test, and its answer."),
    ] = False,
    sandbox: Sandbox = None,
) -> None:
    """Run a notebook and show its visible tests. Nothing is recorded, the file stays as it is."""
    from autograder import check as checking

    print(f"Running {notebook} …", flush=True)
    if exam or trace or sandbox:
        from autograder.check_exam import check_and_show

        outcome = check_and_show(notebook, course, Console(), sandbox=sandbox, trace=trace)
    else:  # anywhere: no course is needed
        outcome = checking.check(notebook, timeout=timeout)
        checking.show(Console(), outcome)
    write_json(json_file, outcome.to_json())
    raise typer.Exit(0 if outcome.passed else 1)


@app.command(epilog="Example: autograder grade 05-backprop --jobs 2")
@guarded
def grade(
    topics: Wanted,
    course: Where = None,
    submitted: Pile = None,
    student: Students = None,
    jobs: Jobs = None,
    dask: Dask = None,
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    insecure: Insecure = False,
    force: Force = False,
    sandbox: Sandbox = None,
    cell_seconds: CellSeconds = None,
    call_seconds: CallSeconds = None,
    submission_seconds: SubmissionSeconds = None,
    memory_mb: MemoryMb = None,
    json_file: Json = None,
) -> None:
    """Grade all that was handed in, and record it in nbgrader's gradebook.

    What was graded before and has not changed since is left as it is. Exit status 0 means that
    every submission has a grade or a named reason why not.
    """
    from autograder.grading import clusters, records, session

    cluster = clusters.choose(
        dask,
        jobs,
        tls_ca=tls_ca,
        tls_cert=tls_cert,
        tls_key=tls_key,
        insecure=insecure or None,
    )
    house = find(course)
    runs = session.grade_and_show(
        house,
        meant(house, topics),
        Console(),
        submitted,
        jobs,
        force=force,
        students=student or (),
        cluster=cluster,
        sandbox=sandbox,
        cell_seconds=cell_seconds,
        call_seconds=call_seconds,
        submission_seconds=submission_seconds,
        memory_mb=memory_mb,
    )
    write_json(json_file, records.summary(runs))
    raise typer.Exit(0 if records.complete(runs) else 1)


@app.command(epilog="Example: autograder audit 05-backprop --task output_delta")
@guarded
def audit(
    topics: Names = None,
    course: Where = None,
    task: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this task's variants and mutants.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="PART", help="whole, variants or mutants; may be repeated."),
    ] = None,
    jobs: Jobs = None,
    figures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Draw each topic's audit into this folder.")
    ] = None,
    json_file: Json = None,
) -> None:
    """Test the tests: right and wrong answers, automatic mutants, whole submissions.

    Exit status 1 means that the tests judged something wrongly; it is listed.
    """
    from autograder.audit import session

    house = find(course)
    audits = session.audit_and_show(
        house, meant(house, topics), Console(), parts=only, task=task, jobs=jobs, figures=figures
    )
    write_json(json_file, {found.topic: found.to_json() for found in audits})
    raise typer.Exit(1 if any(found.survivors for found in audits) else 0)


@app.command(epilog="Example: autograder feedback 05-backprop")
@guarded
def feedback(
    topics: Wanted,
    course: Where = None,
    to_exchange: Annotated[
        bool, typer.Option("--release", help="Also give them out through nbgrader's exchange.")
    ] = False,
    json_file: Json = None,
) -> None:
    """Make a page for each graded student, with scores and what the tests said."""
    from autograder.feedback.pages import feedback_and_show

    house = find(course)
    pages = feedback_and_show(house, meant(house, topics), Console(), to_exchange=to_exchange)
    write_json(json_file, pages)


@app.command(epilog="Example: autograder watch --once")
@guarded
def watch(
    topics: Names = None,
    course: Where = None,
    once: Annotated[
        bool, typer.Option("--once", help="Grade what is there, and end: for cron.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Grade N at once. Default: 1.")
    ] = None,
    sandbox: Sandbox = None,
    json_file: Json = None,
) -> None:
    """Grade on submit: watch the exchange, grade what is new, and give feedback at once.

    Runs until it is told to end. How much feedback students get, and how often they are graded, is
    said by c.GradeOnSubmit in nbgrader_config.py. With --once, exit status 1 means that something
    has to be tried again.
    """
    from autograder.onsubmit import session

    house = find(course)
    done = session.watch(house, meant(house, topics), once=once, jobs=jobs, sandbox=sandbox)
    write_json(json_file, done)
    raise typer.Exit(0 if done["complete"] or not once else 1)


@app.command(epilog="Example: autograder report 05-backprop")
@guarded
def report(
    topics: Wanted,
    course: Where = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The page. Default: report/TOPIC.html in the course folder, or report/class.html "
            "for several topics.",
        ),
    ] = None,
    json_file: Json = None,
) -> None:
    """Show how a class did: scores, tasks, misconceptions, and who needs a person, in one page."""
    from autograder.report import report_and_show

    house = find(course)
    write_json(json_file, report_and_show(house, meant(house, topics), Console(), out))


@app.command(epilog="Example: autograder export 05-backprop --to canvas --roster gradebook.csv")
@guarded
def export(
    to: Annotated[
        str,
        typer.Option(
            metavar="csv|canvas|moodle",
            help="A spreadsheet with every task's score, or a file that Canvas or Moodle imports.",
        ),
    ],
    topics: Names = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Default: a file in the course's folder `exports`."),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The platform's list of students, as it exports it."),
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="The roster's column with the gradebook's ids. Default: found."
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TOPIC=COLUMN", help="What the platform calls a topic; may be repeated."
        ),
    ] = None,
    provisional: Annotated[
        bool,
        typer.Option(
            "--provisional", help="Also write for Canvas or Moodle while grades are open."
        ),
    ] = False,
    absent: Annotated[
        str,
        typer.Option(metavar="zero|blank", help="What stands for nothing handed in."),
    ] = "zero",
    feedback: Annotated[
        bool, typer.Option("--feedback", help="Moodle: say beside each score where it is from.")
    ] = False,
    separator: Annotated[
        str | None, typer.Option(metavar="comma|semicolon|tab", help="Default: comma.")
    ] = None,
    decimal: Annotated[
        str, typer.Option(metavar="point|comma", help="A decimal comma brings semicolons.")
    ] = "point",
    course: Where = None,
    json_file: Json = None,
) -> None:
    """Write the gradebook's grades to a file for a spreadsheet, Canvas or Moodle.

    Exit status 1 means that a student of the gradebook is not in the file; it says who and why.
    """
    from autograder.exports.export import Options, named_columns
    from autograder.exports.session import export_and_show

    house = find(course)
    options = Options(
        to,
        out,
        meant(house, topics),
        roster=roster,
        match=match,
        columns=named_columns(column or []),
        absent=absent,
        provisional=provisional,
        feedback=feedback,
        separator=separator,
        decimal=decimal,
    )
    made = export_and_show(house, options, Console())
    write_json(json_file, made.to_json())
    raise typer.Exit(0 if made.complete else 1)


@app.command(epilog='Example: autograder due 05-backprop "2027-03-01 23:59"')
@guarded
def due(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="One topic.")],
    date: Annotated[
        str | None,
        typer.Argument(
            metavar="[DATE]",
            help="2027-03-01 23:59, with a zone or in c.CourseCalendar.timezone. Default: show it.",
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the due date away.")] = False,
    course: Where = None,
    json_file: Json = None,
) -> None:
    """Set a topic's due date. Late penalties follow at once; no exam is held again."""
    from autograder import changes

    house = find(course)
    (name,) = meant(house, [topic])
    write_json(json_file, changes.due(house, name, date, Console(), remove=remove))


@app.command(epilog='Example: autograder extension ana 05-backprop "2027-03-08 23:59"')
@guarded
def extension(
    student: Annotated[str | None, typer.Argument(metavar="[STUDENT]")] = None,
    topic: Annotated[str | None, typer.Argument(metavar="[TOPIC]")] = None,
    until: Annotated[
        str | None,
        typer.Argument(
            metavar="[DATE]", help="2027-03-08 23:59, with a zone or in c.CourseCalendar.timezone."
        ),
    ] = None,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="For your own records; students do not see it.")
    ] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Withdraw the extension.")] = False,
    course: Where = None,
    json_file: Json = None,
) -> None:
    """Give one student more time, or list all extensions. They are in extensions.csv."""
    from autograder import changes

    house = find(course)
    name = meant(house, [topic])[0] if topic else None
    given = changes.extension(house, student, name, until, Console(), reason=reason, remove=remove)
    write_json(json_file, given)


@app.command(epilog="Example: autograder void 05-backprop output_delta --drop")
@guarded
def void(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="One topic.")],
    tests: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEST]...", help="Tests or questions. Default: list what is void."),
    ] = None,
    drop: Annotated[bool, typer.Option("--drop", help="It counts for nobody.")] = False,
    full_marks: Annotated[
        bool, typer.Option("--full-marks", help="Everybody who handed in has all its points.")
    ] = False,
    bonus: Annotated[
        bool, typer.Option("--bonus", help="Its points come on top of the maximum.")
    ] = False,
    practice: Annotated[
        bool, typer.Option("--practice", help="It counts for nobody, and students see it so.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="It counts as before.")] = False,
    course: Where = None,
    json_file: Json = None,
) -> None:
    """Void a test or question after grading; no grade is lost, and --undo brings all back."""
    from autograder import changes
    from autograder.grading.voids import How

    chosen = {How.DROP: drop, How.FULL: full_marks, How.BONUS: bonus, How.PRACTICE: practice}
    hows = [how for how, wanted in chosen.items() if wanted]
    if len(hows) + undo > 1:
        raise AutograderError("Choose one of --drop, --full-marks, --bonus, --practice and --undo.")
    if (hows or undo) and not tests:
        raise AutograderError("Name the test or question: autograder void TOPIC TEST --drop")
    house = find(course)
    (name,) = meant(house, [topic])
    how = hows[0] if hows else None
    write_json(json_file, changes.void(house, name, tests or [], how, Console(), undo=undo))


@app.command(epilog="Example: autograder lti send 05-backprop --dry-run")
@guarded
def lti(
    step: Annotated[
        str,
        typer.Argument(
            metavar="keys|check|send",
            help="Make the key pair, look whether the LMS answers, or send grades.",
        ),
    ],
    topics: Names = None,
    settings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Default: lti/settings.toml in the course folder."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be sent.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also send over what was changed in the LMS.")
    ] = False,
    provisional: Annotated[
        bool, typer.Option("--provisional", help="Also send grades that are open, marked so.")
    ] = False,
    course: Where = None,
    json_file: Json = None,
) -> None:
    """Send grades into the LMS over LTI 1.3: only what changed, without anybody's launch.

    Exit status 1 means that somebody's grade did not go; it says who and why.
    """
    from autograder.lti import session

    wishes = session.Wishes(dry_run=dry_run, force=force, provisional=provisional)
    house = find(course)
    done = session.run(step, house, settings, meant(house, topics), wishes, Console())
    write_json(json_file, done.summary)
    raise typer.Exit(0 if done.well else 1)


@app.command(epilog="Example: autograder demo 01-perceptron")
@guarded
def demo(
    topics: Names = None,
    course: Where = None,
    jobs: Jobs = None,
    sandbox: Sandbox = None,
    json_file: Json = None,
) -> None:
    """Show all of it on a made-up class, under build/demo/."""
    from autograder.demo import run_demo
    from autograder.grading import records

    house = find(course)
    runs = run_demo(house, meant(house, topics), Console(), jobs, sandbox)
    write_json(json_file, records.summary(runs))
    raise typer.Exit(0 if records.complete(runs) else 1)


@app.command(epilog="Example: autograder doctor")
@guarded
def doctor(
    course: Where = None,
    json_file: Json = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out trying to break out of the sandbox.")
    ] = False,
) -> None:
    """Say what this machine can and can't do, and how to mend it."""
    from autograder import doctor as examination

    findings = examination.examine(course, quick=quick)
    examination.show(Console(), findings)
    write_json(json_file, examination.to_json(findings))
    raise typer.Exit(0 if examination.healthy(findings) else 1)


def find(folder: Path | None) -> Course:
    """Return the course in or around a folder."""
    from autograder.course import Course

    return Course.find(root=folder) if folder else Course.find()


def meant(course: Course, names: list[str] | None) -> list[str]:
    """Return the topics that a person names, in full or in short."""
    from autograder.topic_names import resolve

    return resolve(course, names) if names else []


def write_json(path: Path | None, data: Any) -> None:
    """Write the summary of a run, if a file for it is named."""
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


def _version(wanted: bool) -> None:
    if wanted:
        print(f"autograder {importlib.metadata.version('nnkit')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Release topics, grade a class, and show the scores."""


def main() -> None:
    """Run the command line."""
    import autograder.grading  # noqa: F401  (keeps a slow import away; see there)

    # Said by SQLAlchemy of nbgrader's way to add a submission, and of no consequence.
    warnings.filterwarnings("ignore", message="Object of type .* not in session")
    app()
