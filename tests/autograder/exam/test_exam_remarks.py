"""What kind of remark an exam makes: nobody reads its sentences to find out."""

import signal
import socket

import pytest

from autograder.exam.limits import Limits
from autograder.exam.messages import CandidateEnded
from autograder.exam.processes.proctor_client import Ended
from autograder.exam.remote.candidate_client import CandidateClient
from autograder.exam.results import Report
from autograder.exam.wire import WireError
from autograder.exam.wire.channel import Closed
from autograder.remarks import Kind
from tests.support.toy_exam import check, errors, given, limited, notebook

SPEAKS = """
import os, stat
for n in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(n).st_mode): os.write(n, b"\\x00" * 64)
    except OSError:
        pass
"""


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("import os\nos.kill(os.getpid(), 11)", Kind.CRASHED),
        ("while True: pass", Kind.CRASHED),
        (SPEAKS, Kind.TAMPERED),
    ],
)
def test_an_exam_says_what_kind_of_thing_happened(examine, cell, kind):
    result = examine(notebook(given("x = 1"), limited(cell), check("assert x == 1")))
    assert {text.kind for text in result.remarks} == {kind}


class Supervisor:
    """Stands for the exam pool, which says how a process ended."""

    def __init__(self, how):
        self.how = how

    def interrupt(self):
        raise AssertionError

    def ended(self, greeted):
        return self.how


@pytest.mark.parametrize(
    ("error", "how", "kind"),
    [
        (Closed("the process is gone"), CandidateEnded("it crashed"), Kind.CRASHED),
        (Closed("the process is gone"), CandidateEnded("it crashed", True), Kind.TAMPERED),
        (Closed("the process is gone"), CandidateEnded(), Kind.CRASHED),
        (WireError("array elements without a size"), CandidateEnded(), Kind.TAMPERED),
    ],
)
def test_what_no_honest_process_does_is_tampering(error, how, kind):
    ours, theirs = socket.socketpair()
    talk = CandidateClient(Supervisor(how), Limits()).conversation
    talk.channel = ours
    assert talk.broken(error).kind is kind
    theirs.close()


@pytest.mark.parametrize(
    ("ended", "how", "forbidden"),
    [
        (Ended(-signal.SIGSYS, 0.0, 0), f"it crashed ({signal.SIGSYS.name})", True),
        (Ended(-signal.SIGSEGV, 0.0, 0), f"it crashed ({signal.SIGSEGV.name})", False),
        (Ended(-signal.SIGSYS, 0.0, 0, exhausted=True), "it and what it started used", False),
        (Ended(-signal.SIGKILL, 0.0, 0), "", False),
        (Ended(2, 0.0, 0), "it ended by itself (exit status 2)", False),
    ],
)
def test_what_the_sandbox_forbids_is_told_from_a_crash(ended, how, forbidden):
    assert ended.how.startswith(how)
    assert bool(ended.how) == bool(how)
    assert ended.forbidden is forbidden


def test_a_report_keeps_a_remark_once_with_its_kind():
    report = Report(notebook())
    report.remark("it is so", Kind.CRASHED)
    report.remark("it is so", Kind.OTHER)
    assert [(each.text, each.kind) for each in report.remarks] == [("it is so", Kind.CRASHED)]


@pytest.mark.parametrize(
    "cell",
    [
        "exec('def f(x):\\n    return 2 * x')",
        "globals()['f'] = lambda x: 2 * x",
        "def make(name):\n    globals()[name] = lambda x: 2 * x\nmake('f')",
    ],
)
def test_a_person_is_told_of_code_that_forbid_does_not_find(examine, cell):
    test = "checks.forbid(f, *checks.BY_HAND, example=(1.0,))"
    result = examine(notebook(given("from nnkit import checks"), cell, check(test)))
    assert errors(result)["test-it"] is None
    assert len(result.remarks) == 1
    assert "`f`" in result.remarks[0].text
    assert result.remarks[0].kind == Kind.OTHER


def test_code_that_forbid_finds_needs_no_remark(examine):
    cell = "%%time\ndef f(x):\n    return 2 * x"
    test = "checks.forbid(f, *checks.BY_HAND, example=(1.0,))"
    result = examine(notebook(given("from nnkit import checks"), cell, check(test)))
    assert errors(result)["test-it"] is None
    assert result.remarks == []
