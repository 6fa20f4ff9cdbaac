"""Remarks: a text with its kind, which goes wherever the text goes."""

import pickle

import pytest

from autograder import remark
from autograder.grading import remarks
from autograder.remark import Kind, Remark

EDITED = Remark("cell 'test-half' had been edited", Kind.TAMPERED)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_remark_travels_between_processes(protocol):
    copy = pickle.loads(pickle.dumps(EDITED, protocol))
    assert copy == EDITED == "cell 'test-half' had been edited"
    assert copy.kind is Kind.TAMPERED


def test_what_is_noted_can_be_read():
    said = [EDITED, "of an engine that knows no kinds", Remark("late", Kind.LATE)]
    found = remark.read(remark.noted(said))
    assert found == said
    assert [each.kind for each in found] == [Kind.TAMPERED, Kind.OTHER, Kind.LATE]
    assert all(type(text) is str for text in remark.noted(said)["remarks"])


@pytest.mark.parametrize(
    "about",
    [
        {"remarks": ["scored 0: x"]},
        {"remarks": ["scored 0: x"], "kinds": []},
        {"remarks": ["scored 0: x"], "kinds": ["of a later version"]},
    ],
)
def test_a_remark_without_a_known_kind_is_still_there(about):
    (found,) = remark.read(about)
    assert (found, found.kind) == ("scored 0: x", Kind.OTHER)


def test_where_nothing_is_noted_there_are_none():
    assert remark.read({}) == remark.read({"remarks": None}) == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (
            "Attribute 'points' for cell a has changed! (should be: 1.0, got: 9.0)",
            Kind.TAMPERED,
        ),
        ("Cell with id 'a' exists multiple times!", Kind.REPAIRED),
        ("Something that nbgrader says in another version", Kind.OTHER),
    ],
)
def test_the_kinds_of_what_nbgrader_says(line, kind):
    assert remarks.sentence(line).kind is kind
