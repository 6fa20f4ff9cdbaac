"""What travels, which addresses are used, and which versions: without a cluster."""

import builtins
import sys
from pathlib import Path

import pytest

from tests.support import toy_course as toy

pytest.importorskip("distributed", reason="Dask is not installed")

from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner

from autograder.cli import app
from autograder.cluster import address, link, payload, versions
from autograder.cluster.address import place
from autograder.cluster.link import Link
from autograder.cluster.settings import Cluster
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exam.results import ExamResult
from autograder.grading import exam_engine
from autograder.grading.engine import Job
from autograder.grading.exam_engine import ExamEngine
from autograder.remarks import Kind, Remark


def test_a_job_comes_out_as_it_went_in(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    (here / "sub dir").mkdir(parents=True)
    there.mkdir()
    (here / "sub dir" / "Größe.txt").write_bytes(b"\x00\xff\r\n")
    (here / "empty").write_bytes(b"")
    notebook = new_notebook(cells=[new_code_cell('"é"')])
    job = payload.unpack(payload.pack(Job("ana", "toy", notebook, here)), there)
    assert job == Job("ana", "toy", notebook, there)
    assert {p.relative_to(there).as_posix(): p.read_bytes() for p in there.rglob("*.*")} == {
        "sub dir/Größe.txt": b"\x00\xff\r\n"
    }
    assert (there / "empty").read_bytes() == b""


def test_an_answer_keeps_the_kinds_of_its_remarks() -> None:
    examined = ExamResult(new_notebook(), 0.5, 1.5, {"fork": 0.25}, 7, [Remark("so", Kind.CRASHED)])
    found = payload.unpack_answer(payload.pack_answer(examined))
    assert found == examined
    assert found.remarks[0].kind is Kind.CRASHED


def test_what_is_too_large_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payload, "MOST_BYTES", 2**20)
    (tmp_path / "big.bin").write_bytes(bytes(3 * 2**20))
    with pytest.raises(
        AutograderError, match="take 3 MB, but at most 1 MB can be sent to a worker"
    ):
        payload.pack(Job("ana", "toy", new_notebook(), tmp_path))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tcp://127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("localhost:8786/", "tcp://localhost:8786"),
        ("tcp://[::1]:8786", "tcp://[::1]:8786"),
    ],
)
def test_a_scheduler_on_the_loopback_address_needs_no_certificate(typed: str, meant: str) -> None:
    assert place(typed, Cluster()).address == meant


def test_workers_of_this_machine() -> None:
    assert place("local:3", Cluster()).workers == 3


@pytest.mark.parametrize("typed", ["10.0.0.1:8786", "tcp://192.0.2.7:8786", "0.0.0.0:8786"])
def test_a_scheduler_elsewhere_needs_tls_or_a_word(typed: str) -> None:
    with pytest.raises(AutograderError, match="anyone who reaches it can run code on every worker"):
        place(typed, Cluster())
    assert place(typed, Cluster(insecure=True)).insecure


def test_a_scheduler_that_others_can_reach_is_seen_from_here_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link, "Client", lambda *_, **__: None)
    monkeypatch.setattr(Link, "scheduler", "tcp://192.0.2.7:8786")
    with pytest.raises(AutograderError, match=r"tcp://192.0.2.7:8786 can be reached"):
        Link(place("tcp://127.0.0.1:8786", Cluster()), 1.0).connect(1.0)
    Link(place("tcp://127.0.0.1:8786", Cluster(insecure=True)), 1.0).connect(1.0)


@pytest.mark.parametrize(
    "typed", ["", "local:", "local:0", "local:-1", "host", "host:port", "http://h:1", "ws://h:1"]
)
def test_what_is_no_address_is_said(typed: str) -> None:
    with pytest.raises(AutograderError, match="--dask"):
        place(typed, Cluster())


def test_an_unknown_host_is_named() -> None:
    with pytest.raises(AutograderError, match=r"nothing\.invalid"):
        place("tcp://nothing.invalid:8786", Cluster())


def test_tls_needs_certificates_that_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match="TLS needs --tls-ca"):
        place("tls://127.0.0.1:8786", Cluster())
    gone = str(tmp_path / "gone.pem")
    with pytest.raises(AutograderError, match=r"gone\.pem: No such file"):
        place("tls://127.0.0.1:8786", Cluster(tls_ca=gone, tls_cert=gone))
    with pytest.raises(AutograderError, match="does not use TLS"):
        place("tcp://127.0.0.1:8786", Cluster(tls_ca=gone))


def test_versions_are_named_where_they_differ() -> None:
    ours = versions.installed()
    assert versions.differences(ours, dict(ours)) == ""
    said = versions.differences(ours, {**ours, "TensorFlow": "1.0", "numpy": ""})
    assert f"it has TensorFlow 1.0, this command {ours['TensorFlow']}" in said
    assert f"it has numpy none, this command {ours['numpy']}" in said
    assert "keras" not in said


def test_the_exams_version_follows_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ExamEngine().version
    changed = {**exam_engine.installed(), "TensorFlow": "1.0"}
    monkeypatch.setattr(exam_engine, "installed", lambda: changed)
    assert ExamEngine().version != before


def graded(course: Course, *options: str) -> str:
    line = ["grade", toy.TOPIC, "--course", str(course.root), *options]
    result = CliRunner().invoke(app, line)
    assert result.exit_code == 2
    return result.stderr


def test_options_that_do_not_go_together(course: Course) -> None:
    assert "--jobs is for this machine" in graded(course, "--dask", "local:1", "--jobs", "2")
    assert "--tls-ca says how to reach a cluster" in graded(course, "--tls-ca", "x.pem")
    assert "--insecure says how" in graded(course, "--insecure")


def test_without_dask_the_message_says_how_to_install_it(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: object, **named: object) -> object:
        if name.partition(".")[0] in ("dask", "distributed"):
            raise ImportError(f"No module named '{name}'", name=name)
        return real(name, *rest, **named)

    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    monkeypatch.setattr(builtins, "__import__", missing)
    assert "pip install" in graded(course, "--dask", "local:1")


@pytest.mark.slow
def test_grading_here_imports_no_dask() -> None:
    import subprocess

    code = (
        "import sys, autograder.cli, autograder.grading.command; "
        "sys.exit(any(m.partition('.')[0] in ('dask', 'distributed') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_loopback_is_known_by_its_addresses() -> None:
    assert address.on_loopback("127.0.1.1")
    assert address.on_loopback("[::1]")
    assert not address.on_loopback("192.0.2.1")
