"""What tests of a whole course share."""

import shutil
from pathlib import Path

import pytest

from autograder.course import Course
from tests.support import toy_course as toy


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a toy course, to be copied: to release a topic takes seconds."""
    root = tmp_path_factory.mktemp("template") / "course"
    toy.make(root)
    return root


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Course:
    """Return a toy course that the test may change."""
    root = tmp_path / "course"
    shutil.copytree(template, root)
    return Course.find(root=root)
