"""The command line: release, check, grade, audit, feedback, watch, report, export, and more."""

from __future__ import annotations

import importlib.metadata
import sys
import warnings
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console

from autograder import options
from autograder.command_line import Command, Group, callback
from autograder.errors import AutograderError
from autograder.serverless import leave_out_server

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Release topics, grade a class, and show the scores.",
    epilog="Start with: autograder demo",
)


def command(example: str) -> Callable[[Callable[[Any], int | None]], Callable[[Any], int | None]]:
    """Add a function to the command line: it takes its options and returns an exit status.

    Parameters
    ----------
    example
        The example below the command's help.
    """

    def add(function: Callable[[Any], int | None]) -> Callable[[Any], int | None]:
        about = (" ".join(part.split()) for part in (function.__doc__ or "").split("\n\n"))
        app.command(
            function.__name__,
            cls=Command,
            help="\n\n".join(about),
            epilog=f"Example: {example}",
        )(callback(function, guarded))
        return function

    return add


def guarded(run: Callable[[], int | None]) -> None:
    """Turn an `AutograderError` into one message and status 2, and Ctrl-C into status 130."""
    try:
        status = run()
    except AutograderError as error:
        status = _say(str(error), 2)
    except KeyboardInterrupt as stopped:
        kept = str(stopped) or "Nothing was lost. Give the same command again to go on."
        print(file=sys.stderr)
        status = _say(f"stopped. {kept}", 130)
    except Exception as error:
        from autograder.course import damage

        if not (said := damage(error)):
            raise
        status = _say(said, 2)
    if status:
        raise typer.Exit(status)


def _say(text: str, status: int) -> int:
    print(f"autograder: {text}", file=sys.stderr)
    return status


@command("autograder release 05-backprop")
def release(given: options.Release) -> None:
    """Make the students' notebooks in assignments/ from the topics in solutions/."""
    from autograder.topics.release_check import release_and_show

    made = release_and_show(
        given.course, given.topics, Console(), run=given.run, change_cells=given.change_cells
    )
    given.write_json({path.stem: str(path) for path in made})


@command("autograder enrol students.csv")
def enrol(given: options.Enrol) -> None:
    """Add a list of students to the gradebook, from a spreadsheet or a learning platform.

    Students who are in the gradebook already keep all grades. Students who hand in nothing are
    listed from then on.
    """
    from autograder.course.enrol import enrol_and_show

    done = enrol_and_show(given.course, given.file, Console(), given.match)
    given.write_json(done.to_json())


@command("autograder collect 05-backprop submissions.zip --roster grades.csv")
def collect(given: options.Collect) -> int:
    """Copy the submissions from an LMS's export into the course.

    An earlier submission is kept, not overwritten. Exit status 1 means that a file belongs to no
    known student; the message says whose it may be and what to do.
    """
    from autograder.lms.command import collect_and_show

    about = {"roster": given.roster, "match": given.match, "zone": given.time_zone}
    done = collect_and_show(given.course, given.topic, given.archive, Console(), **about)
    given.write_json(done.to_json())
    return 1 if done.unmatched else 0


@command("autograder check 05-backprop.ipynb")
def check(given: options.Check) -> int:
    """Run a notebook and show its visible tests. Nothing is recorded, the file is not changed."""
    from autograder.check import command as notebook_check

    print(f"Running {given.notebook} …", flush=True)
    if given.exam or given.trace or given.sandbox:
        from autograder.check.exam import check_and_show

        how = {"sandbox": given.sandbox, "trace": given.trace}
        outcome = check_and_show(given.notebook, given.folder, Console(), **how)
    else:  # no course is needed
        outcome = notebook_check.check(given.notebook, timeout=given.timeout)
        notebook_check.show(Console(), outcome)
    given.write_json(outcome.to_json())
    return 0 if outcome.passed else 1


@command("autograder grade 05-backprop --jobs 2")
def grade(given: options.Grade) -> int:
    """Grade all submissions, and record the grades in nbgrader's gradebook.

    Submissions that have not changed since they were graded keep their grade. Exit status 0 means
    that every submission has a grade or a stated reason why not.
    """
    from autograder.gradebook import records
    from autograder.grading.command import grade_and_show

    runs = grade_and_show(
        given.course,
        given.topics,
        Console(),
        given.submitted,
        given.jobs,
        force=given.force,
        students=given.students or (),
        cluster=given.cluster,
        **given.limits,
    )
    given.write_json(records.summary(runs))
    return 0 if records.complete(runs) else 1


@command("autograder audit 05-backprop --task output_delta")
def audit(given: options.Audit) -> int:
    """Test the tests: right and wrong answers, automatic mutants, whole submissions.

    Exit status 1 means that the tests judged something wrongly; the output lists it.
    """
    from autograder.audit.command import audit_and_show

    chosen = {"parts": given.only, "task": given.task, "jobs": given.jobs, "figures": given.figures}
    audits = audit_and_show(given.course, given.topics, Console(), **chosen)
    given.write_json({found.topic: found.to_json() for found in audits})
    return 1 if any(found.survivors for found in audits) else 0


@command("autograder feedback 05-backprop")
def feedback(given: options.Feedback) -> None:
    """Make a page for each graded student, with scores and the tests' messages."""
    from autograder.feedback.pages import feedback_and_show

    given.write_json(
        feedback_and_show(given.course, given.topics, Console(), to_exchange=given.to_exchange)
    )


@command("autograder watch --once")
def watch(given: options.Watch) -> int:
    """Grade on submit: watch the exchange, grade new submissions, and give feedback at once.

    Runs until you stop it. c.GradeOnSubmit in nbgrader_config.py sets how much feedback students
    get and how often they are graded. With --once, exit status 1 means that something has to be
    tried again.
    """
    from autograder.watch.command import watch as run_service

    how = {"once": given.once, "jobs": given.jobs, "sandbox": given.sandbox}
    done = run_service(given.course, given.topics, **how)
    given.write_json(done)
    return 0 if done["complete"] or not given.once else 1


@command("autograder report 05-backprop")
def report(given: options.Report) -> None:
    """Show a class's results on one page: scores, tasks, misconceptions, students to look at."""
    from autograder.report import report_and_show

    given.write_json(report_and_show(given.course, given.topics, Console(), given.out))


@command("autograder export 05-backprop --to canvas --roster gradebook.csv")
def export(given: options.Export) -> int:
    """Write the gradebook's grades to a file for a spreadsheet or a learning platform.

    Exit status 1 means that a student of the gradebook is not in the file; the output says who and
    why.
    """
    from autograder.exports.command import export_and_show

    made = export_and_show(given.course, given.wanted, Console())
    given.write_json(made.to_json())
    return 0 if made.complete else 1


@command('autograder due 05-backprop "2027-03-01 23:59"')
def due(given: options.Due) -> None:
    """Set a topic's due date. Late penalties are updated at once; nothing is graded again."""
    from autograder.gradebook.command import due as set_due

    given.write_json(set_due(given.course, given.topic, given.date, Console(), remove=given.remove))


@command('autograder extension ana 05-backprop "2027-03-08 23:59"')
def extension(given: options.Extension) -> None:
    """Give one student more time, or list all extensions. They are in extensions.csv."""
    from autograder.gradebook.command import extension as set_extension

    topic = given.resolve(given.topic)[0] if given.topic else None
    about = {"reason": given.reason, "remove": given.remove}
    given.write_json(
        set_extension(given.course, given.student, topic, given.until, Console(), **about)
    )


@command("autograder void 05-backprop output_delta --drop")
def void(given: options.Void) -> None:
    """Void a test or question after grading. No grade is lost; --undo restores all."""
    from autograder.gradebook.command import void as void_tests

    about = (given.tests or [], given.how)
    given.write_json(void_tests(given.course, given.topic, *about, Console(), undo=given.undo))


@command("autograder lti send 05-backprop --dry-run")
def lti(given: options.Lti) -> int:
    """Send grades to the LMS over LTI 1.3: only changed ones; students need not log in there.

    Exit status 1 means that a student's grade was not sent; the output says whose and why.
    """
    from autograder.lti.command import run

    where = (given.course, given.settings)
    done = run(given.step, *where, given.topics, given.wishes, Console())
    given.write_json(done.summary)
    return 0 if done.well else 1


@command("autograder demo 01-perceptron")
def demo(given: options.Demo) -> int:
    """Release topics to a made-up class, grade it and show the scores, under build/demo/."""
    from autograder.demo import run_demo
    from autograder.gradebook import records

    runs = run_demo(given.course, given.topics, Console(), given.jobs, given.sandbox)
    given.write_json(records.summary(runs))
    return 0 if records.complete(runs) else 1


@command("autograder doctor")
def doctor(given: options.Doctor) -> int:
    """Show what this machine can and can't do, and how to fix it."""
    from autograder.doctor.command import examine, healthy, show, to_json

    findings = examine(given.folder, quick=given.quick)
    show(Console(), findings)
    given.write_json(to_json(findings))
    return 0 if healthy(findings) else 1


def _version(wanted: bool) -> None:
    if wanted:
        print(f"autograder {importlib.metadata.version('nnkit')}")
        raise typer.Exit


@app.callback()
def _every(
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
    leave_out_server()
    # SQLAlchemy's warning about the way nbgrader adds a submission; it has no consequence.
    warnings.filterwarnings("ignore", message="Object of type .* not in session")
    app()
