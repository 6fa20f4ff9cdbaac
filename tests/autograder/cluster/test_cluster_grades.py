"""The same grades on a cluster as on this machine, byte for byte, and over TLS."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import nbformat
import psutil
import pytest

from tests.support import toy_course as toy

pytest.importorskip("distributed", reason="Dask is not installed")

from autograder.cluster.address import place
from autograder.cluster.cluster_workers import ClusterWorkers
from autograder.cluster.settings import Cluster
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exam.limits import Limits
from autograder.grading.exam_engine import ExamEngine
from autograder.grading.grade import grade
from tests.support.cluster import dask_lab as lab

pytestmark = pytest.mark.slow

CERTIFICATES = Path(__file__).resolve().parents[3] / "deploy" / "dask" / "certificates.sh"
CLASS = {
    "Jörg Müller": toy.RIGHT,
    "sign": toy.WRONG_SIGN,
    "partial": toy.PARTIAL,
    "stub": {},
    "prints": {**toy.RIGHT, "half": "print('é' * 50_000)\n" + toy.RIGHT["half"]},
    "reads": {**toy.RIGHT, "half": "d = float(open('two.txt').read())\ndef half(x): return x / d"},
    "crashes": {**toy.RIGHT, "half": "import os\nos._exit(1)"},
}


def hand_in(course: Course) -> None:
    for student, answers in CLASS.items():
        path = toy.hand_in(course.submitted_dir, student, toy.solved(course, answers))
        path.with_name("two.txt").write_text("2", encoding="utf-8")
    toy.hand_in(course.submitted_dir, "broken", "{")


def typed(course: Course, *options: str) -> tuple[dict, str]:
    """Grade by the command; return its summary and what it printed."""
    found = course.root / "found.json"
    line = [sys.executable, "-m", "autograder", "grade", toy.TOPIC, "--course", str(course.root)]
    done = subprocess.run(
        [*line, "--json", str(found), *options], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr == ""
    return json.loads(found.read_text("utf-8"))[toy.TOPIC], done.stdout


def told(course: Course, summary: dict) -> dict[str, dict]:
    """Return all that was recorded of each student; times and sizes aside."""
    found = {}
    for student, entry in summary["submissions"].items():
        for measured in ("cpu_s", "timing", "peak_mb"):
            del entry[measured]
        path = course.autograded_dir / student / toy.TOPIC / f"{toy.TOPIC}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        for measured in ("cpu_s", "timing", "peak_bytes"):
            del notebook.metadata["autograder"][measured]
        files = {p.name: p.read_bytes() for p in path.parent.iterdir() if p != path}
        with course.gradebook() as book:
            grades = book.find_submission_notebook(toy.TOPIC, toy.TOPIC, student).grades
            recorded = {g.name: (g.auto_score, g.needs_manual_grade) for g in grades}
        found[student] = {
            "entry": entry,
            "notebook": nbformat.writes(notebook),
            "files": files,
            "recorded": recorded,
        }
    return found


def test_the_same_grades_as_here(course: Course, tmp_path: Path) -> None:
    hand_in(course)
    other = tmp_path / "other"
    shutil.copytree(course.root, other)
    elsewhere = Course.find(root=other)
    here, _ = typed(course, "--jobs", "2")
    there, shown = typed(elsewhere, "--dask", "local:2")
    assert there.pop("workers") == 2
    assert "workers" not in here
    assert re.search(
        r"Grading on the workers of tls://127\.0\.0\.1:\d+; its dashboard: http", shown
    )
    first, second = told(course, here), told(elsewhere, there)
    assert set(first) == {*CLASS, "broken"}
    assert {s: f["entry"]["score"] for s, f in first.items()} == {
        "Jörg Müller": 6.0, "sign": 4.0, "partial": 4.0, "stub": 0.0, "prints": 6.0,
        "reads": 6.0, "crashes": 3.0, "broken": 0.0,
    }  # fmt: skip
    for student in first:
        assert first[student] == second[student], student
    [again] = grade(elsewhere, [toy.TOPIC], jobs=1)
    assert all(outcome.unchanged for outcome in again.submissions.values())


def test_ctrl_c_keeps_what_is_graded_and_leaves_nothing_running(course: Course) -> None:
    waits = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.1)\n"
    names = {f"s{number}" for number in range(6)}
    for student in names:
        answers = {**toy.RIGHT, "half": waits + toy.RIGHT["half"]}
        toy.hand_in(course.submitted_dir, student, toy.solved(course, answers))
    let_go(course, "s0")
    line = [sys.executable, "-m", "autograder", "grade", toy.TOPIC, "--course", str(course.root)]
    process = subprocess.Popen(
        [*line, "--dask", "local:2"], stdout=-1, stderr=-1, text=True, start_new_session=True
    )
    lab.until(lambda: bool(names & autograded(course)))
    started = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: workers hear it, too
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "of 6 submissions are graded" in err
    assert "Traceback" not in out + err
    assert psutil.wait_procs(started, timeout=300)[1] == []
    done = names & autograded(course)
    assert 1 <= len(done) < 6
    let_go(course, *(names - done))
    [again] = grade(course, [toy.TOPIC], jobs=2)
    assert {s for s in names if again.submissions[s].unchanged} == done
    assert {again.submissions[s].score for s in names} == {6.0}


def let_go(course: Course, *students: str) -> None:
    """Hand in the file that the exams of some students wait for."""
    for student in students:
        (course.submitted_dir / student / toy.TOPIC / "go").touch()


def autograded(course: Course) -> set[str]:
    return {path.parts[-3] for path in course.autograded_dir.glob("*/toy/toy.ipynb")}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls") / "own"
    subprocess.run(["sh", str(CERTIFICATES), str(folder), "2"], check=True, capture_output=True)
    return folder


def files(folder: Path, role: str) -> dict[str, str]:
    return {"ca": str(folder / "ca.pem"), "cert": str(folder / f"{role}.pem"),
            "key": str(folder / f"{role}-key.pem")}  # fmt: skip


@pytest.fixture(scope="module")
def safe(certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Lab]:
    made = lab.Lab(tmp_path_factory.mktemp("safe"), certificates=certificates)
    yield made
    made.close()


def settings(folder: Path) -> Cluster:
    return Cluster(**{f"tls_{name}": path for name, path in files(folder, "client").items()})


def test_over_tls_with_the_exam_itself(course: Course, safe: lab.Lab, certificates: Path) -> None:
    worker = safe.start_worker()
    for student in ("ana", "bo"):
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    seen: list[psutil.Process] = []

    def watch(*_: object) -> None:
        children = psutil.Process(worker.pid).children()
        for one in children:
            with suppress(psutil.NoSuchProcess):  # it may end in between
                if "autograder.exam.processes.proctor" in one.cmdline():
                    seen.append(one)

    engine = ExamEngine(Limits(cell_s=20))
    with ClusterWorkers(place(safe.address, settings(certificates))) as crew:
        (run,) = grade(course, [toy.TOPIC], engine=engine, workers=crew, watch=watch)
    assert [outcome.score for outcome in run.submissions.values()] == [6.0, 6.0]
    assert len(set(seen)) == 1
    lab.until(lambda: not any(process.is_running() for process in seen))


def test_without_a_certificate_of_its_own_nobody_is_let_in(
    course: Course, safe: lab.Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.cluster.cluster_workers._CONNECT_S", 3.0)
    plain = ClusterWorkers(place(f"tcp://127.0.0.1:{safe.port}", Cluster()))
    with pytest.raises(AutograderError, match="No scheduler answers"), plain:
        pass
    strange = tmp_path / "strange"
    subprocess.run(["sh", str(CERTIFICATES), str(strange), "2"], check=True, capture_output=True)
    with (
        pytest.raises(AutograderError, match="signed by the same authority"),
        ClusterWorkers(place(safe.address, settings(strange))),
    ):
        pass


def test_certificates_are_not_written_over(certificates: Path) -> None:
    before = (certificates / "ca-key.pem").read_bytes()
    done = subprocess.run(["sh", str(CERTIFICATES), str(certificates)], capture_output=True)
    assert done.returncode == 1
    assert b"choose another folder" in done.stderr
    assert (certificates / "ca-key.pem").read_bytes() == before
    assert (certificates / "ca-key.pem").stat().st_mode & 0o077 == 0
