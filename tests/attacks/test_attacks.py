"""A class of attackers, graded together with honest students."""

from pathlib import Path

import pytest

from autograder.exam import sandbox
from autograder.feedback.budget import MOST_PICTURE_BYTES
from tests.support import require
from tests.support.attacks import graded, lab

pytestmark = pytest.mark.slow
ATTACKS = lab.load()
MOST_OF_A_PAGE = 2 * MOST_PICTURE_BYTES


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    can = sandbox.available()
    require(can.ok, f"the sandbox cannot be had here: {can}")
    return graded.grade_class(tmp_path_factory.mktemp("attacked"), ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_it_earns_what_its_honest_part_deserves(attacked, attack):
    points = attacked.points(attack.name)
    assert attack.deserves(points), f"expected {attack.expected(points)}, earned {points}"


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_it_sees_no_hidden_test(attacked, attack):
    printed = attacked.printed(attack.name, attack.topic)
    assert [secret for secret in attack.unseen if secret in printed] == []


def test_the_honest_are_graded_as_if_they_were_alone(attacked):
    assert set(attacked.alone) == set(graded.HONEST)
    for student, alone in attacked.alone.items():
        among = attacked.outcomes[student]
        assert (among.score, among.tests, among.remarks) == (alone.score, alone.tests, ())
    assert attacked.outcomes["full"].score == 18
    assert attacked.outcomes["values"].score == 12
    assert attacked.points("half") == {
        **dict.fromkeys(attacked.points("half"), 0.0),
        "honest": 2.0,
        "pictures": 2.0,
        "pictures-fresh": 2.0,
    }


def test_everybody_has_a_grade(attacked):
    assert set(attacked.outcomes) == {a.name for a in ATTACKS} | set(graded.HONEST)
    assert all(outcome.graded for outcome in attacked.outcomes.values())


def test_everybody_has_a_page_of_their_own_work(attacked):
    pages = {student: page for each in attacked.pages.values() for student, page in each.items()}
    assert set(pages) == set(attacked.outcomes)
    texts = {student: Path(page).read_text("utf-8") for student, page in pages.items()}
    assert [name for name, text in texts.items() if "shows your points only" in text] == []
    assert [name for name, text in texts.items() if len(text) > MOST_OF_A_PAGE] == []


def test_nothing_is_left_or_changed(attacked):
    assert attacked.traces == []


def test_script_is_kept_as_data(attacked):
    assert "<script>alert('attack-" in attacked.printed("scripts", "toy")
