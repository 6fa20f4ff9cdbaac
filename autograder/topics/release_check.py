"""Release topics after an exam of each shows that its own solution passes its own tests."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from autograder.atomic_file import write_whole
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.grading.exam_engine import ExamEngine
from autograder.topics import course_rules, files, leak_check
from autograder.topics.cells import Topic
from autograder.topics.release import release
from autograder.topics.source_notebook import build_source, to_text
from autograder.topics.topic import parse

#: The file of passed topics in nbgrader's source folder; it is written again if it is missing.
PASSED = ".passed.json"


def release_and_show(
    course: Course,
    names: Sequence[str],
    console: Console,
    *,
    run: bool = True,
    change_cells: bool = False,
) -> list[Path]:
    """Release topics whose solutions pass, and print which files each release contains.

    A topic that has passed as it is now, with these libraries and limits, is not run again.

    Raises
    ------
    AutograderError
        As `check` and `release` do; no topic is released then.
    """
    names = list(names) or course.topics()
    known = _passed(course)
    marks = _marks(course, names) if run else {}
    unsure = [name for name in marks if known.get(name) != marks[name]]
    why = check(course, unsure) if unsure else ""
    if why:
        console.print(f"! {why}", style="yellow", soft_wrap=True, markup=False)

    def say(text: str) -> None:
        console.print(text, soft_wrap=True, highlight=False, markup=False)

    rules = course_rules.load(course.solutions)
    made = release(course, names, change_cells=change_cells, say=say)
    if unsure and not why:
        text = json.dumps({**known, **marks}, indent=1, sort_keys=True)
        write_whole(course.source_dir / PASSED, text.encode(), "The record of passed topics")
    for path in made:
        topic = parse(course.topic_path(path.stem))
        names = ", ".join(map(str, files.named(topic)))
        with_files = f" with {names}" if names else ""
        console.print(f"Released {path}{with_files}", soft_wrap=True, highlight=False, markup=False)
        for text in [*course_rules.broken(topic, rules), *leak_check.shown(topic)]:
            console.print(f"! {text}", style="yellow", soft_wrap=True, markup=False)
    return made


def _passed(course: Course) -> Mapping[str, str]:
    """Return the digests of the topics that have passed, by name."""
    try:
        known = json.loads((course.source_dir / PASSED).read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _marks(course: Course, names: Sequence[str]) -> dict[str, str]:
    """Return a digest of all that decides the exam of each topic's solution, by name."""
    version = ExamEngine.of(course.config).version
    marks = {}
    for topic in (parse(course.topic_path(name)) for name in names):
        digest = hashlib.sha256(f"{version}\n{to_text(build_source(topic))}".encode())
        for name in files.named(topic):
            digest.update(f"\n{name}\n".encode() + (topic.path.parent / name).read_bytes())
        marks[topic.name] = digest.hexdigest()
    return marks


def check(course: Course, names: Sequence[str]) -> str:
    """Hold the exam of each topic's reference solution; if no exam can be held, return the reason.

    Raises
    ------
    AutograderError
        If a given cell, an open cell or a test fails; the message names them all.
    """
    engine = ExamEngine.of(course.config)
    try:
        engine.start()
    except AutograderError as error:
        return f"The topics' own solutions were not run: {error}"
    topics = [parse(course.topic_path(name)) for name in names]
    try:
        faults = [fault for topic in topics for fault in _faults(topic, engine)]
    finally:
        engine.stop()
    if faults:
        raise AutograderError(
            "\n".join(faults) + "\nNothing was released. Fix this, or release without running "
            "the solution: autograder release --no-run"
        )
    return ""


def _faults(topic: Topic, engine: ExamEngine) -> list[str]:
    """Return one sentence for each cell that fails on the reference solution."""
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        files.copy(topic, Path(folder))
        given = tuple(map(str, files.named(topic)))
        result = engine.run(build_source(topic), Path(folder), given)
    said = []
    for cell, ran in zip(topic.cells, result.notebook.cells, strict=False):
        error = next((o for o in ran.get("outputs", []) if o.output_type == "error"), None)
        if error is not None:
            what = "fails on the topic's own solution" if cell.kind == "test" else "fails"
            message = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
            said.append(f"{topic.path}:{cell.line}: {cell.label} {what} ({message}).")
    return said or [f"{topic.path}: {text}." for text in [result.fault] if text]
