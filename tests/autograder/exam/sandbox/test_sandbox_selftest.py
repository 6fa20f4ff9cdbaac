"""`available` and `probe`: they say what is so, and notice when it isn't."""

import ast
import os
from pathlib import Path

import pytest

from autograder.exam import sandbox
from autograder.exam.sandbox.selftest import attempts, availability, probing
from tests.support import require
from tests.support.sandbox_lab import COURSE, WHO, run


@pytest.fixture
def course(tmp_path):
    own = [p for p in tmp_path.parents if p.name.startswith(("pytest-", "popen-"))]
    for folder in (*reversed(own), tmp_path):
        folder.chmod(0o755)
    return tmp_path


def _possible():
    found = sandbox.available()
    require(found.ok, f"{found.reason}; {found.remedy}")


@pytest.mark.parametrize("who", WHO)
def test_available_describes_the_sandbox(who):
    _possible()
    script = "from autograder.exam import sandbox; print(vars(sandbox.available()))"
    found = ast.literal_eval(run(script, who))
    assert found["ok"]
    assert found["reason"] == found["remedy"] == ""
    own = who == "self" and os.geteuid() == 0
    assert ("has its own id" in found["details"][0]) == own
    assert len(found["details"]) == 3


def test_without_user_namespaces_the_reason_and_remedy_are_named():
    _possible()
    script = """
import os
from autograder.exam import sandbox
from autograder.exam.sandbox import linux, user
uid, gid = os.geteuid(), os.getegid()
linux.unshare(linux.NEW_USER)
with user._opened_proc() as proc:
    user._write_own_map(proc, (uid, uid), (gid, gid))
    user._write(proc, "sys/user/max_user_namespaces", "0")
linux.drop_capabilities()
print(vars(sandbox.available()))
"""
    found = ast.literal_eval(run(script, WHO[-1]))
    assert not found["ok"]
    assert "process namespace" in found["reason"]
    assert "sysctl -w user.max_user_namespaces=" in found["remedy"]
    assert "--sandbox off" in found["remedy"]


@pytest.mark.parametrize("setting", availability._SETTINGS)
def test_each_forbidding_setting_has_its_remedy(setting, tmp_path, monkeypatch):
    name, forbidding, allowing, _ = setting
    place = tmp_path.joinpath(*name.split("."))
    place.parent.mkdir()
    place.write_text(f"{forbidding}\n")
    monkeypatch.setattr(availability, "_SYSCTL", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert f"sysctl -w {name}={allowing}" in availability._remedy()
    place.write_text(f"{allowing}\n")
    assert "sysctl" not in availability._remedy()


def test_in_a_container_the_remedy_is_how_to_start_it(tmp_path, monkeypatch):
    monkeypatch.setattr(availability, "_SYSCTL", tmp_path)
    monkeypatch.setattr(availability, "_in_container", lambda: True)
    assert "seccomp=unconfined" in availability._remedy()


def test_elsewhere_than_on_linux_it_says_so(monkeypatch):
    monkeypatch.setattr(availability.sys, "platform", "darwin")
    found = sandbox.available()
    assert not found.ok
    assert "Linux" in found.reason


@pytest.mark.slow
@pytest.mark.parametrize("who", WHO)
def test_nothing_gets_out_and_honest_work_runs(who, course):
    _possible()
    script = f"""
from pathlib import Path
from autograder.exam import sandbox
print([vars(probe) for probe in sandbox.probe(Path({str(course)!r}))])
"""
    found = ast.literal_eval(run(script, who))
    assert len(found) == len(attempts.ATTEMPTS) + 6
    assert [probe for probe in found if not probe["ok"]] == []
    assert list(course.iterdir()) == []


def test_the_attempts_succeed_without_the_sandbox(course):
    """Those that harm nobody are made here, in the open: each must get what it is after."""
    script = f"""
import os
from contextlib import ExitStack
from pathlib import Path
from autograder.exam.sandbox.selftest import attempts, probing
course = Path({str(course)!r})
os.environ["HOME"] = str(course)
with ExitStack() as stack:
    lures = probing._baits(course)
    facts = {{name: stack.enter_context(lure) for name, lure in lures.items()}}
    facts = probing._flat(facts | probing._plain_facts(course)) | {{"answer": 1}}
    names = "read_course read_home read_temporary loopback abstract_socket socket_file see "
    names += "environment descriptors write memory page_tables system_v buffers other_memory signal"
    facts["readable"] = [str(course)]
    print({{name: getattr(attempts, "_" + name)(facts) for name in names.split()}})
"""
    found = ast.literal_eval(run(script))
    assert {name for name, got in found.items() if got is None} == set()


def test_a_sandbox_that_fails_is_a_finding(course, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise sandbox.SandboxError("no namespaces here")

    monkeypatch.setattr(probing, "trial", refuse)
    found = sandbox.probe(course)
    assert [probe.ok for probe in found] == [False]
    assert "no namespaces" in found[0].detail
    assert list(Path(course).iterdir()) == []


def test_baits_are_taken_away(course):
    with probing._secret(course) as path:
        assert Path(path).read_text() == "secret"
    assert list(course.iterdir()) == []
    assert course != COURSE
