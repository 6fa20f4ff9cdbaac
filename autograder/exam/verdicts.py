"""The verdict on a test: it earns its points only if its outputs hold no error."""

from __future__ import annotations

from autograder.exam.notebook.outputs import Output, error_output, raised_output
from autograder.exam.remote.remote_errors import ExamFault


def verdict(
    outputs: list[Output],
    error: BaseException | None,
    fault: ExamFault | None,
    returned: str | None,
) -> list[Output]:
    """Return the outputs of a test that has run; they hold no error only if it earned its points.

    Parameters
    ----------
    outputs
        The test's outputs.
    error
        The exception that ended it, if any.
    fault
        The failure of student code to answer, if any; it fails the test even if the test caught it.
    returned
        The kind of the last value that student code returned.
    """
    kept = [output for output in outputs if output["output_type"] != "execute_result"]
    for output in kept:
        if output.get("name") == "stderr":
            output["name"] = "stdout"  # nbgrader treats stderr as a failure
    failures = [output for output in kept if failed(output)]
    if (fault or error) and not failures:
        kept.append(error_output(*described(fault or error)))
    elif fault is None and returned and _by_the_test(error):
        # "'NoneType' object is not subscriptable" does not help a student who has not seen the
        # test.
        failures[-1]["evalue"] += f" (your code had returned {returned})"
    if lines := getattr(error, "student_lines", ""):
        kept.insert(-1, raised_output(kept[-1], lines))
    return kept


def failed(output: Output) -> bool:
    """Whether an output is an error."""
    return output["output_type"] == "error"


def described(error: BaseException) -> tuple[str, str]:
    """Return an exception's name and message; the message is "" if it cannot be read."""
    try:
        return type(error).__name__, str(error)
    except Exception:
        return type(error).__name__, ""


def _by_the_test(error: BaseException | None) -> bool:
    """Whether a test ended because it could not use a value, outside student code."""
    kinds = (TypeError, AttributeError, LookupError, ValueError)
    return isinstance(error, kinds) and not getattr(error, "student_raised", False)
