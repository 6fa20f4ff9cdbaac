"""Finding the course folder and reading nbgrader's configuration of it."""

from __future__ import annotations

import os
import runpy
import sqlite3
from pathlib import Path

import pytest
from nbgrader.api import MissingEntry
from traitlets.config import Config

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.grading.exam_limits import ExamLimits
from autograder.topics import markers
from tests.support.toy_topic import HOUSE, NAME, course


def configure(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\n{text}\n", encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def _own_settings(tmp_path, monkeypatch):
    """Read no settings of the person who runs the tests."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "user"))


def test_house_configuration():
    house = Course.find(root=HOUSE)
    assert house.source_dir == HOUSE / "build" / "source"
    assert house.release_dir == HOUSE / "assignments"
    assert house.solutions == HOUSE / "solutions"
    assert house.db_url == f"sqlite:///{HOUSE / 'gradebook.db'}"
    assert house.coursedir.course_id == "neural-networks"
    assert house.config.ClearSolutions.code_stub == {"python": markers.STUB}
    assert house.config.ClearSolutions.text_stub == markers.TEXT_STUB
    assert ExamLimits(config=house.config).cell_seconds >= 60


def test_house_configuration_sets_the_kernels_environment(monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "1")
    runpy.run_path(str(HOUSE / "nbgrader_config.py"), {"get_config": Config})
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3"
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "1"  # what a person sets, stays
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")


def test_found_from_below(tmp_path):
    root = configure(tmp_path / "course", "")
    below = root / "solutions" / NAME
    below.mkdir(parents=True)
    assert Course.find(below).root == root


def test_working_directory_is_the_default(tmp_path, monkeypatch):
    root = configure(tmp_path / "course", "c.CourseDirectory.release_directory = 'out'")
    monkeypatch.chdir(root)
    assert Course.find().release_dir == root / "out"


def test_working_directory_does_not_meddle(tmp_path, monkeypatch):
    root = configure(tmp_path / "course", "")
    monkeypatch.chdir(configure(tmp_path / "other", "c.CourseDirectory.release_directory = 'out'"))
    assert Course.find(root=root).release_dir == root / "release"


def test_no_course_folder(tmp_path):
    with pytest.raises(AutograderError, match=r"There is no nbgrader_config.py in .*or any folder"):
        Course.find(tmp_path)
    configure(tmp_path, "")
    with pytest.raises(AutograderError, match=r"There is no nbgrader_config.py in"):
        Course.find(root=tmp_path / "below")


def test_user_settings_are_read_and_the_course_wins(tmp_path):
    configure(
        tmp_path / "user",
        "c.CourseDirectory.feedback_directory = 'mine'\nc.CourseDirectory.course_id = 'mine'",
    )
    root = configure(tmp_path / "course", "c.CourseDirectory.course_id = 'theirs'")
    found = Course.find(root=root)
    assert found.feedback_dir == root / "mine"
    assert found.coursedir.course_id == "theirs"


def test_one_course_can_build_on_another(tmp_path):
    configure(tmp_path, "c.CourseDirectory.source_directory = 'build/source'")
    demo = configure(
        tmp_path / "build" / "demo",
        "load_subconfig('../../nbgrader_config.py')\nc.CourseDirectory.release_directory = 'out'",
    )
    found = Course.find(demo, solutions=tmp_path / "solutions")
    assert found.root == demo
    assert found.source_dir == demo / "build" / "source"
    assert found.release_dir == demo / "out"
    assert found.solutions == tmp_path / "solutions"
    assert found.submitted_dir == demo / "submitted"
    assert found.autograded_dir == demo / "autograded"


@pytest.mark.parametrize("text", ["c.CourseDirectory.course_id =", "raise RuntimeError('no')"])
def test_faulty_configuration(text, tmp_path):
    configure(tmp_path, text)
    with pytest.raises(AutograderError, match=r"nbgrader_config.py.* cannot be loaded"):
        Course.find(tmp_path)


def test_wrong_value_in_configuration(tmp_path):
    configure(tmp_path, "c.CourseDirectory.course_id = 3")
    with pytest.raises(AutograderError, match=r"nbgrader_config.py"):
        Course.find(tmp_path)


def test_finding_says_nothing(tmp_path, capfd):
    Course.find(configure(tmp_path, ""))
    assert capfd.readouterr() == ("", "")


def test_gradebook_is_made_without_alembic_on_path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", os.defpath)
    found = Course.find(configure(tmp_path, ""))
    with found.gradebook() as gradebook, pytest.raises(MissingEntry):
        gradebook.find_assignment(NAME)
    with sqlite3.connect(tmp_path / "gradebook.db") as database:
        assert database.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_any_database_address_passes_through(tmp_path):
    configure(tmp_path, "c.CourseDirectory.db_url = 'postgresql://localhost/grades'")
    assert Course.find(tmp_path).db_url == "postgresql://localhost/grades"
    found = Course.find(tmp_path, db_url="nosuchdatabase://teacher:secret@localhost/grades")
    assert found.api.coursedir.db_url == "nosuchdatabase://teacher:secret@localhost/grades"
    with (
        pytest.raises(AutograderError, match=r"teacher:\*\*\*@localhost") as caught,
        found.gradebook(),
    ):
        pass
    assert "secret" not in str(caught.value)


def test_gradebook_in_no_folder(tmp_path):
    found = Course.find(configure(tmp_path, ""), db_url=f"sqlite:///{tmp_path}/none/gradebook.db")
    with pytest.raises(AutograderError, match="cannot be opened"), found.gradebook():
        pass


def test_topics_are_the_folders_with_python_in_them(tmp_path):
    found = course(tmp_path)
    for name in ("__pycache__", ".hidden"):
        (found.solutions / name).mkdir()
        (found.solutions / name / "a.py").touch()
    (found.solutions / "02-pictures").mkdir()
    (found.solutions / "01-next").mkdir()
    (found.solutions / "01-next" / "draft.py").touch()
    assert found.topics() == ["01-next", NAME]
    assert found.topic_path(NAME) == found.solutions / NAME / f"{NAME}.py"
    with pytest.raises(AutograderError, match=rf'no topic "x" in .*: it has 01-next, {NAME}'):
        found.topic_path("x")


def test_course_without_topics(tmp_path):
    assert Course.find(configure(tmp_path, "")).topics() == []
