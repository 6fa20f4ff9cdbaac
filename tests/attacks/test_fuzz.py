"""An examiner that is answered at random finishes, and nobody earns a point by it."""

import pytest

from tests.support.attacks import fuzz
from tests.support.attacks.forger import Ext, Forger


@pytest.mark.slow
def test_no_answer_ends_an_examiner_or_earns_a_point():
    found = fuzz.fuzz(seed=13, messages=500, timeout_s=300)
    assert found["ended"] == ""
    assert found["earned"] == []
    assert found["missing"] == 0
    assert found["messages"] >= 500


def test_a_seed_makes_the_same_answers_again():
    first, again, other = Forger(3), Forger(3), Forger(4)
    answers = [first.answer(n, "call") for n in range(50)]
    assert answers == [again.answer(n, "call") for n in range(50)]
    assert answers != [other.answer(n, "call") for n in range(50)]


@pytest.mark.slow
def test_answers_are_of_every_type_in_every_field():
    made = Forger(5, honest=0.0)
    fields, codes = [set() for _ in range(4)], set()
    for _ in range(4_000):
        message = made.forged(1, "cell")
        if type(message) is not list or len(message) != 4:
            continue
        for place, field in enumerate(message):
            fields[place].add(type(field).__name__)
            if isinstance(field, Ext):
                codes.add(field[0])
    assert len(codes & set(range(1, 14))) > 8
    assert all(len(found) > 5 for found in fields), fields
