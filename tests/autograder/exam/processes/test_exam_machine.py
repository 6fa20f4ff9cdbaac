"""What the machine does to an exam costs no points: the exam is held again, or not graded."""

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from autograder.errors import NotHeld
from autograder.exam.exam import Exam
from autograder.exam.processes import exam_pool as conducting
from autograder.exam.processes.exam_pool import ExamPool
from autograder.exam.processes.proctor_client import ProctorClient
from tests.support.toy_exam import LIMITS, check, code, notebook, passed


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(conducting, "_PAUSE_S", 0.0)


def simple(first="assert x == 1"):
    return notebook("x = 1", check(first, "test-a"), check("assert x == 1", "test-b"))


def unless(mark, then):
    """Do something once only; a test's own file system is the grader's."""
    return (
        f"import os, pathlib, signal\nmark = pathlib.Path({str(mark)!r})\n"
        f"if not mark.exists():\n    mark.touch()\n    {then}\nassert x == 1"
    )


ENDS = {
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "crashed": "os.abort()",
    "left": "os._exit(7)",
}


@pytest.mark.parametrize("end", ENDS)
def test_an_examiner_that_is_lost_once_costs_nothing(examine, tmp_path, end):
    result = examine(simple(unless(tmp_path / "mark", ENDS[end])))
    assert passed(result) == {"test-a": True, "test-b": True}
    assert not result.remarks


@pytest.mark.parametrize("end", ["crashed", "left"])
def test_a_test_that_ends_its_examiner_each_time_is_left_out(examine, end):
    result = examine(simple(f"import os\n{ENDS[end]}"))
    assert passed(result) == {"test-a": False, "test-b": True}


def test_an_examiner_that_is_killed_each_time_leaves_no_score(examine):
    with pytest.raises(NotHeld, match="killed from outside"):
        examine(simple(f"import os, signal\n{ENDS['killed']}"))


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_process_that_cannot_start_is_tried_again(examine, monkeypatch, times):
    real, failed = ProctorClient.fork, []

    def fork(self, role, files=None):
        if role == "candidate" and len(failed) < times:
            failed.append(role)
            raise NotHeld("the exam could not start a process (EAGAIN)")
        return real(self, role, files)

    monkeypatch.setattr(ProctorClient, "fork", fork)
    if times == 3:
        with pytest.raises(NotHeld, match="EAGAIN"):
            examine(simple())
    else:
        assert passed(examine(simple())) == {"test-a": True, "test-b": True}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), MemoryError()])
def test_a_full_disk_is_nobodys_fault(examine, monkeypatch, error):
    def fails(self):
        raise error

    monkeypatch.setattr(Exam, "_own_files", fails)
    with pytest.raises(NotHeld, match=r"No space left|MemoryError"):
        examine(simple())


def test_a_candidate_that_does_not_get_ready_is_nobodys_fault(examine, monkeypatch):
    monkeypatch.setattr(Exam, "_own_files", lambda self: Path("/there/is/no/such/folder"))
    with pytest.raises(NotHeld, match="tried 3 times: the process that runs your code was lost"):
        examine(simple())


def test_a_machine_that_is_far_too_busy_is_named(examine, monkeypatch):
    monkeypatch.setattr(conducting, "_SLOWEST", 0.0)
    with pytest.raises(NotHeld, match="the machine is too busy"):
        examine(simple("import time\ntime.sleep(3)"))


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def ran_s(pid):
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def candidates(proctor):
    """Return the processes in sandboxes; of each, another one waits outside."""
    with suppress(OSError):
        return [int(pid) for outer in children(proctor) for pid in children(outer)]
    return []


def stop(pid):
    """Stop it for longer than it may wait."""
    os.kill(pid, signal.SIGSTOP)
    time.sleep(4)
    os.kill(pid, signal.SIGCONT)


def kill(pid):
    """End it, as the kernel does where the whole machine is out of memory."""
    os.kill(pid, signal.SIGKILL)


def disturb(how, proctor, disturbed, over):
    """Do something once to a candidate that is at work; tell it and those after it to go on."""
    while not over.is_set():
        for pid in candidates(proctor):
            with suppress(OSError):  # it has just ended
                if ran_s(pid) > 0.4:
                    if not disturbed.is_set():
                        how(pid)
                        disturbed.set()
                    os.kill(pid, signal.SIGUSR1)
        time.sleep(0.02)


@pytest.fixture(scope="module")
def confined():
    with ExamPool(LIMITS, sandbox="required") as exam_pool:
        exam_pool.start()
        yield exam_pool


@pytest.mark.slow
@pytest.mark.parametrize("how", [stop, kill])
def test_what_is_done_to_a_candidate_from_outside_costs_nothing(confined, how):
    work = "import signal\ntold = []\nsignal.signal(signal.SIGUSR1, lambda *_: told.append(1))\n"
    cell = code(f"{work}while not told: pass\ny = 1")
    cell.metadata["autograder"] = {"limit_s": 3}
    disturbed, over = threading.Event(), threading.Event()
    proctor = confined._proctor._process.pid
    thread = threading.Thread(target=disturb, args=(how, proctor, disturbed, over))
    thread.start()
    try:
        result = confined.examine(notebook(cell, check("assert y == 1")))
    finally:
        over.set()
        thread.join()
    assert disturbed.is_set()
    assert passed(result) == {"test-it": True}
    assert not result.remarks
