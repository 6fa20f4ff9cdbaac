"""What a test's outputs say: it earns its points only where no error is among them."""

from __future__ import annotations

from autograder.exam.notebook.outputs import Output, error_output, raised_output
from autograder.exam.remote.remote_errors import ExamFault


def verdict(
    outputs: list[Output],
    error: BaseException | None,
    fault: ExamFault | None,
    returned: str | None,
) -> list[Output]:
    """Return the outputs of a test that has run; without an error only if it earned its points.

    Parameters
    ----------
    outputs
        What it printed and showed.
    error
        What ended it before its end, if anything.
    fault
        That student code did not answer; it fails the test, also one that has caught it.
    returned
        What kind of thing student code gave back last.
    """
    kept = [output for output in outputs if output["output_type"] != "execute_result"]
    for output in kept:
        if output.get("name") == "stderr":
            output["name"] = "stdout"  # nbgrader would take it for a failure
    failures = [output for output in kept if failed(output)]
    if (fault or error) and not failures:
        kept.append(error_output(*described(fault or error)))
    elif fault is None and returned and _by_the_test(error):
        # "'NoneType' object is not subscriptable" says little to whoever has not seen the test.
        failures[-1]["evalue"] += f" (your code had returned {returned})"
    if lines := getattr(error, "student_lines", ""):
        kept.insert(-1, raised_output(kept[-1], lines))
    return kept


def failed(output: Output) -> bool:
    """Whether an output is an error."""
    return output["output_type"] == "error"


def described(error: BaseException) -> tuple[str, str]:
    """Return an exception's name and message; one that holds a proxy may fail to tell it."""
    try:
        return type(error).__name__, str(error)
    except Exception:
        return type(error).__name__, ""


def _by_the_test(error: BaseException | None) -> bool:
    """Whether a test ended because it could not use a value, and not within student code."""
    kinds = (TypeError, AttributeError, LookupError, ValueError)
    return isinstance(error, kinds) and not getattr(error, "student_raised", False)
