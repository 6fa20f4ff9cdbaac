"""What checks say of values that cannot be compared, and of parts that disagree."""

import numpy as np
import pytest

from nnkit import checks
from nnkit.checks.report import CheckFailed


@pytest.mark.parametrize(
    ("value", "expected", "sentence"),
    [
        (None, [1.0], "What came back is None: does the function end in `return …`?"),
        (
            (None, np.ones(2)),
            (np.ones(2), np.ones(2)),
            "Part [0] of what came back is None: it was not computed (`tf.GradientTape` gives None "
            "for what it did not watch).",
        ),
        (
            (["a"], np.ones(1)),
            (np.ones(1), np.ones(1)),
            "Part [0] of what came back is of type <U1, not numbers.",
        ),
    ],
)
def test_what_is_no_number_is_named_in_a_sentence(value, expected, sentence):
    with pytest.raises(CheckFailed) as raised:
        checks.close(value, expected, "parts")
    assert str(raised.value) == f"parts: {sentence}"


def test_the_part_that_is_shown_is_the_one_that_disagrees(capsys):
    close, wrong = np.array([1 + 1e-12]), np.array([5.0])
    with pytest.raises(CheckFailed, match=r"Part \[1\] does not have"):
        checks.close((close, wrong), (np.ones(1), np.ones(1)), "two parts")
    shown = capsys.readouterr().out
    assert "came back [1]: [5.]" in shown
    assert "[0]" not in shown
