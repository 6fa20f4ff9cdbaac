"""The functions of a test that the candidate may call while the test waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.exam.wire import Encoder, WireError

MAX_CALLBACKS = 100_000


class Callbacks:
    """The functions that one test cell has passed to student code, by number."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._functions: list[Callable[..., Any]] = []
        self._called = 0

    def begin(self) -> None:
        """Start a test cell; functions of the previous one can no longer be called."""
        self._functions, self._called = [], 0

    def number(self, function: Callable[..., Any]) -> int:
        """Return a function's number; a new function gets the next one."""
        for number, known in enumerate(self._functions):
            if known is function:
                return number
        self._functions.append(function)
        return len(self._functions) - 1

    def get(self, number: Any) -> Callable[..., Any]:
        """Return the function with this number, which the candidate sends back.

        Raises
        ------
        WireError
            If there is no function with this number.
        """
        if type(number) is not int or not 0 <= number < len(self._functions):
            raise WireError("not a function of this test")
        return self._functions[number]

    def call(self, number: Any, args: Any, kwargs: Any) -> Any:
        """Call a function for the candidate; return its result, after checking that it can be sent.

        Raises
        ------
        Exception
            Any exception of the function, or an error in the call.
        """
        self._called += 1
        if type(number) is not int or type(args) is not list or type(kwargs) is not dict:
            raise TypeError("not a call")
        if self._called > MAX_CALLBACKS:
            raise RuntimeError("the test's functions were called too many times")
        if not 0 <= number < len(self._functions):
            raise RuntimeError("this function belonged to an earlier test")
        result = self._functions[number](*args, **kwargs)
        self._encoder.encode(result)
        return result
