"""Helpers for the tests of `nnkit.checks`."""

from collections.abc import Callable

import pytest

from nnkit import checks


@pytest.fixture
def failure() -> Callable[..., checks.CheckFailed]:
    """Return a function that runs a check, demands that it fails, and gives the failure."""

    def run(check: Callable, *args: object, **kwargs: object) -> checks.CheckFailed:
        with pytest.raises(checks.CheckFailed) as caught:
            check(*args, **kwargs)
        return caught.value

    return run
