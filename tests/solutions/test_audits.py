"""The tests of every topic judge right and wrong answers as they should; one topic's in full."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from autograder.audit.audit import PARTS, Auditor
from autograder.audit.judging import TopicAudit
from autograder.course import Course

ROOT = Path(__file__).resolve().parents[2]
TOPICS = Course.find(root=ROOT).topics()
WHOLE = "02-sigmoid"

pytestmark = pytest.mark.slow


def audit(name: str, parts: Sequence[str]) -> TopicAudit:
    # Other tests run at the same time: more at once would take the time from them.
    with Auditor(Course.find(root=ROOT), jobs=2) as auditor:
        return auditor.audit(auditor.subject(name), parts)


@pytest.mark.parametrize("name", [name for name in TOPICS if name != WHOLE])
def test_right_answers_earn_all_and_wrong_ones_lose_what_they_must(name):
    found = audit(name, ["variants"])
    assert found.survivors == []
    assert found.full == found.of["right"] >= 30
    assert found.caught == found.named == found.of["wrong"] >= 40


def test_one_topic_in_full():
    found = audit(WHOLE, PARTS)
    assert found.survivors == []
    assert found.killed == found.of["mutant"] >= 100
    assert found.whole == found.of["whole"] >= 10
