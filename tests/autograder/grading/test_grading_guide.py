"""What `autograder.grading` tells of one submission's way: every name in it is there."""

import importlib
import re
from importlib.util import find_spec
from types import ModuleType

from autograder import grading


def test_what_the_guide_through_grading_names_is_there() -> None:
    names = re.findall(r"`([A-Za-z_.]+)`", grading.__doc__)
    assert len(names) > 30
    for name in names:
        first, *rest = name.removeprefix("autograder.").split(".")
        package = "autograder" if name.startswith("autograder.") else "autograder.grading"
        found = importlib.import_module(f"{package}.{first}")
        for part in rest:
            inner = f"{found.__name__}.{part}" if isinstance(found, ModuleType) else ""
            is_module = inner and hasattr(found, "__path__") and find_spec(inner)
            found = importlib.import_module(inner) if is_module else getattr(found, part)
