"""A trace of the conversation with a candidate: each request and its answer, shortened.

Nothing here sends a request: a proxy is described by what the examiner knows of it, and only
methods of NumPy's arrays and Python's plain types are called.
"""

from __future__ import annotations

import contextlib
import time
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from autograder.exam import messages
from autograder.exam.processes.stopwatch import Deadline
from autograder.exam.remote.conversation import Conversation
from autograder.exam.remote.proxies import is_proxy

MOST = 300  # characters of one value
_ITEMS = 6
_TEXT = 60
_DEPTH = 3


class TracedConversation(Conversation):
    """Reports each request and each call of a test's function, once it is answered.

    Parameters
    ----------
    parts
        The arguments of a `Conversation`.
    report
        Receives each request with its answer. Nested requests are reported before the request
        around them, with a greater ``depth``.
    """

    def __init__(self, *parts: Any, report: Callable[[messages.Traced], None]) -> None:
        super().__init__(*parts)
        self._report = report
        self._depth = 0

    def ask(self, request: messages.Request, deadline: Deadline) -> tuple[messages.Answer, bool]:
        """Send a request and report it with its answer; see `Conversation.ask`."""
        with self._told(request.word, _asked(request)) as answered:
            answer, late = super().ask(request, deadline)
            answered += [answer, _answer(request, answer, late)]
        return answer, late

    def _call(self, call: messages.CallBack, late: bool) -> messages.CallbackAnswer:
        number = call.function if type(call.function) is int else "?"
        with self._told(call.word, f"test's function {number}({_list(call.args)})") as answered:
            answer = super()._call(call, late)
            answered += [answer, _callback_answer(answer)]
        return answer

    @contextlib.contextmanager
    def _told(self, what: str, asked: str) -> Iterator[list[Any]]:
        """Report the request made in the body: the answer and its text, or the exception."""
        began, answered = time.monotonic(), []
        self._depth += 1
        try:
            yield answered
        except BaseException as error:
            answered += [None, f"{type(error).__name__}: {_cut(_message(error))}"]
            raise
        finally:
            self._depth -= 1
            answer, text = answered or (None, "")
            failed = answer is None or isinstance(answer, messages.Raised | messages.CallbackRaised)
            printed = _cut(getattr(answer, "printed", ""))
            spent = time.monotonic() - began
            self._report(messages.Traced(what, asked, text, failed, printed, spent, self._depth))


def _asked(request: messages.Request) -> str:
    match request:
        case messages.RunCell(source=source):
            return short((source.strip().splitlines() or [""])[0])
        case messages.LookUp(name=name):
            return name
        case messages.Call(function, args, kwargs):
            named = [f"{name}={short(value)}" for name, value in kwargs.items()]
            return _cut(f"{_name(function)}({', '.join([*map(short, args), *named])})")
        case messages.Compare(function, args):
            return _cut(f"{_name(function)}({_list(args)})")
        case messages.Guard(function, example, forbidden):
            return _cut(f"{_name(function)}({_list(example)}) without {', '.join(forbidden)}")
        case messages.Operate(_, operands):
            return _list(operands)
    return ""


def _answer(request: messages.Request, answer: messages.Answer, late: bool) -> str:
    if isinstance(answer, messages.Raised):
        text = _described(answer.description)
    elif isinstance(request, messages.RunCell):
        text = _outcome(answer.value["outputs"])
    elif isinstance(request, messages.LookUp):
        text = short(answer.value[1]) if answer.value[0] else "no such name"
    elif isinstance(request, messages.Compare):
        value, changed = answer.value
        text = short(value) + ("" if changed is None else f", argument {changed} was changed")
    else:
        text = short(answer.value)
    return f"{text} (too late: interrupted)" if late else text


def _outcome(outputs: list[Any]) -> str:
    """Return how a cell ended; its outputs are not trusted."""
    for output in outputs:
        if type(output) is dict and _plain_text(output.get("output_type")) == "error":
            name, message = (_plain_text(output.get(key)) for key in ("ename", "evalue"))
            return _cut(f"ended with {name}: {message}")
    return f"ran to its end, {len(outputs)} outputs"


def _plain_text(value: Any) -> str:
    return value if type(value) is str else ""


def _callback_answer(answer: messages.CallbackAnswer) -> str:
    if isinstance(answer, messages.CallbackRaised):
        return _described(answer.description)
    return short(answer.value)


def _described(description: dict[str, Any]) -> str:
    return _cut(f"{description['name']}: {description['message']}")


def _message(error: BaseException) -> str:
    """Return an exception's text; "" if it holds other objects, since a proxy sends requests."""
    return str(error) if all(type(part) is str for part in error.args) else ""


def _name(function: Any) -> str:
    if not is_proxy(function):
        return short(function)
    about = function._nnkit_about
    return about.origin or about.name or f"<{about.type_name}>"


def _list(values: Any) -> str:
    return _cut(", ".join(map(short, values[:_ITEMS])) if type(values) is list else "?")


def _cut(text: str, most: int = MOST) -> str:
    return text if len(text) <= most else f"{text[: most - 2]} …"


def short(value: Any) -> str:
    """Return a description of a value in at most `MOST` characters, control characters included."""
    try:
        return _cut(_short(value, 0))
    except Exception:  # from a test's object, or an integer with too many digits
        return f"<{type(value).__name__}>"


def _short(value: Any, depth: int) -> str:
    kind = type(value)
    if is_proxy(value):
        about = value._nnkit_about
        name = about.origin or about.name
        return f"<{_cut(about.type_name, _TEXT)}{f' {_cut(name, _TEXT)}' if name else ''}>"
    if kind in (str, bytes, bytearray):
        return f"{value[:_TEXT]!r} … ({len(value)} long)" if len(value) > _TEXT else repr(value)
    if kind in (int, float, complex, bool, type(None), type(Ellipsis), range, slice):
        return repr(value)
    if isinstance(value, np.generic):
        return f"{value.dtype} {_short(value.item(), depth)}"
    if isinstance(value, np.ndarray):
        return _array("array", value)
    if kind.__module__.startswith("tensorflow.") and callable(getattr(value, "numpy", None)):
        return _array("tensor", np.asarray(value.numpy()))
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | type):
        return f"<{kind.__name__} {value.__name__}>"
    return _container(value, depth)


def _container(value: Any, depth: int) -> str:
    kind = type(value)
    if kind is dict:
        first = list(value.items())[:_ITEMS]
        parts = (f"{_short(k, depth + 1)}: {_short(v, depth + 1)}" for k, v in first)
    elif isinstance(value, list | tuple | set | frozenset):
        parts = (_short(item, depth + 1) for item in list(value)[:_ITEMS])
    else:
        return f"<{kind.__name__}>"
    begin, end = {list: "[]", dict: "{}", set: "{}"}.get(kind, "()")
    inner = "…" if depth >= _DEPTH else _joined(parts, len(value))
    return f"{begin}{inner}{end}"


def _array(what: str, array: np.ndarray) -> str:
    head = f"{what} {array.dtype} {array.shape}"
    if array.dtype.kind not in "biufcSU":  # items of another kind may be proxies
        return head
    items = (_short(item, _DEPTH) for item in array.flat[:_ITEMS].tolist())
    return f"{head} [{_joined(items, array.size)}]"


def _joined(parts: Iterable[str], size: int) -> str:
    more = f", … ({size} in all)" if size > _ITEMS else ""
    return ", ".join(parts) + more
