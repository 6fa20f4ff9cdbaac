"""Releasing: reproducible, accepted by nbgrader, nothing secret in it, grades kept."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import ClearSolutions

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.gradebook import assignment
from autograder.remarks import texts
from autograder.submissions.repair import repair
from autograder.topics import source_notebook
from autograder.topics.release import check_current, release
from autograder.topics.solved_notebooks import submission
from autograder.topics.source_notebook import build_source
from autograder.topics.topic import parse
from nnkit.checks.runs import digest
from tests.support.toy_topic import HOUSE, NAME, TEXT, course, write

LAST = "given-where-you-stand"
SECRETS = ["doubled_secretly", "3 * x", "-7.5", "very definition", "naming the definition"]
# nbgrader's own queries warn of their order.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
STALE = re.compile(r"run `autograder release (\S+)`")


def nbgrader(*arguments: str | Path, cwd: Path) -> str:
    """Run one of nbgrader's commands and return what it printed."""
    command = [sys.executable, "-m", "nbgrader", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory) -> Path:
    """Return an empty gradebook to copy: nbgrader takes seconds to make one."""
    made = course(tmp_path_factory.mktemp("gradebook"))
    with made.gradebook():
        return made.root / "gradebook.db"


@pytest.fixture
def made(tmp_path, gradebook) -> Course:
    """Return a course that nothing has been released in."""
    shutil.copy(gradebook, tmp_path)
    return course(tmp_path)


@pytest.fixture(scope="module")
def released(tmp_path_factory, gradebook) -> Course:
    """Return a course whose topic has been released; tests only read it."""
    made = course(tmp_path_factory.mktemp("course"))
    shutil.copy(gradebook, made.root)
    extra = made.solutions / NAME / "files" / "pictures"
    extra.mkdir(parents=True)
    (extra / "dot.svg").write_text("<svg/>", encoding="utf-8")
    (made.solutions / NAME / "notes.txt").write_text("for the author", encoding="utf-8")
    release(made)
    return made


def read(made: Course) -> nbformat.NotebookNode:
    return nbformat.read(made.release_dir / NAME / f"{NAME}.ipynb", as_version=4)


def snapshot(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_students_notebook_is_valid_and_without_outputs(released):
    notebook = read(released)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    for cell in notebook.cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


def test_students_notebook_hides_what_it_must(released):
    text = (released.release_dir / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    assert not [secret for secret in [*SECRETS, "BEGIN", "with checks.hidden"] if secret in text]
    built = (released.source_dir / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    assert all(secret in built for secret in SECRETS)


def test_stubs_and_locks(released):
    cells = {cell.id: cell for cell in read(released).cells}
    stub = 'raise NotImplementedError("Write your code here, in place of this line.")'
    assert cells["double"].source.endswith(f'()"""\n    {stub}'.replace('()"""', '()."""'))
    assert cells["triple"].source.count(stub) == 2
    assert cells["explain"].source.endswith("Write your answer here, in place of this line.")
    locked = [name for name, cell in cells.items() if cell.metadata.get("editable") is False]
    tests = ["test-double", "test-double-array", "test-triple"]
    assert locked == ["given-data", *tests, LAST]
    assert cells["test-double-array"].metadata.nbgrader.points == 1.5


def test_last_cell_lists_what_is_judged_as_it_was_released(released):
    notebook = read(released)
    cells = {cell.id: cell for cell in notebook.cells}
    assert notebook.cells[-1].id == LAST
    call = ast.parse(notebook.cells[-1].source).body[-1].value
    listed = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    assert listed == {
        "tests": [
            ("double", 2, digest(cells["test-double"].source)),
            ("double-array", 1.5, digest(cells["test-double-array"].source)),
            ("triple", 1, digest(cells["test-triple"].source)),
        ],
        "in_words": [("explain", 2, digest(cells["explain"].source))],
    }
    assert cells[LAST].metadata.nbgrader.grade is False


def test_a_failing_test_lets_the_rest_of_the_notebook_run(released):
    tagged = [
        c.id for c in read(released).cells if "raises-exception" in c.metadata.get("tags", [])
    ]
    assert tagged == ["test-double", "test-double-array", "test-triple"]


def test_a_student_who_deletes_the_last_cell_loses_nothing(released):
    with released.gradebook() as gradebook:
        known = assignment.load(gradebook, released, NAME)
    handed_in = read(released)
    handed_in.cells.pop()
    assert texts(repair(handed_in, known)) == [f"cell '{LAST}' was missing and was put back"]
    assert handed_in.cells[-1].source == read(released).cells[-1].source


def test_only_the_files_folder_goes_along(released):
    assert sorted(snapshot(released.release_dir / NAME)) == [
        f"{NAME}.ipynb",
        "files/pictures/dot.svg",
    ]


def test_gradebook_knows_the_points(released):
    with released.gradebook() as gradebook:
        notebook = gradebook.find_notebook(NAME, NAME)
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
        assert gradebook.find_assignment(NAME).max_score == 6.5
    assert points == {"test-double": 2, "test-double-array": 1.5, "test-triple": 1, "explain": 2}


def test_untouched_question_is_known_to_nbgrader_as_untouched(released):
    with released.gradebook() as gradebook:
        cells = {c.name: c.checksum for c in gradebook.find_notebook(NAME, NAME).source_cells}
    given = {cell.id: cell.metadata for cell in read(released).cells}
    assert cells["explain"] == given["explain"].nbgrader.checksum


def test_same_bytes_elsewhere_later_and_again(released, tmp_path):
    other = course(tmp_path / "a" / "deeper" / "folder")
    shutil.copytree(released.solutions / NAME / "files", other.solutions / NAME / "files")
    for _ in range(2):
        release(other, [NAME])
        assert snapshot(other.release_dir) == snapshot(released.release_dir)
        assert snapshot(other.source_dir) == snapshot(released.source_dir)


def test_files_are_left_alone_where_nothing_changed(made):
    path = release(made)[0]
    before = path.stat().st_mtime_ns
    release(made)
    assert path.stat().st_mtime_ns == before
    assert [p.name for p in made.release_dir.iterdir()] == [NAME]


def test_current_release_is_told_from_a_stale_one(made):
    assert check_current(made) == [
        f"{made.release_dir / NAME / NAME}.ipynb is not current: run `autograder release {NAME}`."
    ]
    path = release(made)[0]
    assert check_current(made) == []
    path.write_text(path.read_text(encoding="utf-8").replace("Doubling", "Halving"))
    assert [STALE.search(text).group(1) for text in check_current(made)] == [NAME]
    release(made)
    (path.parent / "stray.txt").touch()
    (made.release_dir / "98-gone").mkdir()
    stray, gone = check_current(made)
    assert "stray.txt is not current" in stray
    assert "98-gone has no topic" in gone


def test_checking_leaves_no_trace(made):
    before = snapshot(made.root)
    check_current(made)
    assert snapshot(made.root) == before


def _house_topics() -> list[str]:
    return Course.find(root=HOUSE).topics()


@pytest.mark.parametrize("name", _house_topics())
def test_assignments_are_current(name):
    stale = check_current(Course.find(root=HOUSE), [name])
    assert not stale, "\n".join(stale)


def test_faults_of_all_topics_are_told_before_anything_is_released(made):
    write(made.solutions, TEXT.replace("points=1.5", "points=0"), "98-bad")
    write(made.solutions, TEXT.replace("points=1.5", ""), "97-bad")
    with pytest.raises(AutograderError) as caught:
        release(made)
    assert "98-bad.py:" in str(caught.value)
    assert "97-bad.py:" in str(caught.value)
    assert not made.release_dir.exists()


def test_unknown_topic_and_no_topic(made):
    with pytest.raises(AutograderError, match='There is no topic "98-other"'):
        release(made, ["98-other"])
    shutil.rmtree(made.solutions)
    with pytest.raises(AutograderError, match="There are no topics"):
        release(made)


def submit(made: Course, score: float) -> None:
    """Record a graded submission."""
    with made.gradebook() as gradebook:
        gradebook.add_student("student-01")
        gradebook.add_submission(NAME, "student-01")
        grade = gradebook.find_grade("test-double", NAME, NAME, "student-01")
        grade.auto_score = score
        gradebook.db.commit()


def recorded(made: Course) -> tuple[float, float]:
    """Return the score and the greatest score of the recorded test."""
    with made.gradebook() as gradebook:
        grade = gradebook.find_grade("test-double", NAME, NAME, "student-01")
        return grade.auto_score, grade.max_score


def test_releasing_again_keeps_grades_and_takes_new_points(made):
    release(made)
    submit(made, 1.25)
    write(made.solutions, TEXT.replace('test="double" points=2', 'test="double" points=3'))
    release(made)
    assert recorded(made) == (1.25, 3)


def test_cells_that_have_submissions_cannot_go(made):
    release(made)
    submit(made, 2)
    before = snapshot(made.root / "assignments"), snapshot(made.source_dir)
    write(made.solutions, TEXT.replace('part="array"', 'part="vector"'))
    with pytest.raises(AutograderError, match="holds submissions to other cells") as caught:
        release(made)
    assert f"nbgrader db assignment remove {NAME} --force" in str(caught.value)
    assert "Cannot add or remove cells" in str(caught.value)
    assert (snapshot(made.root / "assignments"), snapshot(made.source_dir)) == before
    assert recorded(made) == (2, 2)


def configure(made: Course, text: str) -> Course:
    with (made.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(text)
    return Course.find(root=made.root)


def test_nbgraders_errors_come_with_its_log(made):
    made = configure(made, "c.ClearSolutions.code_stub = {'r': 'stop()'}\n")
    with pytest.raises(AutograderError, match=f"nbgrader did not release {NAME}") as caught:
        release(made)
    assert "has not been specified in" in str(caught.value)
    assert not made.release_dir.exists()


@pytest.mark.parametrize(
    ("setting", "leaked"),
    [
        (
            "from nbgrader.preprocessors import SaveCells\n"
            "c.GenerateAssignment.preprocessors = [SaveCells]",
            "BEGIN SOLUTION",
        ),
        ("c.ClearHiddenTests.begin_test_delimeter = 'SECRET'", "BEGIN HIDDEN TESTS"),
    ],
)
def test_leak_is_refused_and_the_earlier_release_stays(setting, leaked, made):
    release(made)
    before = snapshot(made.release_dir)
    write(made.solutions, TEXT.replace("Doubling", "Halving"))
    with pytest.raises(AutograderError, match="would show students") as caught:
        release(configure(made, setting + "\n"))
    assert leaked in str(caught.value)
    assert snapshot(made.release_dir) == before


def test_leak_in_a_file_that_goes_along_is_refused(made):
    files = made.solutions / NAME / "files"
    files.mkdir()
    (files / "hint.py").write_text("    doubled_secretly = 2 * x\n", encoding="utf-8")
    with pytest.raises(AutograderError, match=r"hint.py would show students .*doubled_secretly"):
        release(made)
    assert not made.release_dir.exists()


def test_topics_folder_is_never_taken_for_a_build_folder(made):
    made = configure(made, "c.CourseDirectory.source_directory = 'solutions'\n")
    with pytest.raises(AutograderError, match="that is where the topics are"):
        release(made)
    assert (made.solutions / NAME / f"{NAME}.py").read_text(encoding="utf-8") == TEXT


def test_source_keeps_the_mark_scheme_inside_the_solution(released):
    built = build_source(parse(released.topic_path(NAME)))
    cell = next(cell for cell in built.cells if cell.id == "explain")
    order = [line for line in cell.source.split("\n") if line.startswith("###")]
    assert order == [
        "### BEGIN SOLUTION",
        "### BEGIN MARK SCHEME",
        "### END MARK SCHEME",
        "### END SOLUTION",
    ]
    preprocessor = ClearSolutions()
    preprocessor.preprocess(built, {})
    assert "definition" not in cell.source


def test_nbgrader_generates_the_same_from_the_built_source(released, made):
    shutil.copytree(released.source_dir, made.source_dir)
    nbgrader("generate_assignment", NAME, cwd=made.root)
    theirs = nbformat.read(made.release_dir / NAME / f"{NAME}.ipynb", as_version=4)
    assert source_notebook.to_text(theirs) == source_notebook.to_text(read(released))


@pytest.mark.slow
def test_nbgrader_validate_fails_the_stub_and_passes_the_solution(released, tmp_path):
    stub = shutil.copy(released.release_dir / NAME / f"{NAME}.ipynb", tmp_path / "stub.ipynb")
    solved = tmp_path / "solved.ipynb"
    answers = submission(read(released), build_source(parse(released.topic_path(NAME))))
    solved.write_text(source_notebook.to_text(answers), encoding="utf-8")
    assert "VALIDATION FAILED ON 4 CELL(S)" in nbgrader("validate", stub, cwd=tmp_path)
    assert "Success! Your notebook passes all the tests." in nbgrader(
        "validate", solved, cwd=tmp_path
    )
