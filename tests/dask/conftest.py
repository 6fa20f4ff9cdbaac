"""A course of the tests of grading, and a cluster to be hurt."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import Course

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "autograder")]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a toy course, to be copied."""
    import toy_course

    root = tmp_path_factory.mktemp("template") / "course"
    toy_course.make(root)
    return root


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Course:
    """Return a toy course that the test may change."""
    root = tmp_path / "course"
    shutil.copytree(template, root)
    return Course.find(root=root)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Return a scheduler for a whole module."""
    import dask_lab

    made = dask_lab.Lab(tmp_path_factory.mktemp("cluster"))
    yield made
    made.close()


@pytest.fixture
def cluster(scheduler) -> Iterator:
    """Return a scheduler without workers; those that a test starts end with it."""
    yield scheduler
    scheduler.reset()
