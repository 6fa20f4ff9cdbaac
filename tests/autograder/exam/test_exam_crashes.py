"""Crashes, endless loops and bombs cost the cells they are in, and hang nobody."""

import os
import re
import time
from pathlib import Path

import pytest

from autograder.errors import AutograderError
from autograder.exam.limits import Limits
from autograder.exam.processes.exam_pool import ExamPool
from autograder.remarks import texts
from tests.support import PATIENCE_S, wait_for
from tests.support.toy_exam import LIMITS, check, errors, given, limited, notebook, passed, text

AROUND = PATIENCE_S  # only to notice hanging

CRASHES = {
    "segfault": "import ctypes; ctypes.string_at(0)",
    "os._exit": "import os; os._exit(0)",
    "kill": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "abort": "import os; os.abort()",
}
ENDINGS = {
    "sys.exit": "import sys; sys.exit(1)",
    "SystemExit": "raise SystemExit",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "recursion": "def r(): return r()\nr()",
    "memory": "block = bytearray(10**12)",
}


def around(cell):
    return notebook(
        given("import numpy as np"),
        "before = 1\nstate = [0]\ndef f(): return before",
        "state[0] += 1",
        cell,
        "after = before + 1",
        check("assert f() == 1 and after == 2 and state == [1]", "test-rest"),
        check("assert broken_name", "test-broken"),
    )


@pytest.mark.parametrize("name", CRASHES)
def test_a_crash_costs_only_its_cell(examine, name):
    result = examine(around(CRASHES[name] + "\nbroken_name = 1"))
    assert passed(result) == {"test-rest": True, "test-broken": False}
    assert result.notebook.cells[3].outputs[-1].ename == "ProcessEnded"
    assert any(remark.startswith("cell 4:") for remark in texts(result.remarks))


@pytest.mark.parametrize("name", ENDINGS)
def test_an_ending_costs_only_what_comes_after_it_in_its_cell(examine, name):
    result = examine(around(ENDINGS[name] + "\nbroken_name = 1"))
    assert passed(result) == {"test-rest": True, "test-broken": False}
    assert result.notebook.cells[3].outputs[0].output_type == "error"
    assert result.remarks == []


RAN, WAITED = "it used more than 1 s of processor time (", "it waited for more than 1 s ("
SPENT = re.compile(r"\(([\d.]+) s of processor time, ([\d.]+) s on the clock\)$")
# Not by `os.fork`: Python may lose an interrupt in what it calls after one.
CHAIN = """
import os
count = "i=0; while [ $i -lt 9999 ]; do i=$((i+1)); done"
while True:
    child = os.posix_spawn("/bin/sh", ["sh", "-c", count], {})
    os.waitpid(child, 0)
"""
UNSEEN = f"import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN){CHAIN}".replace(
    "os.waitpid(child, 0)", "try: os.waitpid(child, 0)\n    except ChildProcessError: pass"
)
ENDLESS = {
    "spins": ("while True: pass", RAN),
    "sleeps": ("import time; time.sleep(99)", WAITED),
    "waits for a lock": ("import threading as t; t.Event().wait()", WAITED),
    "waits for a child that spins": (
        "import subprocess as s, sys; s.run([sys.executable, '-c', 'while True: pass'])",
        RAN,
    ),
    "waits for a child that sleeps": ("import subprocess as s; s.run(['sleep', '99'])", WAITED),
    "a chain of children": (CHAIN, RAN),
    "a chain of children that nobody reaps": (UNSEEN, "it "),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ENDLESS)
def test_an_endless_cell_is_interrupted(examine, kind):
    loop, why = ENDLESS[kind]
    started = time.monotonic()
    result = examine(around(limited("broken_name = 0\n" + loop)))
    assert passed(result) == {"test-rest": True, "test-broken": False}
    assert result.notebook.cells[3].outputs[-1].ename == "KeyboardInterrupt"
    [remark] = result.remarks
    assert remark.text.startswith(f"cell 4 ran out of time and was interrupted: {why}")
    ran, on_the_clock = SPENT.search(remark.text).groups()
    if why is RAN:  # one after the other: what is counted twice would be more than the clock's
        assert 1 <= float(ran) <= float(on_the_clock) + 0.2
    assert time.monotonic() - started < AROUND


@pytest.mark.slow
@pytest.mark.parametrize(
    "loop",
    [
        "from time import sleep\nwhile True:\n    try: sleep(60)\n    except BaseException: pass",
        "sum(range(10**12))",
        "import signal as s; s.pthread_sigmask(s.SIG_BLOCK, [s.SIGINT])\nwhile True: pass",
    ],
)
def test_what_cannot_be_interrupted_is_ended(examine, loop):
    result = examine(around(limited(loop)))
    assert passed(result) == {"test-rest": True, "test-broken": False}
    assert "could not be interrupted" in result.notebook.cells[3].outputs[-1].evalue


def test_a_loop_in_a_call_fails_that_test_only(examine):
    result = examine(
        notebook(
            """
            import time
            kept = []
            def loop():
                while True: time.sleep(0.01)
            def stubborn():
                while True:
                    try: time.sleep(0.01)
                    except BaseException: pass
            def crash():
                import os
                os._exit(1)
            def fine(): return 1
            """,
            "kept.append(1)",
            check("assert fine() == 1\nkept_before = kept", "test-before"),
            limited(check("loop()", "test-loop")),
            limited(check("try: loop()\nexcept Exception: pass", "test-swallow")),
            check("assert fine() == 1 and kept == [1]", "test-after"),
            limited(check("g = fine\nstubborn()", "test-stubborn")),
            check("assert fine() == 1 and kept == [1] and g() == 1", "test-rebuilt"),
            check("import contextlib\nwith contextlib.suppress(Exception): crash()", "test-crash"),
            check("assert fine() == 1", "test-end"),
        )
    )
    assert passed(result) == {
        "test-before": True,
        "test-loop": False,
        "test-swallow": False,
        "test-after": True,
        "test-stubborn": False,
        "test-rebuilt": True,
        "test-crash": False,
        "test-end": True,
    }
    assert "took too long" in errors(result)["test-loop"]


@pytest.mark.slow
def test_a_callback_that_never_returns_ends_with_its_test(examine):
    result = examine(
        notebook(
            "def apply(g): return g()\ndef flood(g):\n    while True: g()\ndef f(): return 1",
            limited(check("def endless():\n    while True: pass\napply(endless)", "test-endless")),
            limited(check("flood(lambda: 1)", "test-flood")),
            limited(check("while True: pass", "test-own")),
            check("assert f() == 1", "test-after"),
        )
    )
    assert passed(result) == {
        "test-endless": False,
        "test-flood": False,
        "test-own": False,
        "test-after": True,
    }


@pytest.mark.slow
def test_an_endless_iterator_ends_with_its_test(examine):
    result = examine(
        notebook(
            "import itertools\nnumbers = itertools.count()\nendless = range(10**18)",
            limited(check("list(numbers)", "test-iterator")),
            limited(check("for i in endless: pass", "test-range")),
            check("assert next(numbers) > 0", "test-after"),
        )
    )
    assert passed(result) == {"test-iterator": False, "test-range": False, "test-after": True}


def test_a_crash_that_returns_on_replay_is_left_out_too(examine, tmp_path):
    mark = tmp_path / "mark"
    result = examine(
        notebook(
            f"import os\nif os.path.exists({str(mark)!r}): os._exit(1)\nflaky = 1",
            f"open({str(mark)!r}, 'w').close()\nos._exit(1)",
            "last = 1",
            check("assert last == 1", "test-last"),
            check("assert flaky == 1", "test-flaky"),
        )
    )
    assert passed(result) == {"test-last": True, "test-flaky": False}


def test_restarts_are_limited(examine):
    cells = ["import os\nos._exit(1)"] * 12
    result = examine(notebook("fine = 1", *cells, check("assert fine == 1")))
    assert passed(result) == {"test-it": False}
    assert "again and again" in errors(result)["test-it"]


@pytest.mark.slow
def test_the_whole_submission_has_a_limit(exam_pool):
    limits = Limits(cell_s=30, call_s=5, submission_s=3)
    with ExamPool(limits, sandbox="off") as hasty:
        hasty.examine(notebook("x = 1"))  # starting the proctor takes its time
        result = hasty.examine(
            notebook(
                "x = 1",
                check("assert x == 1", "test-early"),
                "while True: pass",
                check("assert x == 1", "test-late"),
            )
        )
    assert passed(result) == {"test-early": True, "test-late": False}
    assert any("whole submission" in remark for remark in texts(result.remarks))


def test_what_students_leave_running_is_ended(examine, tmp_path):
    pids = tmp_path / "pids"
    result = examine(
        notebook(
            f"""
            import subprocess, threading, time, os
            sleep = ["sleep", "300"]
            one = subprocess.Popen(sleep)
            away = "setsid sleep 300 & echo $!"
            two = subprocess.Popen(["sh", "-c", away], stdout=subprocess.PIPE)
            three = int(two.stdout.readline())
            open({str(pids)!r}, "w").write(f"{{one.pid}} {{three}}")
            threading.Thread(target=time.sleep, args=(300,)).start()
            """,
            "import os\nif os.fork() == 0: raise ValueError('the child came back')",
            "x = 1",
            check("assert x == 1"),
        )
    )
    assert passed(result) == {"test-it": True}
    for pid in pids.read_text().split():
        state = Path(f"/proc/{pid}/stat")
        wait_for(lambda state=state: not state.exists(), "it was not ended")


def test_memory_is_limited(exam_pool):
    result = exam_pool.examine(
        notebook(
            # Zeros are counted and not touched: some machines take seconds to provide so much.
            "import numpy as np\nblocks = []",
            "while True: blocks.append(np.zeros(10**7))",
            "del blocks\nx = 1",
            check("assert x == 1", "test-a"),
            check("assert len(blocks) >= 0", "test-b"),
        )
    )
    assert passed(result)["test-a"]
    assert result.notebook.cells[1].outputs[-1].ename in ("MemoryError", "_ArrayMemoryError")


@pytest.mark.slow
def test_a_family_that_uses_its_memory_up_is_told_so():
    fork = """
    import os, time
    for _ in range(8):  # each counts some 200 MB that it shares with its parent
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    time.sleep(60)
    """
    limits = Limits(memory_bytes=512 << 20)
    with ExamPool(limits) as small:
        result = small.examine(notebook("x = 1", fork, check("assert x == 1")))
        proctor = small._proctor._process.pid
    assert passed(result) == {"test-it": True}
    assert "used up their memory" in result.notebook.cells[1].outputs[-1].evalue
    assert ["used up their memory" in remark for remark in texts(result.remarks)] == [True]
    assert not list(Path("/sys/fs/cgroup").rglob(f"exam-{proctor}-*"))


def test_an_examiner_that_crashes_costs_only_its_test(examine):
    result = examine(
        notebook(
            "x = 1",
            check("assert x == 1", "test-a"),
            check("import ctypes\nctypes.string_at(0)", "test-crash"),
            check("assert x == 1", "test-b"),
        )
    )
    assert passed(result) == {"test-a": True, "test-crash": False, "test-b": True}
    assert "SIGSEGV" in errors(result)["test-crash"]


def test_an_examiner_that_crashes_at_a_given_cell_leaves_no_exam_without_it(examine):
    crash = "import ctypes\nchecks = 1\nctypes.string_at(0)"
    with pytest.raises(AutograderError, match=r"cell 2, which is given.*SIGSEGV"):
        examine(notebook("checks = 2", given(crash), check("assert checks == 2")))


def test_a_given_cell_that_fails_once_is_run_again(examine, tmp_path):
    once = tmp_path / "once"
    crash = f"""
        import ctypes, os, pathlib
        checks = 1
        if not pathlib.Path({str(once)!r}).exists():
            pathlib.Path({str(once)!r}).touch()
            ctypes.string_at(0)
    """
    result = examine(notebook("checks = 2", given(crash), check("assert checks == 1")))
    assert passed(result) == {"test-it": True}


@pytest.mark.slow
def test_a_test_after_a_given_cell_that_ran_out_of_time_earns_nothing(exam_pool):
    slow = "x = 1\nwhile True: pass"
    result = exam_pool.examine(notebook("y = 1", limited(given(slow)), check("assert x == y")))
    assert passed(result) == {"test-it": False}
    assert "did not finish in time" in errors(result)["test-it"]


@pytest.mark.parametrize("end", ["assert f() == 2", "import ctypes\nctypes.string_at(0)"])
def test_what_a_lost_or_failed_test_would_define_is_not_the_candidates(examine, end):
    result = examine(
        notebook(
            "def f(): return 1\nexpected = 1",
            check("assert f() == expected", "test-before"),
            check(end + "\nexpected = 2", "test-lost"),
            check("assert f() == expected", "test-after"),
        )
    )
    assert passed(result) == {"test-before": True, "test-lost": False, "test-after": False}


def test_a_name_that_cannot_be_asked_fails_its_test_only(examine):
    broken = """
        import gc
        candidate = next(each for each in gc.get_objects() if type(each).__name__ == "Candidate")
        honest = candidate._do
        def do(request):
            if request.word == "name" and request.name == "model":
                raise ValueError("no")
            return honest(request)
        candidate._do = do
        x = 1
    """
    result = examine(
        notebook(
            broken,
            check("class A:\n    held = model", "test-class"),
            check("assert x == 1", "test-after"),
        )
    )
    assert passed(result) == {"test-class": False, "test-after": True}
    assert errors(result)["test-class"] == "ValueError: no"


@pytest.mark.slow
def test_a_dead_proctor_is_replaced(exam_pool):
    os.kill(exam_pool._proctor._process.pid, 9)
    result = exam_pool.examine(notebook("x = 1", check("assert x == 1")))
    assert passed(result) == {"test-it": True}
    assert text(result.notebook.cells[0]) == ""
    assert exam_pool.limits is LIMITS


def test_what_was_judged_counts_when_examiners_crash_again_and_again(examine):
    crash = "import ctypes\nctypes.string_at(0)"
    cells = [check(crash, f"test-crash{number}") for number in range(4)]
    result = examine(notebook("x = 1", check("assert x == 1", "test-a"), *cells))
    assert passed(result).pop("test-a")
    assert text(result.notebook.cells[0]) == ""
    assert result.notebook.cells[0].execution_count == 1
    assert [name for name, good in passed(result).items() if good] == ["test-a"]


@pytest.mark.slow
def test_a_proctor_that_dies_while_it_imports_is_replaced():
    with ExamPool(LIMITS, sandbox="off") as young:
        os.kill(young._proctor._process.pid, 9)
        result = young.examine(notebook("x = 1", check("assert x == 1")))
    assert passed(result) == {"test-it": True}


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["student", "test"])
def test_a_proctor_that_dies_in_the_middle_of_an_exam_costs_nothing(tmp_path, cell):
    once = tmp_path / "once"
    kill = (
        "import os, pathlib, time\n"
        f"if not pathlib.Path({str(once)!r}).exists():\n"
        f"    pathlib.Path({str(once)!r}).touch()\n"
        "    os.kill(os.getppid(), 9)\n"
        "    time.sleep(20)\n"
    )
    cells = ["x = 1", "y = 2", check("assert x == 1", "test-a"), check("assert y == 2", "test-b")]
    if cell == "student":
        cells[1] = kill + "y = 2"
    else:
        cells[2] = check(kill + "assert x == 1", "test-a")
    with ExamPool(LIMITS, sandbox="off") as young:
        result = young.examine(notebook(*cells))
    assert once.exists()
    assert passed(result) == {"test-a": True, "test-b": True}
    assert not result.remarks


def test_a_proctor_that_cannot_start_is_an_error_with_its_last_words(monkeypatch):
    monkeypatch.setattr("autograder.exam.processes.proctor_client.sys.executable", "/bin/false")
    with ExamPool(LIMITS, sandbox="off") as broken, pytest.raises(AutograderError, match="start"):
        broken.examine(notebook("x = 1"))


@pytest.mark.slow
def test_a_stopped_conductor_holds_no_exam():
    exam_pool = ExamPool(LIMITS, sandbox="off")
    exam_pool.start()
    process = exam_pool._proctor._process
    exam_pool.stop()
    assert process.poll() is not None
    with pytest.raises(AutograderError, match="stopped"):
        exam_pool.examine(notebook("x = 1"))
