"""The suite itself: its files are in order, and what it looks for would be found."""

import socket
import subprocess
from pathlib import Path

import pytest

from tests.support import wait_for
from tests.support.attacks import graded, lab

ATTACKS = lab.load()


def test_there_are_enough_attacks():
    assert len(ATTACKS) >= 40


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_each_says_what_it_tries_and_would_gain(attack):
    assert attack.about.endswith(".")
    assert attack.gain.endswith(".")
    assert attack.topic in lab.TOPICS
    assert attack.cells or {"forge", "hand_in"} & set(attack.settings)


@pytest.mark.slow
def test_an_attacker_hands_in_the_honest_answer_and_its_own_cells(tmp_path):
    course = lab.make_course(tmp_path / "course")
    attack = next(attack for attack in ATTACKS if attack.name == "replaced_labels")
    made = lab.notebook(course, attack, {})
    sources = "\n".join(cell.source for cell in made.cells)
    assert "np.mean(np.square(x))" in sources
    assert "truth = np.zeros(60)" in sources
    assert "3 * x**2" not in sources
    assert lab.SECRETS[0] not in sources


def test_a_cell_can_stand_before_all_others(tmp_path):
    course = lab.make_course(tmp_path / "course")
    cells = [("", "early = 1"), ("top", "first = 1"), ("top", "second = 2"), ("last", "last = 1")]
    attack = lab.Attack("early", "It tries.", "Nothing.", cells, {})
    sources = [cell.source for cell in lab.notebook(course, attack, {}).cells]
    assert sources[:2] == ["first = 1", "second = 2"]
    assert sources[-1] == "last = 1"
    assert 2 < sources.index("early = 1") < len(sources) - 1


def test_traces_are_found(tmp_path):
    course = lab.make_course(tmp_path / "course")
    surroundings = graded.Surroundings(course)
    assert surroundings.changes("no-such-mark") == []
    (course.root / "solutions" / "new").touch()
    child = subprocess.Popen(["sleep", "600"])
    # Popen returns as the new program is loaded, before its name is.
    wait_for(Path(f"/proc/{child.pid}/cmdline").read_bytes, "it has no name")
    left = Path("/tmp/found-by-test_lab")
    left.touch()
    try:
        found = "\n".join(surroundings.changes("found-by-test_lab"))
    finally:
        left.unlink()
        child.kill()
        child.wait()
    assert "solutions/new" in found
    assert "sleep 600" in found
    assert str(left) in found


def test_a_visitor_is_heard(tmp_path):
    ears = lab.Ears(tmp_path, "mark")
    try:
        assert ears.heard() == 0
        with socket.create_connection(("127.0.0.1", ears.port)):
            wait_for(lambda: ears.heard() == 1, "nobody is heard")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(f"\0{ears.abstract}")
            wait_for(lambda: ears.heard() == 1, "nobody is heard")
    finally:
        ears.close()
