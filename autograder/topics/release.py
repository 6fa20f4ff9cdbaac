"""From a topic's text to the student's notebook: nbgrader converts, reproducibly."""

from __future__ import annotations

import filecmp
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import capture_log

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.gradebook import cell_changes, voids
from autograder.grading.nbgrader_steps import resolved
from autograder.topics import files, leak_check, releases
from autograder.topics.cells import Topic
from autograder.topics.source_notebook import build_source, notebook_metadata, to_text
from autograder.topics.topic import parse

Step = Callable[..., tuple[Any, Any]]


def release(
    course: Course,
    names: Sequence[str] = (),
    *,
    change_cells: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Make the student's notebook of each topic and register it in the gradebook.

    Grades and submissions that the gradebook holds are kept. A topic that cannot be released
    leaves its earlier release as it was.

    Parameters
    ----------
    course
        The course folder.
    names
        The topics; none means all.
    change_cells
        Also add, remove and rename cells with points of a topic that has grades. Grades of a
        removed cell are kept, and restored with it.
    say
        Called with a sentence for each such change.

    Returns
    -------
    list of Path
        The released notebooks.

    Raises
    ------
    AutograderError
        If a topic is invalid, would leak, or nbgrader refuses it. All topics are read before the
        first one is released.
    """
    topics = _read(course, names)
    with course.gradebook():
        pass  # creates the gradebook if there is none, or raises an error
    change = cell_changes.changer(say) if change_cells else None
    made = [_release(course, topic, change) for topic in topics]
    with course.gradebook() as gradebook:
        for topic in topics:
            # Tests that were voided after grading stay voided in this release.
            voids.settle(gradebook, gradebook.find_assignment(topic.name))
        gradebook.db.commit()
    return made


def check_current(course: Course, names: Sequence[str] = ()) -> list[str]:
    """Compare the released notebooks with what the topics' texts give now.

    Neither the gradebook nor the course folder is changed.

    Returns
    -------
    list of str
        One sentence for each file that differs; empty if all files are current.
    """
    stale: list[str] = []
    for topic in _read(course, names):
        with tempfile.TemporaryDirectory() as temporary:
            fresh = _render(course, topic, Path(temporary))
            differing = _differences(fresh, course.release_dir / topic.name)
        stale += [
            f"{path} is not current: run `autograder release {topic.name}`." for path in differing
        ]
    if not names and course.release_dir.is_dir():
        for folder in sorted(course.release_dir.iterdir()):
            if folder.is_dir() and folder.name not in course.topics():
                stale.append(f"{folder} has no topic in {course.solutions}: remove it.")
    return stale


def _read(course: Course, names: Sequence[str]) -> list[Topic]:
    wanted = list(dict.fromkeys(names)) or course.topics()
    if not wanted:
        raise AutograderError(
            f"There are no topics in {course.solutions}: write one as TOPIC/TOPIC.py."
        )
    topics: list[Topic] = []
    faults: list[str] = []
    for name in wanted:
        try:
            topics.append(parse(course.topic_path(name)))
        except AutograderError as error:
            faults.append(str(error))
    if faults:
        raise AutograderError("\n".join(faults))
    return topics


def _release(course: Course, topic: Topic, change: Step | None) -> Path:
    _keep_apart(course.source_dir / topic.name, topic)
    path = course.release_dir / topic.name / f"{topic.name}.ipynb"
    _remember(course, topic, path)
    with tempfile.TemporaryDirectory() as temporary:
        # Once without the gradebook, so that a leak is found before anything is recorded.
        _render(course, topic, Path(temporary))
        made = _render(course, topic, Path(temporary), record=True, change=change)
        _publish(Path(temporary, "source", topic.name), course.source_dir / topic.name)
        _publish(made, course.release_dir / topic.name)
    _remember(course, topic, path)
    return path


def _remember(course: Course, topic: Topic, path: Path) -> None:
    """Record the released notebook, also one from before the record began."""
    try:
        released = releases.of_notebook(path)
    except (OSError, ValueError, KeyError, TypeError):
        return  # none yet, or no notebook that a student could have worked on
    releases.remember(course.root, topic.name, released)


def _render(
    course: Course,
    topic: Topic,
    folder: Path,
    *,
    record: bool = False,
    change: Step | None = None,
) -> Path:
    """Make a topic's source and release in a scratch folder; return the folder of the release."""
    source = folder / "source"
    coursedir = _coursedir(
        course, topic, source_directory=str(source), release_directory=str(folder / "release")
    )
    _write_source(source / topic.name, topic)
    _convert(coursedir, course, topic, record=record, change=change)
    return _finish(coursedir, topic)


def _coursedir(course: Course, topic: Topic, **folders: str) -> CourseDirectory:
    return CourseDirectory(
        config=course.config,
        root=str(course.root),
        assignment_id=topic.name,
        directory_structure=str(Path("{nbgrader_step}", "{student_id}", "{assignment_id}")),
        notebook_id="*",
        **folders,
    )


def _keep_apart(source: Path, topic: Topic) -> None:
    home = topic.path.resolve().parent
    if source.resolve() == home or home in source.resolve().parents:
        raise AutograderError(
            f"nbgrader_config.py takes {source.parent} for nbgrader's source folder, but that is "
            'where the topics are: set CourseDirectory.source_directory to "build/source".'
        )


def _write_source(folder: Path, topic: Topic) -> None:
    """Replace nbgrader's source folder of a topic."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    text = to_text(build_source(topic))
    (folder / f"{topic.name}.ipynb").write_text(text, encoding="utf-8", newline="\n")
    files.copy(topic, folder)


def _convert(
    coursedir: CourseDirectory, course: Course, topic: Topic, *, record: bool, change: Step | None
) -> None:
    """Let nbgrader make the student's version, with or without the gradebook.

    ``change`` runs right before nbgrader saves the cells.
    """
    converter = GenerateAssignment(coursedir=coursedir, config=course.config)
    converter.force = True
    converter.create_assignment = True
    steps = [resolved(step) for step in converter.preprocessors]
    if not record:
        converter.no_database = True
        converter.preprocessors = [step for step in steps if step is not SaveCells]
    elif change:
        place = steps.index(SaveCells) if SaveCells in steps else 0
        converter.preprocessors = [*steps[:place], change, *steps[place:]]
    result = capture_log(converter)
    if not result["success"]:
        raise AutograderError(_nbgrader_fault(topic, result))


def _nbgrader_fault(topic: Topic, result: dict[str, str]) -> str:
    log = result.get("log", "").strip() or result["error"].strip()
    refused = f"{topic.path}: nbgrader did not release {topic.name}."
    if found := re.search(r"Cannot add or remove cells.*", log):
        return (
            f"{refused} The gradebook holds submissions to other cells than these. Keep the names "
            "of tasks and tests; or release with --change-cells, which keeps all grades; or leave "
            f"the release as it is and take a test out of the score: autograder void {topic.name} "
            "TEST --drop. (To take the assignment out of the gradebook with its grades: "
            f"`nbgrader db assignment remove {topic.name} --force`.) nbgrader says: {found[0]}"
        )
    indented = "\n".join(f"    {line}" for line in log.splitlines())
    return f"{refused} Its message:\n{indented}"


def _finish(coursedir: CourseDirectory, topic: Topic) -> Path:
    """Write nbgrader's notebook in its final form, check it, and return its folder."""
    folder = Path(coursedir.format_path(coursedir.release_directory, ".", topic.name)).resolve()
    path = folder / f"{topic.name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata = notebook_metadata(topic)
    nbformat.validate(notebook)
    path.write_text(to_text(notebook), encoding="utf-8", newline="\n")
    leak_check.check_folder(folder, topic)
    return folder


def _differences(fresh: Path, released: Path) -> list[Path]:
    """Return the files under ``released`` that are missing, surplus or different from ``fresh``."""
    names = {
        path.relative_to(folder)
        for folder in (fresh, released)
        for path in folder.rglob("*")
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    }
    _, different, missing = filecmp.cmpfiles(fresh, released, sorted(names), shallow=False)
    return sorted(released / name for name in (*different, *missing))


def _publish(made: Path, target: Path) -> None:
    """Move a finished release to its folder; at any time there is a complete release."""
    if target.is_dir() and not _differences(made, target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".release-") as temporary:
        staged = Path(temporary, "new")
        shutil.copytree(made, staged)
        if target.exists():
            target.rename(Path(temporary, "old"))
        staged.rename(target)
