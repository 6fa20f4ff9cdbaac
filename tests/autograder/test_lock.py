"""A lock is one process's, is freed when that ends in any way, and is never what stops grading."""

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder import lock
from autograder.errors import AutograderError
from autograder.grading.lock import Busy, grading_lock
from autograder.lti import ledger
from autograder.watch import notes

HELD = """
import sys
from pathlib import Path
from autograder import lock
held = lock.take(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen:
    """Start a process that holds a lock until it is killed, or its input ends."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", HELD, str(path)], text=True, **pipes)
    assert process.stdout.readline() == "held\n"
    return process


def course(root: Path) -> SimpleNamespace:
    return SimpleNamespace(root=root, autograded_dir=root / "autograded")


def test_one_process_has_it_until_it_is_killed(tmp_path):
    path = tmp_path / "lock"
    with holder(path) as other:
        with pytest.raises(BlockingIOError):
            lock.take(path)
        other.kill()
        other.wait()
        lock.take(path).close()


def test_who_waits_says_so_and_gets_it_when_the_other_ends(tmp_path, monkeypatch, capsys):
    path, tried = tmp_path / "lock", []
    flock = fcntl.flock
    with holder(path) as other:

        def end_before_waiting(file, how):
            tried.append(how)
            if not how & fcntl.LOCK_NB:
                assert "one moment" in capsys.readouterr().err
                other.stdin.close()
            flock(file, how)

        monkeypatch.setattr(fcntl, "flock", end_before_waiting)
        with lock.take(path, waiting="one moment"):
            assert len(tried) == 2


def test_closing_frees_it_and_the_file_is_its_owners(tmp_path):
    path = tmp_path / "lock"
    for _ in range(2):
        with lock.take(path) as held:
            held.write(b"x")
    assert path.read_bytes() == b"x"
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_fails_leaves_no_file_open(tmp_path):
    before = len([*Path("/proc/self/fd").iterdir()])
    with lock.take(tmp_path / "lock"):
        for _ in range(3):
            with pytest.raises(BlockingIOError):
                lock.take(tmp_path / "lock")
    with pytest.raises(IsADirectoryError):
        lock.take(tmp_path)
    assert len([*Path("/proc/self/fd").iterdir()]) == before


def test_each_user_of_a_lock_says_who_has_it(tmp_path):
    (tmp_path / notes.FOLDER).mkdir()
    with (
        notes.alone(course(tmp_path)),
        pytest.raises(AutograderError, match=f"watched already, by process {os.getpid()}:"),
        notes.alone(course(tmp_path)),
    ):
        pytest.fail("two have it")
    with (
        grading_lock(course(tmp_path)),
        pytest.raises(Busy, match="Another run is grading"),
        grading_lock(course(tmp_path), wait=False),
    ):
        pytest.fail("two have it")
    with (
        ledger.opened(tmp_path / "sent"),
        pytest.raises(AutograderError, match="Another run is sending grades"),
        ledger.opened(tmp_path / "sent"),
    ):
        pytest.fail("two have it")


def test_where_the_file_system_has_no_locks_no_other_process_is_blamed(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with grading_lock(course(tmp_path)):  # one grades all the same
        pass
    for opened in (notes.alone(course(tmp_path)), ledger.opened(tmp_path / "sent")):
        with pytest.raises(AutograderError, match=r"cannot be used \(No locks available\)"), opened:
            pytest.fail("it was opened")
