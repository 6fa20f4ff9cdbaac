"""Submissions in the exchange: complete or absent, and only from their student."""

import os
import shutil
from pathlib import Path

import nnkit_exchange
import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from traitlets.config import Config

from tests.support import require

ROOT = Path(__file__).resolve().parents[3]
CONFIG = ROOT / "deploy/jupyterhub/config"
SECRET = "submission_secret.txt"  # created if missing, since nbgrader stops without it
STAMP = "2027-01-05 10:00:00.000000 UTC"
ME = "root" if os.geteuid() == 0 else os.environ.get("USER", "nobody")


@pytest.fixture
def course(tmp_path: Path, monkeypatch) -> Path:
    """Return a folder with an exchange, a released topic, and a student's work on it."""
    for name in ("inbound", "outbound/t", "feedback"):
        (tmp_path / "exchange/nn" / name).mkdir(parents=True)
    (tmp_path / "exchange/nn/inbound").chmod(0o3733)
    (tmp_path / "exchange").chmod(0o1777)
    (tmp_path / "exchange/nn/outbound/t/t.ipynb").write_text("{}", encoding="utf-8")
    (tmp_path / "home/nn/t").mkdir(parents=True)
    (tmp_path / "home/nn/t/t.ipynb").write_text('{"mine": 1}', encoding="utf-8")
    (tmp_path / "course").mkdir()
    monkeypatch.chdir(tmp_path / "home")
    return tmp_path


def exchange(kind, course: Path, **options):
    config = Config()
    config.Exchange.root = str(course / "exchange")
    config.Exchange.path_includes_course = True
    config.Exchange.cache = str(course / "cache")
    config.CourseDirectory.root = str(course / "course")
    config.CourseDirectory.course_id = "nn"
    config.CourseDirectory.assignment_id = "t"
    for name, value in options.items():
        config[kind.__name__][name] = value
    from nbgrader.auth import Authenticator

    return kind(
        coursedir=CourseDirectory(config=config),
        authenticator=Authenticator(config=config),
        config=config,
    )


def inbound(course: Path) -> list[Path]:
    return sorted((course / "exchange/nn/inbound").iterdir())


def put(course: Path, name: str) -> Path:
    """Create a submission without nbgrader, as a student who knows the exchange can."""
    place = course / "exchange/nn/inbound" / name
    shutil.copytree(course / "home/nn/t", place)
    (place / "timestamp.txt").write_text(STAMP, encoding="utf-8")
    return place


def collected(course: Path) -> dict[str, set[str]]:
    exchange(nnkit_exchange.Collect, course).start()
    places = (course / "course/submitted").glob("*/t")
    return {place.parent.name: {p.name for p in place.iterdir()} for place in places}


def test_others_cannot_open_what_was_handed_in(course):
    exchange(nnkit_exchange.Submit, course).start()
    (place,) = inbound(course)
    assert place.stat().st_mode & 0o777 == 0o770
    assert {p.name for p in place.iterdir()} == {
        "t.ipynb",
        "timestamp.txt",
        "submission_secret.txt",
    }


def test_what_was_handed_in_is_collected(course):
    exchange(nnkit_exchange.Submit, course).start()
    student = inbound(course)[0].name.split("+")[0]
    assert collected(course) == {student: {"t.ipynb", "timestamp.txt", "submission_secret.txt"}}


def test_a_copy_that_fails_half_way_leaves_nothing(course, monkeypatch):
    def full(source, target, **_):
        Path(target).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", full)
    monkeypatch.setattr(shutil.copytree, "__defaults__", (False, None, full, False, False))
    with pytest.raises(ExchangeError, match=r"NOT handed in \(.*No space left.*submit again"):
        exchange(nnkit_exchange.Submit, course).start()
    assert inbound(course) == []
    assert not list((course / "cache").rglob("*.ipynb"))


def test_a_full_home_does_not_undo_what_was_handed_in(course):
    (course / "cache").write_text("not a folder", encoding="utf-8")
    with pytest.raises(ExchangeError, match="was handed in, but your own list"):
        exchange(nnkit_exchange.Submit, course).start()
    (place,) = inbound(course)
    assert place.stat().st_mode & 0o777 == 0o770


def test_what_is_anothers_is_not_collected_as_the_students(course, caplog):
    put(course, f"{ME}+t+{STAMP}+own")
    put(course, f"somebody+t+{STAMP}+forged")
    require(ME != "nobody", "the account that runs the tests has no name")
    assert set(collected(course)) == {ME}


def test_a_strange_name_does_not_stop_the_collection(course):
    put(course, f"{ME}+t+{STAMP}+own")
    for name in ("x+t+no time", "+t+", f"{ME}+t+99999-01-01 00:00:00 UTC+y", "x+t+\n"):
        put(course, name)
    assert set(collected(course)) == {ME}


def test_links_are_not_followed(course):
    secret = course / "secret.txt"
    secret.write_text("the solution", encoding="utf-8")
    place = put(course, f"{ME}+t+{STAMP}+own")
    (place / "solution.txt").symlink_to(secret)
    (place / "folder").symlink_to(course)
    os.mkfifo(place / "pipe")
    assert collected(course) == {ME: {"t.ipynb", "timestamp.txt", SECRET}}
    (course / "exchange/nn/inbound" / f"{ME}+t+2030-01-01 00:00:00 UTC+all").symlink_to(course)
    shutil.rmtree(course / "course/submitted")
    assert collected(course) == {ME: {"t.ipynb", "timestamp.txt", SECRET}}


def test_a_file_of_another_account_is_not_collected(course):
    require(os.geteuid() == 0, "only root can give a file to another account")
    place = put(course, f"{ME}+t+{STAMP}+own")
    (place / "theirs.txt").write_text("x", encoding="utf-8")
    os.chown(place / "theirs.txt", 12345, 12345)
    assert collected(course) == {ME: {"t.ipynb", "timestamp.txt", SECRET}}


def test_nbgrader_is_told_to_use_it():
    text = (CONFIG / "jupyter/nbgrader_config.py").read_text("utf-8")
    for name in ("Submit", "Collect"):
        assert f'"nnkit_exchange.{name}"' in text
