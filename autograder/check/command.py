"""Run one notebook as a student would and show the results of its visible tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbgrader.utils import determine_grade, is_grade, is_solution
from rich.console import Console
from rich.text import Text

from autograder import terminal
from autograder.errors import AutograderError
from autograder.feedback.cell_failure import why
from autograder.gradebook.scores import check_records, key
from autograder.kernel_environment import environment, quiet
from autograder.remarks import Remark, texts
from autograder.submissions import notebook_file
from autograder.submissions.notebook_file import Loaded, Unreadable
from nnkit.checks.panel import HIDDEN, Question, Standing, Test
from nnkit.checks.runs import State
from nnkit.record import ERROR
from nnkit.record import read as read_record


@dataclass(frozen=True)
class TestOutcome:
    """The result of one test."""

    __test__ = False  # pytest must not collect this class

    name: str
    score: float
    points: float
    state: State = State.PASSED
    message: str = ""
    cause: str = ""
    diagnosis: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the test gave all its points."""
        return self.score >= self.points


@dataclass
class Outcome:
    """The results of a notebook's tests, and why the run stopped early if it did.

    ``broken`` has a sentence for each other cell that failed. ``whole``: the tests were run with
    their hidden parts.
    """

    notebook: Path
    tests: list[TestOutcome] = field(default_factory=list)
    stopped: str = ""
    questions: list[Question] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    whole: bool = False

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return not self.stopped and all(test.passed for test in self.tests)

    @property
    def standing(self) -> Standing:
        """The content of the panel in the notebook's last cell."""
        tests = [Test(test.name, test.points, test.state) for test in self.tests]
        return Standing(tests, self.questions)

    def to_json(self) -> dict[str, Any]:
        """Return the summary for ``--json``."""
        return {
            "notebook": str(self.notebook),
            "score": float(sum(test.score for test in self.tests)),
            "max": float(sum(test.points for test in self.tests)),
            "stopped": self.stopped or None,
            "broken": self.broken,
            "remarks": self.remarks,
            "tests": {
                test.name: {
                    "score": float(test.score),
                    "points": float(test.points),
                    "diagnosis": test.diagnosis,
                    "message": test.message or None,
                }
                for test in self.tests
            },
            "in_words": {
                question.name: {"points": float(question.points), "answered": question.answered}
                for question in self.questions
            },
        }


def check(path: Path, timeout: int = 300) -> Outcome:
    """Execute a notebook in its own folder and read its tests; the file stays as it is.

    Parameters
    ----------
    path
        An ``.ipynb`` file.
    timeout
        Limit for one cell, in seconds.

    Raises
    ------
    AutograderError
        If there is no such file, it is not a notebook, it contains no tests, or no kernel starts.
    """
    loaded = read(path)
    stopped = _execute(loaded.notebook, path, timeout)
    return outcome_of(path, loaded.notebook, stopped=stopped, remarks=loaded.remarks)


def outcome_of(
    path: Path,
    notebook: nbformat.NotebookNode,
    *,
    stopped: str = "",
    remarks: Iterable[Remark] = (),
    whole: bool = False,
) -> Outcome:
    """Return the results of the tests of an executed notebook; see `Outcome`."""
    return Outcome(
        path,
        [_outcome(cell) for cell in _tests(notebook)],
        stopped,
        [_question(cell) for cell in notebook.cells if is_grade(cell) and is_solution(cell)],
        list(_broken(notebook)),
        texts(remarks),
        whole,
    )


def _tests(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    tests = [cell for cell in notebook.cells if is_grade(cell) and not is_solution(cell)]
    return [cell for cell in tests if cell.cell_type == "code"]


def show(console: Console, outcome: Outcome) -> None:
    """Print the tests as a table, the sum of their points, and what to do next."""
    lines = [
        (
            terminal.clean(test.name),
            terminal.points(test.score, test.points) + Text(f" / {test.points:g}", style="dim"),
            Text("passed", style="green") if test.passed else Text("failed", style="bold red"),
            terminal.clean(test.message),
            terminal.clean(test.cause),
        )
        for test in outcome.tests
    ]
    heads = ("Task", "Points", "", "Message", "Likely cause")
    terminal.rows(console, outcome.notebook.name, heads, lines, right=("Points",))
    for text in outcome.broken:
        console.print(Text(terminal.clean(text), style="red"))
    summary = outcome.to_json()
    for remark in outcome.remarks:
        console.print(Text(f"! {terminal.clean(remark)}", style="yellow"))
    which = "tests, hidden ones included" if outcome.whole else "visible tests"
    console.print(f"{summary['score']:g} of {summary['max']:g} points in the {which}.")
    for question in outcome.questions:
        name = terminal.clean(question.name)
        console.print(Text(f"{name}, {question.points:g} points more: {question.text}."))
    if not outcome.whole:
        console.print(Text(HIDDEN, style="dim"))
    if outcome.stopped:
        console.print(
            Text(f"The run stopped early: {terminal.clean(outcome.stopped)}", style="red")
        )
    else:
        console.print(Text(f"Next: {terminal.clean(outcome.standing.next_step())}"))


def _question(cell: nbformat.NotebookNode) -> Question:
    """Return a written question; nbgrader gives 0 for an unchanged answer."""
    score, points = determine_grade(cell)
    answered = score is None and bool(cell.source.strip())
    return Question(cell.metadata.nbgrader.grade_id, points, answered)


def read(path: Path) -> Loaded:
    """Read a notebook with tests, as grading does, as if no cell had been run.

    Raises
    ------
    AutograderError
        If there is no such file, it is not a notebook, or it contains no tests.
    """
    if not path.is_file():
        raise AutograderError(f"There is no file {path}. Name an .ipynb file.")
    try:
        loaded = notebook_file.load(path)
    except Unreadable as error:
        raise AutograderError(
            f"{path} is not a Jupyter notebook: {error.why}. Name an .ipynb file that JupyterLab "
            "opens."
        ) from error
    if not _tests(loaded.notebook):
        raise AutograderError(f"{path} contains no tests: is it one of the course's notebooks?")
    for cell in loaded.notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
    return loaded


def _execute(notebook: nbformat.NotebookNode, path: Path, timeout: int) -> str:
    """Run all cells; return why the run stopped early, or an empty string."""
    client = NotebookClient(
        notebook,
        timeout=timeout,
        allow_errors=True,
        kernel_name="python3",
        interrupt_on_timeout=True,
        error_on_timeout={
            "ename": "CellTimeoutError",
            "evalue": f"stopped after {timeout} s",
            "traceback": [],
        },
        resources={"metadata": {"path": str(path.resolve().parent)}},
        on_cell_executed=_keep_error,
    )
    try:
        with environment(), quiet() as written:
            client.execute()
    except Exception as error:  # the kernel is missing, dies, or does not answer
        if not client.code_cells_executed:
            raise AutograderError(
                f"No Python kernel starts here: {error}. `autograder doctor` says what is missing."
            ) from error
        why = " ".join([str(error) or type(error).__name__, *written[-1:]])
        return f"{why.splitlines()[0]} (code cell {client.code_cells_executed})"
    return ""


def _keep_error(cell: nbformat.NotebookNode, execute_reply: dict[str, Any], **_: Any) -> None:
    """Add an error that the kernel reported without an output, such as a timeout."""
    content = execute_reply["content"]
    shown = any(output.output_type == "error" for output in cell.outputs)
    if content["status"] == "error" and not shown:
        names = ("ename", "evalue", "traceback")
        error = {name: content.get(name, "") for name in names}
        cell.outputs.append(nbformat.v4.new_output("error", **error))


def _broken(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Yield why each cell without a test failed; cells not written yet are skipped."""
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or (is_grade(cell) and not is_solution(cell)):
            continue
        error = next((out for out in cell.outputs if out.output_type == "error"), None)
        if error is None or error.ename == NotImplementedError.__name__:
            continue
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        which = f"Cell {number} ({name})" if name else f"Cell {number}"
        reason = why(cell.source, error.ename, error.evalue)
        reason = reason or (error.evalue.strip().splitlines() or [""])[0]
        yield f"{which} ended with {error.ename}: {reason}".rstrip(": ")


def _outcome(cell: nbformat.NotebookNode) -> TestOutcome:
    """Read one test from its executed cell."""
    name = key(cell.metadata.nbgrader.grade_id)
    if cell.execution_count is None:
        points = float(cell.metadata.nbgrader.points)
        return TestOutcome(name, 0.0, points, State.NOT_RUN, "was not run")
    score, points = determine_grade(cell)
    if score >= points:
        return TestOutcome(name, float(score), float(points))
    records = [record for record in map(read_record, check_records(cell)) if record.check != ERROR]
    failed = [record for record in records if not record.passed]
    record = next((r for r in failed if r.diagnosis), failed[0] if failed else None)
    state = State.FAILED
    if record is None:
        message, unwritten = _without_record(cell)
        state = State.UNWRITTEN if unwritten else state
        return TestOutcome(name, float(score), float(points), state, message)
    message = record.what if record.because else f"{record.what}: {record.message}"
    cause = record.because or ""
    return TestOutcome(name, float(score), float(points), state, message, cause, record.diagnosis)


def _without_record(cell: nbformat.NotebookNode) -> tuple[str, bool]:
    """Return why a test without a failed check failed, and whether its task is not written yet."""
    for output in cell.outputs:
        if output.output_type == "error":
            last = (output.evalue.strip().splitlines() or [""])[-1]
            unwritten = output.ename == NotImplementedError.__name__
            return f"{output.ename}: {last}".rstrip(": "), unwritten
        if output.output_type == "stream" and output.name == "stderr":
            return f"it printed to stderr: {output.text.strip().splitlines()[-1]}", False
    return "", False
