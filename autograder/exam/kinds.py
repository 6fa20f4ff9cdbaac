"""Kinds of handles: what an object can do, its handle can do, and nothing else."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from autograder.exam.handles import Handle, ask, typed, value_of
from autograder.exam.objects import Ability


class _Callable:
    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return ask(self, "call", list(args), kwargs)

    def __nnkit_call__(self, arguments: tuple) -> tuple[Any, int | None]:
        answer = ask(self, "compare", list(arguments))
        if type(answer) is not list or len(answer) != 2 or type(answer[1]) not in (int, type(None)):
            raise TypeError("no result came back")
        return answer[0], answer[1]

    def __nnkit_source__(self) -> Any:
        return self._nnkit_link.source_of(self._nnkit_about)

    def __nnkit_guarded__(self, example: tuple, forbidden: tuple[str, ...]) -> str | None:
        used = ask(self, "guarded", list(example), list(forbidden))
        return used if used in forbidden else None


class _Sized:
    __slots__ = ()

    def __len__(self) -> int:
        return typed(self, "len", int)


class _Iterable:
    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        iterator = ask(self, "iter")
        if not isinstance(iterator, _Iterator):
            raise TypeError("the object cannot be iterated over")
        return iterator


class _Iterator:
    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return ask(self, "next")
        except Exception as error:
            if getattr(error, "remote_name", "") == "StopIteration":
                raise StopIteration from None
            raise


class _Items:
    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        return ask(self, "item", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        ask(self, "set item", key, value)

    def __delitem__(self, key: Any) -> None:
        ask(self, "delete item", key)


class _Number:
    __slots__ = ()

    def __float__(self) -> float:
        return typed(self, "float", float)

    def __int__(self) -> int:
        return typed(self, "int", int)

    def __complex__(self) -> complex:
        return typed(self, "complex", complex)

    def __index__(self) -> int:
        return typed(self, "index", int)

    def __round__(self, digits: int | None = None) -> Any:
        return round(value_of(self), digits)


class _Context:
    __slots__ = ()

    def __enter__(self) -> Any:
        return ask(self, "enter")

    def __exit__(self, *_: object) -> None:
        ask(self, "exit")


_MIXINS = {
    Ability.CALL: _Callable,
    Ability.LENGTH: _Sized,
    Ability.NEXT: _Iterator,
    Ability.ITERATE: _Iterable,
    Ability.ITEMS: _Items,
    Ability.NUMBER: _Number,
    Ability.CONTEXT: _Context,
}


@functools.cache
def handle_class(abilities: Ability) -> type[Handle]:
    """Return the class of handles with these abilities, and with no others.

    So `callable`, `iter` and the abstract classes of `collections` answer as for the object.
    """
    if abilities & Ability.NEXT:
        abilities &= ~Ability.ITERATE
    mixins = [mixin for ability, mixin in _MIXINS.items() if abilities & ability]
    return type("Handle", (*mixins, Handle), {"__slots__": (), "__doc__": _documentation})


@property
def _documentation(self: Handle) -> Any:
    return ask(self, "attribute", "__doc__")
