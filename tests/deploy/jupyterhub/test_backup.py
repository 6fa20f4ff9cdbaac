"""A backup of a hub is consistent while people work, and restores the same state."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from install import backup

ROOT = Path(__file__).resolve().parents[3]
BACKUP = ROOT / "deploy/jupyterhub/install/backup.py"


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """Return a hub's folder with a gradebook, a submission and the hub's own files."""
    made = tmp_path / "installation"
    for name in ("courses/nn/submitted/ben/t", "exchange/nn/inbound", "hub", "env/lib"):
        (made / name).mkdir(parents=True)
    (made / "courses/nn/submitted/ben/t/t.ipynb").write_text("ben's", encoding="utf-8")
    (made / "hub/hub.toml").write_text("[hub]", encoding="utf-8")
    (made / "exchange/nn/inbound").chmod(0o3733)
    with sqlite3.connect(made / "courses/nn/gradebook.db") as book:
        book.execute("create table grade (id integer primary key, pair integer)")
        book.execute("create table twin (id integer primary key, pair integer)")
        book.execute("insert into grade values (0, 20)")
    book.close()
    return made


def grades(installation: Path) -> list[tuple[int, int]]:
    book = sqlite3.connect(installation / "courses/nn/gradebook.db")
    try:
        return book.execute("select id, pair from grade order by id").fetchall()
    finally:
        book.close()


def test_what_was_saved_comes_back_with_its_rights(installation, tmp_path):
    copy = backup.save(installation, tmp_path / "copies")
    assert copy.stat().st_mode & 0o777 == 0o600
    (installation / "courses/nn/submitted/ben/t/t.ipynb").write_text("lost", encoding="utf-8")
    (installation / "courses/nn/gradebook.db").unlink()
    backup.restore(copy, installation)
    assert (installation / "courses/nn/submitted/ben/t/t.ipynb").read_text("utf-8") == "ben's"
    assert grades(installation) == [(0, 20)]
    assert (installation / "exchange/nn/inbound").stat().st_mode & 0o7777 == 0o3733
    assert (installation / "env/lib").is_dir()
    # The state before the restore is kept.
    (before,) = installation.glob("courses.before-*")
    assert (before / "nn/submitted/ben/t/t.ipynb").read_text("utf-8") == "lost"


def test_a_copy_is_consistent_while_somebody_grades(installation, tmp_path):
    stop = threading.Event()

    def grade() -> None:
        book = sqlite3.connect(installation / "courses/nn/gradebook.db", timeout=60)
        number = 1
        while not stop.is_set():
            with book:
                book.execute("insert into grade values (?, ?)", (number, number))
                book.execute("insert into twin values (?, ?)", (number, number))
            number += 1
        book.close()

    worker = threading.Thread(target=grade)
    worker.start()
    try:
        copies = [backup.save(installation, tmp_path / "copies") for _ in range(3)]
    finally:
        stop.set()
        worker.join()
    for copy in copies:
        back = tmp_path / f"back-{copy.stem}"
        backup.restore(copy, back)
        book = sqlite3.connect(back / "courses/nn/gradebook.db")
        assert book.execute("pragma integrity_check").fetchone() == ("ok",)
        assert book.execute(
            "select count(*) from grade where id > 0 and id not in (select id from twin)"
        ).fetchone() == (0,)
        book.close()


def test_old_copies_are_thrown_away_and_the_newest_kept(installation, tmp_path):
    copies = [backup.save(installation, tmp_path / "copies", keep=2) for _ in range(4)]
    assert sorted((tmp_path / "copies").iterdir()) == copies[-2:]


def test_a_copy_that_cannot_be_written_leaves_nothing(installation, tmp_path, monkeypatch):
    def full(command):
        raise subprocess.CalledProcessError(2, command, "", "tar: No space left on device")

    monkeypatch.setattr(backup, "_tar", full)
    with pytest.raises(backup.BackupError, match="No space left on device"):
        backup.save(installation, tmp_path / "copies")
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_broken_copy_changes_nothing(installation, tmp_path):
    copy = backup.save(installation, tmp_path / "copies")
    copy.write_bytes(copy.read_bytes()[:6000])
    with pytest.raises(backup.BackupError):
        backup.restore(copy, installation)
    subprocess.run(["tar", "-cf", tmp_path / "other.tar", "-C", installation, "env"], check=True)
    with pytest.raises(backup.BackupError, match="not a copy of a hub"):
        backup.restore(tmp_path / "other.tar", installation)
    assert grades(installation) == [(0, 20)]
    assert not list(installation.glob("*.before-*"))


def test_no_hub_is_said(tmp_path):
    done = subprocess.run(
        [sys.executable, BACKUP, "save", tmp_path / "c", "--folder", tmp_path],
        capture_output=True,
        text=True,
        env={**os.environ},
    )
    assert done.returncode == 1
    assert "There is no hub in" in done.stderr
