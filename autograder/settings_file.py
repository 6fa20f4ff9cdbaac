"""Check a settings file by a pydantic model; each error is one sentence for the file's author.

Needs only pydantic: the hub's configuration, which does not have the autograder, has a copy.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

Model = TypeVar("Model", bound=BaseModel)

_SENTENCES = {
    "bool_type": "{entry} must be true or false, not {value}.",
    "dict_type": "{entry} must be a table, not {value}.",
    "finite_number": "{entry} must be a finite number, not {value}.",
    "float_type": "{entry} must be a number, not {value}.",
    "int_type": "{entry} must be a whole number, not {value}.",
    "list_type": "{entry} must be a list of texts, not {value}.",
    "tuple_type": "{entry} must be a list of texts, not {value}.",
    "string_type": "{entry} must be a text, not {value}: put quotation marks around it.",
    "item": "{entry} must be a list of texts; put quotation marks around {value}.",
    "greater_than": "{entry} must be more than {gt:g}, not {value}.",
    "literal_error": "{entry} is {value}: it may be {allowed}.",
    "model_type": "{entry} must have the entries {allowed}; it is {value}.",
    "extra_forbidden": "{section} has the unknown entry {name}.{near} It may have {allowed}.",
    "missing": "{entry} is missing: {section} needs {needed}; {hint}.",
    "value_error": "{entry}: {error}",
}
# An address that is only a beginning is not filled in either.
_EMPTY = ("", "https://", [], None)


class SettingsError(Exception):
    """The errors in a settings file, for its author: one line each."""


class Section(BaseModel):
    """A table of settings: unknown entries are errors, and no value is converted.

    An entry that is null, or empty and required, counts as missing; the description of its field
    says what to write.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, table: Any) -> Any:
        if not isinstance(table, dict):
            return {} if table is None else table
        needed = {name for name, field in cls.model_fields.items() if field.is_required()}
        return {k: v for k, v in table.items() if v not in (_EMPTY if k in needed else (None,))}


def read(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file; raise `SettingsError` if it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error


def check(
    table: Any, model: type[Model], where: str = "", *, hint: str, root: str = "", **context: Any
) -> Model:
    """Return a table's settings, checked by a model.

    Parameters
    ----------
    where
        The beginning of each line of a message, such as the name of the file.
        hint
        Where to find a missing value, as the end of a sentence.
        root
        The table's own name in the file, such as ``login.oauth``. Default: it is the whole file.
        context
        The context of the model's validators.

    Raises
    ------
    SettingsError
        For each entry that is missing, unknown or wrong, with the allowed values.
    """
    try:
        return model.model_validate(table, context=context)
    except ValidationError as error:
        prefix = f"{where}: " if where else ""
        lines = [prefix + _sentence(fault, model, root, hint) for fault in error.errors()]
        raise SettingsError("\n".join(lines)) from error


def _sentence(fault: Any, model: type[BaseModel], root: str, hint: str) -> str:
    """Return the sentence for an error in one entry."""
    problem, place = fault["type"], fault["loc"]
    if problem == "string_type" and isinstance(place[-1], int):
        problem = "item"
    # The entry's name has neither the index of an item nor the mark of a table's key.
    names = [name for name in place if isinstance(name, str) and name != "[key]"]
    entry, section = (".".join(filter(None, [root, *part])) for part in (names, names[:-1]))
    if problem == "value_error" and not entry:
        return str(fault["ctx"]["error"])
    outside = problem in ("extra_forbidden", "missing")
    allowed = _allowed(reduce(_inside, names[:-1] if outside else names, model))
    words = {
        "entry": entry or "the file",
        "section": f"[{section}]" if section else "the file",
        "name": names[-1] if names else "",
        "needed": allowed.get(names[-1]) if outside else "",
        "near": _near(names[-1], allowed) if outside else "",
        "allowed": ", ".join(allowed) or "no entry",
        "value": repr(fault["input"]),
        "hint": hint,
    }
    sentence = _SENTENCES.get(problem, "{entry} cannot be {value}: {msg}.")
    return sentence.format_map(fault | fault.get("ctx", {}) | words)


def _near(name: str, allowed: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, allowed, 1)
    return f" Did you mean {near[0]}?" if near else ""


def _allowed(kind: Any) -> dict[str, str]:
    """Return the entries of a section with their descriptions, or the values of an entry."""
    if not _is_section(kind):
        return dict.fromkeys(map(str, get_args(kind)), "")
    fields = kind.model_fields.items()
    return {field.alias or name: field.description or name for name, field in fields}


def _inside(kind: Any, name: str) -> Any:
    """Return the type of an entry of a section, or of a table of sections."""
    if not _is_section(kind):
        return get_args(kind)[-1]
    return next(f.annotation for n, f in kind.model_fields.items() if name == (f.alias or n))


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
