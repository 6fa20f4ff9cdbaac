"""Compare the gain of each attack under plain nbgrader and in the exam.

    python benchmarks/quality/attacks.py [ATTACK…] [--json FILE] [--only plain|exam]
    python benchmarks/quality/attacks.py --fuzz [--seed N] [--messages N] [--json FILE]

Under plain nbgrader the tests and the student share a process, so nothing stops an attacker. Each
attack runs there in a course of its own, in namespaces and limits that protect this machine; those
that would harm it anyway are not run. The exam runs all of them in one class.

With ``--fuzz``, an examiner gets random answers instead, of every type that the wire allows. The
same seed gives the same answers.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

import nbformat  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from autograder.course import Course  # noqa: E402
from tests.support.attacks import fuzz, graded, lab  # noqa: E402
from tests.support.attacks.lab import Attack  # noqa: E402

TIMEOUT_S = 90
FUZZ_S = 0.2  # mean time of one answer; a late one takes seconds
PLAIN = """
c = get_config()
c.CourseDirectory.course_id = "plain"
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.release_directory = "assignments"
c.Execute.timeout = 15
"""
# All but the attack's own folder is read-only; outside processes can be neither seen nor reached.
_CONFINE = """
mount --make-rprivate / && mount --bind "$1" "$1" && mount -o remount,bind,ro / || exit 90
for place in /dev/shm /run /var/tmp /tmp; do
    case "$1" in "$place"/*) ;; *) mount -t tmpfs -o size=64m none "$place" || exit 90 ;; esac
done
cd "$1/course" || exit 90
shift
exec "$@"
"""
_LIMITS = ["prlimit", f"--data={4 << 30}", f"--fsize={256 << 20}", "--nofile=512", "--core=0"]


def confined(folder: Path, command: Sequence[str]) -> list[str]:
    """Return the command that runs ``command`` so that it can change only this folder."""
    namespaces = ["--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        namespaces += ["--user", "--map-root-user"]
    return ["unshare", *namespaces, "sh", "-c", _CONFINE, "sh", str(folder), *_LIMITS, *command]


def run_plain(attack: Attack, template: Path) -> dict[str, Any]:
    """Grade one attack with nbgrader's own command; return its undeserved gain (see `_found`)."""
    with tempfile.TemporaryDirectory(prefix="plain-") as place:
        folder = Path(place)
        shutil.copytree(template, folder / "course")
        (folder / "home").mkdir()
        (folder / "tmp").mkdir()
        course = Course.find(root=folder / "course")
        ears = lab.Ears(folder, mark := f"attack-{uuid.uuid4().hex[:8]}")
        try:
            lab.hand_in(course, "other", attack.topic, lab.solved(course, attack.topic))
            lab.hand_in_attack(course, attack, lab.marks_of(course, ears, mark))
            ended = _autograde(folder, attack)
            return _found(course, attack, ended, ears.heard())
        finally:
            ears.close()


def _autograde(folder: Path, attack: Attack) -> str:
    """Run ``nbgrader autograde``; return how it failed, or ""."""
    name = [f"--assignment={attack.topic}", f"--student={attack.name}"]
    command = confined(folder, [sys.executable, "-m", "nbgrader", "autograde", *name])
    environment = os.environ | {
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "JUPYTER_RUNTIME_DIR": str(folder / "home"),
        "GRADER_TOKEN": lab.TOKEN,
    }
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            return "hangs"
    if process.returncode == 90:
        raise SystemExit("plain nbgrader is not run: this machine cannot confine it (unshare)")
    return "" if process.returncode == 0 else "the grading fails"


def _found(course: Course, attack: Attack, ended: str, heard: int) -> dict[str, Any]:
    earned = _points(course, attack)
    deserved = sum(attack.expected(earned).values()) if earned else 0.0
    printed = _printed(course, attack)
    seen = [secret for secret in attack.unseen if secret in printed]
    return {
        "gained": sum(earned.values()) - deserved if earned else None,
        "saw": seen,
        "harm": ", ".join(filter(None, [ended, "reached a socket" if heard else ""])),
    }


def _points(course: Course, attack: Attack) -> dict[str, float]:
    """Return points by test as nbgrader counts them: a manual score replaces the automatic one."""
    query = """
        select base_cell.name, coalesce(grade.manual_score, grade.auto_score, 0)
        from grade join base_cell on base_cell.id = grade.cell_id
        join submitted_notebook on submitted_notebook.id = grade.notebook_id
        join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
        where submitted_assignment.student_id = ? and base_cell.name like 'test-%'
    """
    try:
        base = sqlite3.connect(course.root / "gradebook.db")
        rows = base.execute(query, [attack.name]).fetchall()
        base.close()
    except sqlite3.Error:
        return {}
    return {name.removeprefix("test-"): float(points) for name, points in rows}


def _printed(course: Course, attack: Attack) -> str:
    """Return the outputs of all cells as JSON, without tracebacks.

    Plain nbgrader shows the lines of a hidden test around any error, to honest students too; the
    attack is not the cause.
    """
    path = course.autograded_dir / attack.name / attack.topic / f"{attack.topic}.ipynb"
    if not path.is_file():
        return ""
    cells = nbformat.read(path, as_version=4).cells
    outputs = [dict(output, traceback=[]) for cell in cells for output in cell.get("outputs", [])]
    return json.dumps(outputs, ensure_ascii=False)


def all_plain(attacks: list[Attack], console: Console) -> dict[str, dict[str, Any]]:
    """Run all attacks that may be run under plain nbgrader."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="plain-") as place:
        template = lab.make_course(Path(place) / "course").root
        (template / "nbgrader_config.py").write_text(PLAIN, encoding="utf-8")
        for number, attack in enumerate(attacks, 1):
            if attack.harms is None:
                found[attack.name] = run_plain(attack, template)
                console.print(f"{number}/{len(attacks)} {attack.name}: {_said(found, attack)}")
            else:
                found[attack.name] = {"not_run": f"would harm the machine: {attack.harms}"}
    return found


def all_in_exam(attacks: list[Attack]) -> dict[str, dict[str, Any]]:
    """Run all attacks in the exam, in one class."""
    with tempfile.TemporaryDirectory(prefix="exam-") as place:
        outcome = graded.grade_class(Path(place), attacks)
        found = {}
        for attack in attacks:
            points = outcome.points(attack.name)
            printed = outcome.printed(attack.name, attack.topic)
            gained = sum(points.values()) - sum(attack.expected(points).values())
            found[attack.name] = {
                "gained": min(gained, 0.0) if attack.deserves(points) else gained,
                "saw": [secret for secret in attack.unseen if secret in printed],
                "harm": "",
            }
        found["(traces)"] = {"gained": 0.0, "saw": [], "harm": "; ".join(outcome.traces)}
    return found


def _said(found: dict[str, dict[str, Any]], attack: Attack) -> str:
    """Return the outcome of an attack in a few words."""
    outcome = found.get(attack.name)
    if outcome is None:
        return ""
    if "not_run" in outcome:
        return f"not run: {outcome['not_run']}"
    gained = outcome["gained"]
    said = ["no grade" if gained is None else f"{gained:+g} points" if gained else "–"]
    said += ["saw hidden tests"] if outcome["saw"] else []
    return ", ".join([*said, *filter(None, [outcome["harm"]])])


def show(attacks: list[Attack], plain: dict, exam: dict, console: Console) -> None:
    """Print the table and a summary."""
    table = Table("Attack", "What it tries", "Plain nbgrader", "The exam")
    for attack in attacks:
        table.add_row(attack.name, attack.about, _said(plain, attack), _said(exam, attack))
    console.print(table)
    for name, found in (("plain nbgrader", plain), ("the exam", exam)):
        run = [o for n, o in found.items() if "not_run" not in o and n != "(traces)"]
        gained = sum((o["gained"] or 0) > 0 for o in run)
        saw, harm = sum(bool(o["saw"]) for o in run), sum(bool(o["harm"]) for o in run)
        if run:
            console.print(
                f"{name}: {len(run)} attacks run, {gained} gain points, {saw} see hidden tests, "
                f"{harm} break or hang the grading or reach out"
            )
    if exam:
        console.print(f"Left behind by the exam's class: {exam['(traces)']['harm'] or 'nothing'}")


def run_fuzz(seed: int, messages: int, file: Path | None) -> int:
    """Give an examiner random answers; return the exit status."""
    print(f"seed {seed}: {messages} answers")
    found = fuzz.fuzz(seed, messages, timeout_s=60 + messages * FUZZ_S)
    for text in (*found["earned"], found["ended"]):
        if text:
            print(text, file=sys.stderr)
    print(
        f"{found['messages']} answers: {len(found['earned'])} tests earned points, "
        f"{found['missing']} cells were not reported, "
        f"the examiner {'ended' if found['ended'] else 'came to its end'}"
    )
    if file:
        file.write_text(json.dumps(found, indent=1), "utf-8")
    return int(bool(found["earned"] or found["missing"] or found["ended"]))


def main() -> None:
    """Run the suite both ways."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="ATTACK", help="default: all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcomes there")
    parser.add_argument("--only", choices=["plain", "exam"], help="run one side only")
    parser.add_argument("--fuzz", action="store_true", help="send an examiner random answers")
    parser.add_argument("--seed", type=int, help="of --fuzz (default: by the clock)")
    parser.add_argument("--messages", type=int, default=10_000, help="of --fuzz")
    chosen = parser.parse_args()
    if chosen.fuzz:
        seed = time.time_ns() % 10**6 if chosen.seed is None else chosen.seed
        sys.exit(run_fuzz(seed, chosen.messages, chosen.json))
    attacks = [a for a in lab.load() if not chosen.names or a.name in chosen.names]
    console = Console()
    plain = {} if chosen.only == "exam" else all_plain(attacks, console)
    exam = {} if chosen.only == "plain" else all_in_exam(attacks)
    show(attacks, plain, exam, console)
    if chosen.json:
        chosen.json.write_text(json.dumps({"plain": plain, "exam": exam}, indent=1), "utf-8")


if __name__ == "__main__":
    main()
