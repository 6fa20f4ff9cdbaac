"""Kinds of proxies: a proxy has the abilities of its object, and no others."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.exam.messages import Call, Compare, Guard, Operate
from autograder.exam.remote.object_table import Ability
from autograder.exam.remote.proxies import Proxy, ask, read, request, typed, value_of
from autograder.exam.remote.readings import Pass


class _Callable:
    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return request(self, Call(self, list(args), kwargs))

    def __nnkit_call__(self, arguments: tuple) -> tuple[Any, int | None]:
        answer = request(self, Compare(self, list(arguments)))
        if type(answer) is not list or len(answer) != 2 or type(answer[1]) not in (int, type(None)):
            raise TypeError("there is no result")
        return answer[0], answer[1]

    def __nnkit_source__(self) -> Any:
        return self._nnkit_client.source_of(self._nnkit_about)

    def __nnkit_guarded__(self, example: tuple, forbidden: tuple[str, ...]) -> str | None:
        used = request(self, Guard(self, list(example), list(forbidden)))
        return used if used in forbidden else None


class _Sized:
    __slots__ = ()

    def __len__(self) -> int:
        said = typed(self, "len", int)
        if self._nnkit_about.abilities & Ability.NUMBER and np.ndim(value := value_of(self)):
            return np.shape(value)[0]
        return said


class _Iterable:
    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        client, about = self._nnkit_client, self._nnkit_about
        return iter(client.readings.once(about, ("pass",), lambda: _first_pass(self)))


class _Iterator:
    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return _following(self)
        finally:
            self._nnkit_client.readings.forget()


def _following(iterator: Any) -> Any:
    """Return the next item; an iterator that has ended stays ended."""
    about = iterator._nnkit_about
    if about.over:
        raise StopIteration
    try:
        return iterator._nnkit_client.request(Operate("next", [iterator]))
    except Exception as error:
        if getattr(error, "remote_name", "") == "StopIteration":
            about.over = True
            raise StopIteration from None
        raise


def _first_pass(iterable: Any) -> Pass:
    iterator = iterable._nnkit_client.request(Operate("iter", [iterable]))
    if not isinstance(iterator, _Iterator):
        raise TypeError("the object cannot be iterated over")
    try:
        size = len(iterable)
    except TypeError:  # its length is unknown or infinite
        size = None
    return Pass(lambda: _following(iterator), size)


class _Items:
    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        return read(self, "item", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        ask(self, "set item", key, value)

    def __delitem__(self, key: Any) -> None:
        ask(self, "delete item", key)


class _Number:
    __slots__ = ()

    def __bool__(self) -> bool:
        return _number(self, bool)

    def __float__(self) -> float:
        return _number(self, float)

    def __int__(self) -> int:
        return _number(self, int)

    def __complex__(self) -> complex:
        return _number(self, complex)

    def __index__(self) -> int:
        value = value_of(self)
        if isinstance(value, np.ndarray):
            raise TypeError("an array is not an index")
        return operator.index(value)

    def __round__(self, digits: int | None = None) -> Any:
        return round(value_of(self), digits)


def _number(proxy: Any, kind: type) -> Any:
    """Return a proxy's value of one item as a number; for several, the object's own conversion."""
    value = value_of(proxy)
    if np.size(value) != 1:
        return typed(proxy, kind.__name__, kind)
    return kind(np.asarray(value).item())


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


@functools.lru_cache(maxsize=512)
def proxy_class(abilities: Ability, type_name: str) -> type[Proxy]:
    """Return the class of proxies with exactly these abilities.

    So `callable`, `iter` and the abstract classes of `collections` work as for the object. It has
    the name of the object's class, since Python's messages show it.
    """
    if abilities & Ability.NEXT:
        abilities &= ~Ability.ITERATE
    mixins = [mixin for ability, mixin in _MIXINS.items() if abilities & ability]
    name = type_name if type_name.isidentifier() else "object"
    return type(name[:80], (*mixins, Proxy), {"__slots__": (), "__doc__": _documentation})


@property
def _documentation(self: Proxy) -> Any:
    return read(self, "attribute", "__doc__")
