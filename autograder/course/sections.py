"""A section of nbgrader_config.py, with what was chosen on the command line before it."""

from __future__ import annotations

from typing import Any, TypeVar

from traitlets import TraitError
from traitlets.config import Config, Configurable

from autograder.errors import AutograderError

Section = TypeVar("Section", bound=Configurable)


def configured(section: type[Section], config: Config, what: str, **chosen: Any) -> Section:
    """Return a section's settings; what is chosen (and not None) comes before what it configures.

    Parameters
    ----------
    what
        What cannot be as it is set, in the message: "The exam's limits".

    Raises
    ------
    AutograderError
        If a value is not possible.
    """
    given = {name: value for name, value in chosen.items() if value is not None}
    try:
        return section(config=config, **given)
    except TraitError as error:
        raise AutograderError(
            f"{what} cannot be so ({error}): change it on the command line, or "
            f"c.{section.__name__} in nbgrader_config.py."
        ) from error
