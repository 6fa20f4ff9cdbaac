"""Control groups: on made-up machines, and on this one as far as it gives them."""

import json
import os
import signal
from pathlib import Path

import pytest

from autograder.exam.limits import MIB, Limits
from autograder.exam.sandbox import cgroup
from autograder.exam.sandbox.cgroup import Cgroup
from tests.support import wait_for


class Machine:
    """A hierarchy and a ``/proc`` in ordinary folders; the caller is in the group ``own``."""

    def __init__(self, root, own, controllers="cpu memory pids", shared=None):
        self.mount, self.proc = root / "cgroup", root / "proc"
        folder = self.mount / own.lstrip("/")
        folder.mkdir(parents=True)
        for place in {folder, folder.parent, self.mount} - {root}:
            (place / "cgroup.controllers").write_text(controllers)
            (place / "cgroup.subtree_control").write_text(shared or controllers)
            (place / "cgroup.procs").touch()
        (self.proc / "self").mkdir(parents=True)
        mounts = f"30 1 0:1 / {self.mount} rw,relatime - cgroup2 cgroup2 rw\n"
        (self.proc / "self/mountinfo").write_text("29 1 0:2 / / rw - ext4 /dev/a rw\n" + mounts)
        (self.proc / "self/cgroup").write_text(f"4:memory:/elsewhere\n0::{own}\n")


def test_a_group_stands_next_to_the_graders_own(tmp_path):
    machine = Machine(tmp_path, "/user.slice/grader.scope")
    made = [cgroup.create(Limits(), machine.proc) for _ in range(2)]
    assert {group.path.parent for group in made} == {machine.mount / "user.slice"}
    assert len({group.path for group in made}) == 2
    assert cgroup.remedy(machine.proc) == ""
    assert [group.close() for group in made] == [True, True]
    assert not list(machine.mount.rglob("exam-*"))


def test_at_the_hierarchys_root_it_stands_in_it(tmp_path):
    machine = Machine(tmp_path, "/")
    assert cgroup.create(Limits(), machine.proc).path.parent == machine.mount


def test_at_the_root_of_a_containers_namespace_there_is_none(tmp_path):
    machine = Machine(tmp_path, "/")
    (machine.mount / "cgroup.type").write_text("domain")
    assert cgroup.create(Limits(), machine.proc) is None
    assert cgroup.remedy(machine.proc)


def test_without_the_unified_hierarchy_there_is_none(tmp_path):
    machine = Machine(tmp_path, "/a/b")
    (machine.proc / "self/mountinfo").write_text("29 1 0:2 / / rw - ext4 /dev/a rw\n")
    assert cgroup.create(Limits(), machine.proc) is None
    assert "unified_cgroup_hierarchy" in cgroup.remedy(machine.proc)


@pytest.mark.parametrize(
    ("controllers", "shared", "said"),
    [("hugetlb", None, "unified_cgroup_hierarchy"), ("cpu memory", "cpu", "echo +memory")],
)
def test_where_memory_is_not_counted_the_remedy_is_said(tmp_path, controllers, shared, said):
    machine = Machine(tmp_path, "/a/b", controllers, shared)
    assert said in cgroup.remedy(machine.proc)


def test_a_group_of_somebody_elses_is_let_alone(tmp_path, monkeypatch):
    machine = Machine(tmp_path, "/a/b")
    monkeypatch.setattr(cgroup.os, "access", lambda *_: False)
    assert cgroup.create(Limits(), machine.proc) is None
    monkeypatch.setattr(cgroup.os, "geteuid", lambda: 1000)
    assert "systemd-run --user" in cgroup.remedy(machine.proc)


def test_limits_are_written_as_far_as_the_kernel_has_them(tmp_path):
    (tmp_path / "memory.max").touch()
    (tmp_path / "memory.swap.max").touch()
    group = Cgroup(tmp_path)
    group.limit(Limits(memory_bytes=100 * MIB, scratch_bytes=10 * MIB))
    assert group.limits_memory
    assert (tmp_path / "memory.max").read_text() == str(230 * MIB)
    assert (tmp_path / "memory.swap.max").read_text() == "0"
    assert not (tmp_path / "memory.oom.group").exists()


def test_what_the_kernel_counts_is_read(tmp_path):
    group = Cgroup(tmp_path)
    assert (group.memory, group.exhausted, group.cpu_s()) == (0, False, 0)
    (tmp_path / "memory.current").write_text("4096\n")
    (tmp_path / "memory.events").write_text("low 0\nmax 7\noom 2\noom_kill 0\noom_group_kill 0\n")
    (tmp_path / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1\n")
    assert (group.memory, group.exhausted, group.cpu_s()) == (4096, False, 1.5)
    (tmp_path / "memory.events").write_text("low 0\nmax 7\noom 2\noom_kill 3\noom_group_kill 1\n")
    assert group.exhausted


def test_groups_of_graders_that_are_gone_are_swept(tmp_path):
    machine = Machine(tmp_path, "/a/b")
    (machine.proc / "41").mkdir()
    for name in ("exam-41-0", "exam-40-0", "exam-40-1", "exam-mine", "other"):
        (machine.mount / "a" / name).mkdir()
    cgroup.sweep(machine.proc)
    left = {path.name for path in (machine.mount / "a").iterdir() if path.is_dir()}
    assert left == {"exam-41-0", "exam-mine", "other", "b"}


def _in_group(group, work):
    """Fork a process that joins a group and works."""
    pid = os.fork()
    if pid == 0:
        try:
            group.join()
            work()
        finally:
            os._exit(0)
    return pid


def _burn():
    while True:
        pass


def _gone(group):
    wait_for(group.close, "it is still in use")
    return not group.path.exists()


def test_on_this_machine_a_group_counts_and_ends_what_is_in_it_or_there_is_none():
    group = cgroup.create(Limits())
    if group is None:
        assert cgroup.remedy()
        return
    pid = _in_group(group, _burn)
    wait_for(group.cpu_s, "nothing is counted")
    assert group.cpu_s() > 0
    group.kill()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    assert _gone(group)


def test_on_this_machine_the_kernel_limits_memory_or_the_remedy_is_said():
    group = cgroup.create(Limits(memory_bytes=32 * MIB, scratch_bytes=MIB))
    if group is None or not group.limits_memory:
        assert cgroup.remedy()
        assert group is None or _gone(group)
        return
    pid = _in_group(group, lambda: bytearray(b"x" * 200 * MIB))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    assert group.exhausted
    assert _gone(group)
    assert cgroup.remedy() == ""


def _as_a_service(folder):
    """In a group that an ordinary user was given: make one for a candidate; say where all are."""
    Cgroup(folder).join()
    os.setresuid(65534, 65534, 65534)
    group = cgroup.create(Limits())
    own = cgroup._own(Path("/proc"))
    assert cgroup.create(Limits()).close()
    assert group.close()
    return [str(group.path.parent), str(own)]


def only_root(test):
    """Collect a test only where root can arrange what it needs: a skipped one fails in CI."""
    return test if os.geteuid() == 0 else None


@only_root
def test_a_user_who_was_given_a_group_shares_it_out():
    place = cgroup._parent(Path("/proc"))
    if place is None:
        assert cgroup.remedy()
        return
    service = place / f"exam-{os.getpid()}-99"
    service.mkdir()
    try:
        for path in (service, *(service / f"cgroup.{n}" for n in ("procs", "subtree_control"))):
            os.chown(path, 65534, 65534)
        inlet, outlet = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.write(outlet, json.dumps(_as_a_service(service)).encode())
            finally:
                os._exit(0)
        os.close(outlet)
        with os.fdopen(inlet) as heard:
            assert json.load(heard) == [str(service), str(service / "grader")]
        os.waitpid(pid, 0)
    finally:
        (service / "grader").rmdir()
        assert _gone(Cgroup(service))


def test_a_group_that_is_gone_disturbs_nobody(tmp_path):
    group = Cgroup(Path(tmp_path / "gone"))
    group.kill()
    group.join()
    assert group.close()
