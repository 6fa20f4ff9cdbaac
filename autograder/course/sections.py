"""A section of nbgrader_config.py, overridden by options of the command line."""

from __future__ import annotations

from typing import Any, TypeVar

from traitlets import TraitError
from traitlets.config import Config, Configurable

from autograder.errors import AutograderError

Section = TypeVar("Section", bound=Configurable)


def configured(section: type[Section], config: Config, what: str, **chosen: Any) -> Section:
    """Return a section's settings; a value in ``chosen`` that is not None overrides them.

    Parameters
    ----------
    what
        The kind of setting, for the message: "exam limit".

    Raises
    ------
    AutograderError
        If a value is invalid.
    """
    given = {name: value for name, value in chosen.items() if value is not None}
    try:
        return section(config=config, **given)
    except TraitError as error:
        raise AutograderError(
            f"Invalid {what}: {str(error).rstrip('.')}. Change it on the command line, or "
            f"c.{section.__name__} in nbgrader_config.py."
        ) from error
