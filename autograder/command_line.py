"""Make Typer commands from functions whose one argument is a dataclass of options."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup


def argument(metavar: str, text: str, *, default: Any = MISSING) -> Any:
    """Return a dataclass field for an argument: its name in the usage line, and its help."""
    return _field(typer.Argument(metavar=metavar, help=text), default)


def option(metavar: str, text: str, *names: str, default: Any = None, **more: Any) -> Any:
    """Return a dataclass field for an option with a value, by default named after the field."""
    return _field(typer.Option(*names, metavar=metavar, help=text, **more), default)


def flag(names: str, text: str, *, default: bool = False) -> Any:
    """Return a dataclass field for an option without a value."""
    return _field(typer.Option(names, help=text), default)


def _field(about: Any, default: Any) -> Any:
    return dataclasses.field(default=default, metadata={"typer": about})


def callback(
    function: Callable[[Any], int | None], guarded: Callable[[Callable[[], int | None]], None]
) -> Callable[..., None]:
    """Return a function whose keyword arguments are the fields of ``function``'s one argument.

    Parameters
    ----------
    function
        Takes a dataclass, whose fields are `argument`, `option` or `flag`.
    guarded
        Runs the command and turns errors into messages.
    """
    hints = get_type_hints(function)
    (options,) = (kind for name, kind in hints.items() if name != "return")

    @functools.wraps(function)
    def run(**given: Any) -> None:
        guarded(lambda: function(options(**given)))

    parameters = list(_parameters(options))
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def _parameters(options: type) -> Iterator[inspect.Parameter]:
    """Yield a parameter for each field of a dataclass, those of its base classes last."""
    hints = get_type_hints(options)
    fields = {each.name: each for each in dataclasses.fields(options)}
    for cls in options.__mro__:
        for name in inspect.get_annotations(cls):
            if field := fields.pop(name, None):
                yield inspect.Parameter(
                    name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=inspect.Parameter.empty if field.default is MISSING else field.default,
                    annotation=Annotated[hints[name], field.metadata["typer"]],
                )


def _untyped(parameters: list[Any]) -> list[Any]:
    """Remove Python's types from the help: ``<bool>`` after a flag, ``<str>`` after an argument."""
    for each in parameters:
        if getattr(each, "is_flag", False):
            each.metavar = ""
        elif isinstance(each, TyperArgument):
            each.display_type_rich = lambda **_: None
    return parameters


class Command(TyperCommand):
    """A command with the usual form of usage line: ``TOPIC...`` or ``[TOPIC]...``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, as the help shows them."""
        return _untyped(super().get_params(ctx))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the usage line; Typer would put required arguments in braces."""
        found = (each for each in self.get_params(ctx) if isinstance(each, TyperArgument))
        return [self.options_metavar or "", *map(_usage, found)]


def _usage(argument: TyperArgument) -> str:
    name = argument.metavar or argument.name
    return (name if argument.required else f"[{name}]") + "..." * (argument.nargs != 1)


class Group(TyperGroup):
    """All commands."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, as the help shows them."""
        return _untyped(super().get_params(ctx))
