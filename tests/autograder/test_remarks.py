"""Remarks: a text with its kind, which goes wherever the text goes."""

import pickle

import pytest

from autograder import remarks
from autograder.grading import nbgrader_log
from autograder.remarks import Kind, Remark

EDITED = Remark("cell 'test-half' had been edited", Kind.TAMPERED)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_remark_travels_between_processes(protocol):
    copy = pickle.loads(pickle.dumps(EDITED, protocol))
    assert copy == EDITED
    assert copy.text == "cell 'test-half' had been edited"
    assert copy.kind is Kind.TAMPERED


def test_what_is_noted_can_be_read():
    said = [EDITED, Remark("of an engine that knows no kinds"), Remark("late", Kind.LATE)]
    found = remarks.read(remarks.noted(said))
    assert found == said
    assert [each.kind for each in found] == [Kind.TAMPERED, Kind.OTHER, Kind.LATE]
    assert all(type(text) is str for text in remarks.noted(said)["remarks"])


@pytest.mark.parametrize(
    "about",
    [
        {"remarks": ["scored 0: x"]},
        {"remarks": ["scored 0: x"], "kinds": []},
        {"remarks": ["scored 0: x"], "kinds": ["of a later version"]},
    ],
)
def test_a_remark_without_a_known_kind_is_still_there(about):
    (found,) = remarks.read(about)
    assert (found.text, found.kind) == ("scored 0: x", Kind.OTHER)


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda remark: remark + "; the grade it had stays",
        lambda remark: "scored 0: " + remark,
        lambda remark: remark.strip(),
        lambda remark: "; ".join([remark]),
        lambda remark: remark[:100],
    ],
)
def test_no_operation_on_texts_makes_a_remark_without_its_kind(spoilt):
    with pytest.raises((TypeError, AttributeError)):
        spoilt(EDITED)
    assert f"{EDITED}" == EDITED.text  # made a text on purpose


def test_one_sentence_is_said_once_as_what_it_was_first():
    again = Remark(EDITED.text, Kind.OTHER)
    assert remarks.distinct([EDITED, again, Remark("late", Kind.LATE)]) == (
        EDITED,
        Remark("late", Kind.LATE),
    )


def test_where_nothing_is_noted_there_are_none():
    assert remarks.read({}) == remarks.read({"remarks": None}) == []


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
    assert nbgrader_log.sentence(line).kind is kind
