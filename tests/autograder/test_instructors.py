"""Every command of docs/instructors.md, run in its order, in a course with a class."""

import contextlib
import re
import shlex
import shutil
import subprocess
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder import cli
from autograder.course import Course
from autograder.topics.solved_notebooks import submission
from autograder.topics.source_notebook import build_source
from autograder.topics.topic import parse
from tests.support import toy_course as toy

pytestmark = pytest.mark.slow

REPO = Path(__file__).resolve().parents[2]
TOPIC = "01-perceptron"
PAGE = (REPO / "docs" / "instructors.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (.+)$", PAGE, re.MULTILINE)
PLUGIN, SETTING = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[-2:]
RENAMED = ('part="mistakes"', 'part="errors"')
WHEN = (2027, 3, 10, 12, 0, 0)
BEFORE, AFTER = '"the step of (−2, −0.3, 0, 0.3, 3)"', '"the step of five numbers"'


class Term:
    """A course folder, the exchange, a class, and what is done between the commands."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "course"
        self.exchange = folder / "exchange"
        self.student = folder / "a student's folder"
        for made in (self.root, self.exchange, self.student):
            made.mkdir()
        self.exchange.chmod(0o777)
        shutil.copytree(REPO / "solutions" / TOPIC, self.root / "solutions" / TOPIC)
        named = f"\nc.Exchange.root = {str(self.exchange)!r}\n"
        config = (REPO / "nbgrader_config.py").read_text(encoding="utf-8") + named
        (self.root / "nbgrader_config.py").write_text(config, encoding="utf-8")
        theirs = f"c = get_config()\nc.CourseDirectory.course_id = 'neural-networks'{named}"
        (self.student / "nbgrader_config.py").write_text(theirs, encoding="utf-8")
        (self.root / "students.csv").write_text(
            'id,first_name,last_name,email\nana,Ana,Ruiz,\nbo,Bo,"Doe, Jr",\ncleo,Cleo,Li,\n'
        )
        (folder / "home").mkdir()

    @property
    def course(self) -> Course:
        return Course.find(root=self.root)

    @property
    def source(self) -> Path:
        return self.root / "solutions" / TOPIC / f"{TOPIC}.py"

    def run(self, command: str, folder: Path | None = None) -> str:
        """Run a command; the autograder's in this process, which has what each would import."""
        name, *arguments = shlex.split(command)
        with contextlib.chdir(folder or self.root):
            if name == "autograder":
                ran = CliRunner().invoke(cli.app, arguments)
                status, output = ran.exit_code, f"{ran.output}{ran.exception or ''}"
            else:
                ran = subprocess.run([name, *arguments], capture_output=True, text=True)
                status, output = ran.returncode, ran.stdout + ran.stderr
        assert status == 0, f"$ {command}\n{output}"
        return output

    def hand_in(self) -> None:
        """Let one student work through the exchange, one in Moodle, and one send a notebook."""
        self.run(f"nbgrader fetch_assignment {TOPIC}", self.student)
        theirs = self.student / TOPIC / f"{TOPIC}.ipynb"
        released = nbformat.read(theirs, as_version=4)
        solved = submission(released, build_source(parse(self.source)))
        nbformat.write(solved, theirs)
        self.run(f"nbgrader submit {TOPIC}", self.student)
        nbformat.write(solved, self.root / "their-notebook.ipynb")
        with zipfile.ZipFile(self.root / "moodle.zip", "w") as archive:
            info = zipfile.ZipInfo(f"Ana Ruiz_17_assignsubmission_file_/{TOPIC}.ipynb", WHEN)
            archive.writestr(info, nbformat.writes(solved))
        toy.hand_in(self.root / "submitted", "bo", released, TOPIC)

    def mend(self) -> None:
        text = self.source.read_text(encoding="utf-8")
        assert BEFORE in text
        self.source.write_text(text.replace(BEFORE, AFTER), encoding="utf-8")

    def penalise(self) -> None:
        """Write the page's plugin and its setting into the course folder."""
        (self.root / "late.py").write_text(PLUGIN, encoding="utf-8")
        with (self.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(SETTING)

    def rename(self) -> None:
        text = self.source.read_text(encoding="utf-8")
        assert RENAMED[0] in text
        self.source.write_text(text.replace(*RENAMED), encoding="utf-8")

    def penalty(self, student: str) -> float:
        with Gradebook(self.course.coursedir.db_url) as gradebook:
            found = gradebook.find_submission_notebook(TOPIC, TOPIC, student)
            return found.late_submission_penalty or 0.0

    def autograded(self, student: str) -> str:
        path = self.root / "autograded" / student / TOPIC / f"{TOPIC}.ipynb"
        return path.read_text(encoding="utf-8")

    def scores(self) -> dict[str, float]:
        with Gradebook(self.course.coursedir.db_url) as gradebook:
            found = gradebook.assignment_submissions(TOPIC)
            return {one.student.id: one.score for one in found}


# What ana is to lose, who handed in on the tenth of March.
PENALTIES = {
    f'autograder due {TOPIC} "2027-03-08 23:59"': 4.0,
    f'autograder extension ana {TOPIC} "2027-03-15 23:59" --reason "ill"': 0.0,
    f"autograder extension ana {TOPIC} --remove": 4.0,
}
# The scores of ana, who has all tests right, and bo, who has none.
VOIDED = {
    f"autograder void {TOPIC} boundary --drop": (19.0, 0.0),
    f"autograder void {TOPIC} boundary --full-marks": (20.0, 1.0),
    f"autograder void {TOPIC} boundary --undo": (20.0, 0.0),
}


def test_the_page_walks_through_a_term(tmp_path, monkeypatch):
    term = Term(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    said: dict[str, str] = {}
    for command in COMMANDS:
        if command.startswith(". "):
            continue  # the environment is this test's own
        if command.startswith("autograder audit"):
            term.mend()
        if command.endswith("--change-cells"):
            term.rename()
        said[command] = term.run(command)
        if command.startswith("autograder release") and AFTER in term.source.read_text("utf-8"):
            term.penalise()  # what the commands from here on work with
        if command in PENALTIES:
            assert term.penalty("ana") == pytest.approx(PENALTIES[command])
            assert term.penalty("bo") == 0.0
        if command in VOIDED:
            assert term.scores()["ana"] == VOIDED[command][0]
            assert term.scores()["bo"] == VOIDED[command][1]
        if command.startswith("nbgrader release_assignment"):
            term.hand_in()
        if command.startswith("autograder grade") and AFTER not in term.source.read_text("utf-8"):
            me = next(name for name in term.scores() if name not in ("ana", "bo", "cleo"))
            assert term.scores() == {"ana": 20.0, "bo": 0.0, me: 20.0}
    assert "20 of 20 points" in said["autograder check their-notebook.ipynb"]
    assert "cleo" in said[f"autograder grade {TOPIC}"]
    assert set(COMMANDS) > PENALTIES.keys() | VOIDED.keys()
    assert (
        "test-train-errors and keeps its grades"
        in said[f"autograder release {TOPIC} --change-cells"]
    )
    alone = said[f"autograder grade {TOPIC} --student ana"]
    assert "ana" in alone
    assert "cleo" not in alone
    # The fixed test has judged everybody.
    assert AFTER in term.autograded("ana")
    assert AFTER in term.autograded(me)
    assert term.scores() == {"ana": 20.0, "bo": 0.0, me: 20.0}
    assert (term.root / "report" / f"{TOPIC}.html").is_file()
    page = term.root / "feedback" / me / TOPIC / f"{TOPIC}.html"
    assert page.read_text("utf-8") in [p.read_text("utf-8") for p in term.exchange.rglob("*.html")]
    assert "send them theirs: ana; bo" in said[f"autograder feedback {TOPIC} --release"]
    assert list((term.root / "exports").iterdir())


def test_every_command_of_the_page_is_known():
    assert len(COMMANDS) >= 12
    assert {command.split()[0] for command in COMMANDS} == {".", "autograder", "nbgrader"}
