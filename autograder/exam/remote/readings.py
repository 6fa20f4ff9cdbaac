"""The values that a test has read from the candidate: each is read once, until the next call.

A student's object can return another array at each `np.asarray`, another length at each `len`, and
other items on the second pass. A check and the line after it would then see different values. So
the first answer is kept until the test itself lets student code run: by a call, by setting a value,
by the next item of a generator, or by a test's function that student code calls. An object that
changes in place, such as a variable in training, is then seen to change.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

import numpy as np

from autograder.exam.remote.remote_errors import ExamFault

_ATOMS = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis))


class Readings:
    """The answers that a test has read.

    A reading belongs to an ``owner``, which is kept as long as the reading: two proxies of one
    object are read separately, since a generator may yield one variable at each of its steps.
    """

    def __init__(self) -> None:
        self._found: dict[tuple, tuple[Any, Any, Exception | None]] = {}

    def forget(self) -> None:
        """Drop all readings: student code may have changed any value."""
        self._found.clear()

    def once(self, owner: object, question: tuple, fetch: Callable[[], Any]) -> Any:
        """Return what ``fetch`` returns, or raise what it raises; the same until `forget`.

        An `ExamFault` is not kept. A question with operands other than plain data is asked each
        time.
        """
        try:
            place = id(owner), _key(question)
        except TypeError:
            return fetch()
        if place not in self._found:
            try:
                answer = owner, fetch(), None
            except ExamFault:
                raise
            except Exception as error:
                answer = owner, None, error
            self._found[place] = answer
        _, value, error = self._found[place]
        if error is not None:
            raise error.with_traceback(None)
        return fresh(value)


class Pass:
    """One pass through an object of the candidate; every later pass repeats it.

    Items are fetched on demand, so that an endless pass can begin.

    Parameters
    ----------
    following
        Returns the next item, or raises `StopIteration`.
    size
        The length that the object claims; None if it claims none.
    """

    def __init__(self, following: Callable[[], Any], size: int | None) -> None:
        self._following = following
        self._size = size
        self._items: list[Any] = []
        self._over = False

    def __iter__(self) -> Iterator[Any]:
        """Yield the items.

        Raises
        ------
        TypeError
            If there are more or fewer items than the object claims.
        """
        place = 0
        while place < len(self._items) or self._fetch():
            yield fresh(self._items[place])
            place += 1

    def _fetch(self) -> bool:
        if self._over:
            return False
        try:
            self._items.append(self._following())
        except StopIteration:
            self._over = True
        count = len(self._items)
        if self._size is not None and (count > self._size or (self._over and count < self._size)):
            more = "more" if count > self._size else count
            raise TypeError(f"the object has the length {self._size}, but yields {more} items")
        return not self._over


def fresh(value: Any) -> Any:
    """Return a copy of arrays and containers that a test could change, or else the value itself."""
    kind = type(value)
    if kind is np.ndarray:
        return value.copy(order="K") if value.flags.writeable else value
    if kind in (list, tuple):
        return kind(map(fresh, value))
    if kind is dict:
        return {name: fresh(item) for name, item in value.items()}
    return value.copy() if kind in (set, bytearray) else value


def _key(part: Any) -> Hashable:
    """Return a key that differs for different questions: 1, True and 1.0 are different."""
    kind = type(part)
    if kind in _ATOMS:
        return kind, part
    if kind is tuple:
        return kind, tuple(map(_key, part))
    if kind is slice:
        return kind, _key((part.start, part.stop, part.step))
    if kind is np.ndarray and part.dtype.kind in "biuf":
        return kind, part.dtype.str, part.shape, part.tobytes()
    if isinstance(part, np.generic):
        return kind, part.tobytes()
    raise TypeError("not plain data")
