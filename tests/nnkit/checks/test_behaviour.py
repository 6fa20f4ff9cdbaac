"""`same`, `raises`, `holds`: what a function does."""

import numpy as np
import pytest

from nnkit import checks

RNG = np.random.default_rng(1)
CASES = [(RNG.normal(size=(n, 3)), RNG.normal(size=3)) for n in (2, 5, 1)]


def reference(x, w):
    return x @ w


def test_same_accepts_what_agrees_on_every_case():
    checks.same(
        lambda x, w: [sum(a * b for a, b in zip(r, w, strict=True)) for r in x],
        reference,
        CASES,
        "f",
    )
    checks.same(lambda x, w: np.einsum("nd,d->n", x, w), reference, CASES, "f")


def test_same_names_a_mistake_only_if_it_explains_every_case(failure):
    absolute = checks.cause("absolute", lambda x, w: abs(x @ w), "the sign got lost")
    found = failure(checks.same, lambda x, w: abs(x @ w), reference, CASES, "f", causes=[absolute])
    assert found.record.diagnosis == "absolute"

    def sometimes(x, w):
        return abs(x @ w) if len(x) > 1 else x @ w + 1

    found = failure(checks.same, sometimes, reference, CASES, "f", causes=[absolute])
    assert found.record.diagnosis is None


def test_same_survives_a_hypothesis_that_cannot_be_computed(failure):
    broken = checks.cause("broken", lambda x, w: x @ w[:2], "shapes")
    found = failure(checks.same, lambda x, w: -(x @ w), reference, CASES, "f", causes=[broken])
    assert found.record.diagnosis == "sign"


def test_same_notices_an_argument_changed_in_place(failure):
    def careless(x, w):
        x *= w
        return x.sum(axis=1)

    found = failure(checks.same, careless, reference, CASES, "f")
    assert found.record.diagnosis == "argument-changed"
    assert np.all(np.isfinite(CASES[0][0]))


def test_same_keeps_the_cases_as_they_were():
    before = CASES[0][0].copy()
    with pytest.raises(checks.CheckFailed):
        checks.same(lambda x, w: x.__imul__(0), reference, CASES, "f")
    np.testing.assert_array_equal(CASES[0][0], before)


def test_same_shows_a_students_own_error():
    with pytest.raises(ZeroDivisionError):
        checks.same(lambda x, w: 1 / 0, reference, CASES, "f")


def test_raises(failure):
    checks.raises(int, "x", error=ValueError, what="bad text")
    assert "returns" in str(failure(checks.raises, int, "3", what="bad text"))
    assert "TypeError" in str(failure(checks.raises, int, [], what="bad text"))


def test_an_unwritten_function_is_not_a_refusal():
    def stub():
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        checks.raises(stub, error=Exception, what="stub")


def test_holds(failure):
    checks.holds(True, "yes", "never shown")
    checks.holds(np.array([True, True]), "yes", "never shown")
    found = failure(checks.holds, np.array([True, False]), "no", "because", name="half")
    assert found.record.diagnosis == "half"
    assert failure(checks.holds, False, "no", "because").record.diagnosis is None
