"""The messages of an exam: sender, receiver, fields, and form on the wire.

Examiner and candidate. The examiner sends a `Request`, numbered; the candidate answers `Returned`
or `Raised`. While it works on a request, the candidate may send a `CallBack`, which the examiner
answers by `CallbackReturned` or `CallbackRaised`. On the wire these are lists that begin with the
request's number and a word. What the candidate sends is read by `replies.read` alone, which checks
every field; what the examiner sends is read by `from_examiner`.

Exam pool and examiner, which trust each other. The exam pool sends one `Job`; the examiner reports
by `CellBegun`, `CellEnded`, `Remarked`, `SelfFault`, `Computed`, `Traced` and `Finished`, and asks
by `ForkCandidate` (answered by `CandidateForked`), `InterruptCandidate`, `EndCandidate` (answered
by `CandidateEnded`) and `GiveUp`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from autograder.exam.notebook.outputs import Output
from autograder.exam.wire import JOB_CAPS, Decoder, Encoder, Ref, WireError
from autograder.remarks import Kind

Packed = list[Any]  # a value's structure and blobs, as on the wire


def _fields(message: Any) -> list[Any]:
    return [getattr(message, name) for name in message.__match_args__]


# Examiner → candidate: requests, and answers to callbacks.


class Request:
    """A request of the examiner to the candidate; ``word`` is its name on the wire.

    ``of_values``: its answer may hold a student's value, and the candidate may call back.
    ``calls``: it calls a student's function.
    """

    __slots__ = ()
    word: ClassVar[str]
    of_values: ClassVar[bool] = True
    calls: ClassVar[bool] = False

    @property
    def arguments(self) -> list[Any]:
        """The fields, as sent."""
        return _fields(self)


@dataclass(frozen=True, slots=True)
class Begin(Request):
    """Prepare for the calls of a test cell."""

    seed: int
    word = "begin"
    of_values = False


@dataclass(frozen=True, slots=True)
class RunCell(Request):
    """Run a cell of the notebook; ``known`` holds results that `nnkit.once` need not compute."""

    source: str
    seed: int
    known: dict[str, Packed]
    word = "cell"
    of_values = False


@dataclass(frozen=True, slots=True)
class LookUp(Request):
    """Find a global name; the answer is ``[found, value]``."""

    name: str
    word = "name"


@dataclass(frozen=True, slots=True)
class Call(Request):
    """Call a student's function."""

    function: Any
    args: list[Any]
    kwargs: dict[str, Any]
    word = "call"
    calls = True


@dataclass(frozen=True, slots=True)
class Compare(Request):
    """Call a function for `checks.same`: ``[result, place of an argument it changed or None]``."""

    function: Any
    args: list[Any]
    word = "compare"
    calls = True


@dataclass(frozen=True, slots=True)
class Guard(Request):
    """Call a function with ``forbidden`` names made to fail; the answer is the name it used."""

    function: Any
    example: list[Any]
    forbidden: list[str]
    word = "guarded"
    calls = True


@dataclass(frozen=True, slots=True)
class Operate(Request):
    """Apply one of `object_table.OPERATIONS` to a student's object, the first operand."""

    operation: str
    operands: list[Any]

    @property
    def word(self) -> str:
        """The operation's name."""
        return self.operation

    @property
    def arguments(self) -> list[Any]:
        """The operands."""
        return self.operands


@dataclass(frozen=True, slots=True)
class CallbackReturned:
    """The result of a test's function, for the candidate that called it."""

    value: Any
    word: ClassVar[str] = "result"


@dataclass(frozen=True, slots=True)
class CallbackRaised:
    """The exception of a test's function, as described by `remote_errors.describe`."""

    description: dict[str, Any]
    word: ClassVar[str] = "raise"


# Candidate → examiner: answers, and calls of the test's functions.


@dataclass(frozen=True, slots=True)
class Returned:
    """A request's result, and the text printed meanwhile."""

    value: Any
    printed: str
    word: ClassVar[str] = "ok"


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception in student code, as described by `remote_errors.describe`."""

    description: dict[str, Any]
    printed: str
    word: ClassVar[str] = "error"


@dataclass(frozen=True, slots=True)
class CallBack:
    """A call of one of the test's functions; `Callbacks.call` checks the fields."""

    function: Any
    args: Any
    kwargs: Any
    word: ClassVar[str] = "callback"


Answer = Returned | Raised
CallbackAnswer = CallbackReturned | CallbackRaised

_REQUESTS = {kind.word: kind for kind in (Begin, RunCell, LookUp, Call, Compare, Guard)}
_CALLBACK_ANSWERS = {kind.word: kind for kind in (CallbackReturned, CallbackRaised)}


def request_to_wire(number: int, request: Request, released: list[int]) -> list[Any]:
    """Return a request as a list; ``released`` are references that the examiner has dropped."""
    return [number, request.word, request.arguments, released]


def to_wire(number: int, message: Answer | CallBack | CallbackAnswer) -> list[Any]:
    """Return an answer to a request, or a message before its answer, as a list."""
    return [number, message.word, *_fields(message)]


def from_examiner(content: list[Any]) -> tuple[int, Request | CallbackAnswer, list[int]]:
    """Return a request's number, the examiner's message, and the references it released."""
    number, word, inner, *rest = content
    if (answer := _CALLBACK_ANSWERS.get(word)) is not None:
        return number, answer(inner), []
    kind = _REQUESTS.get(word)
    return number, Operate(word, inner) if kind is None else kind(*inner), *rest


# Exam pool → examiner.


class Role(StrEnum):
    """The role of a cell in the exam; a ``LOST`` test is not run, but its names are reserved."""

    GIVEN = "given"
    TEST = "test"
    STUDENT = "student"
    LOST = "lost"


@dataclass(frozen=True)
class Cell:
    """A code cell of the job: its place in the notebook, from 0, and its grade id, if it has one.

    ``known`` holds the results of a given cell's `nnkit.once` calls; they are stored in the exam
    pool's cache under the key ``once_cache``. ``limit_s`` is the author's limit for this cell and
    for each call that it makes; 0 if there is none.
    """

    index: int
    role: Role
    source: str
    seed: int
    limit_s: float = 0.0
    name: str = ""
    once_cache: str = ""
    known: dict[str, Packed] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The cell's number from 1, for messages."""
        return f"cell {self.index + 1}"


@dataclass(frozen=True)
class Job:
    """The cells to run, in this order; with ``traced``, every request is reported.

    ``given`` holds the sources of all given cells, also of those that are not among ``cells``: the
    candidate is never asked for the names they define. ``folder`` holds the instructor's files, if
    any.
    """

    cells: list[Cell]
    given: list[str]
    folder: str = ""
    traced: bool = False


@dataclass(frozen=True)
class CandidateForked:
    """A candidate's process id and control group, "" without one; its socket follows."""

    pid: int
    group: str


@dataclass(frozen=True)
class CandidateEnded:
    """How a candidate ended, as text; "" if the exam pool ended it.

    ``forbidden``: the sandbox ended it, for a system call that no honest code needs.
    """

    how: str = ""
    forbidden: bool = False


# Examiner → exam pool.


@dataclass(frozen=True)
class CellBegun:
    """The examiner begins a cell."""

    index: int
    role: Role
    name: str


@dataclass(frozen=True)
class CellEnded:
    """A cell's outputs, which are now final, and its seconds of wall-clock time."""

    index: int
    outputs: list[Output]
    seconds: float


@dataclass(frozen=True)
class Remarked:
    """A remark for the instructor."""

    text: str
    kind: Kind


@dataclass(frozen=True)
class SelfFault:
    """A given cell or a test fails by itself, with any submission."""

    text: str


@dataclass(frozen=True)
class Computed:
    """Results of a given cell's `nnkit.once` calls, for other exams."""

    once_cache: str
    known: dict[str, Packed]


@dataclass(frozen=True)
class Traced:
    """A request, or a call of a test's function, and its answer, shortened.

    ``what`` is its word; ``failed``: the answer is not a value. ``seconds`` is the wall-clock time
    from the request to the answer, ``depth`` the number of requests around it, which are reported
    after it.
    """

    what: str
    asked: str
    answer: str
    failed: bool
    printed: str
    seconds: float
    depth: int


@dataclass(frozen=True)
class Finished:
    """All cells were reported; ``timing`` has the wall-clock seconds of each step."""

    timing: dict[str, float]


@dataclass(frozen=True)
class ForkCandidate:
    """Make a new candidate."""


@dataclass(frozen=True)
class InterruptCandidate:
    """Send the candidate SIGINT."""


@dataclass(frozen=True)
class EndCandidate:
    """Kill the candidate if it lives.

    ``greeted``: it was ready, so student code may have run in it. Before that, the student is not
    the cause of its end.
    """

    greeted: bool


@dataclass(frozen=True)
class GiveUp:
    """The exam cannot go on because of the machine."""

    why: str


_TRUSTED = {
    kind.__name__: kind
    for kind in (
        *(Cell, Job, CandidateForked, CandidateEnded, CellBegun, CellEnded, Remarked, SelfFault),
        *(Computed, Traced, Finished, ForkCandidate, InterruptCandidate, EndCandidate, GiveUp),
    )
}
_MESSAGE = "message"


def trusted_encoder() -> Encoder:
    """Return an encoder for messages between exam pool and examiner."""
    return Encoder(JOB_CAPS, _refer)


def trusted_decoder(halves: str = "surrogatepass") -> Decoder:
    """Return a decoder for these messages; for ``halves`` see `Decoder`."""
    return Decoder(JOB_CAPS, {_MESSAGE: _rebuild}, halves)


def _refer(message: Any) -> Ref:
    if type(message) not in _TRUSTED.values():
        raise WireError(f"a {type(message).__name__} cannot be sent")
    return Ref(_MESSAGE, [type(message).__name__, *_fields(message)])


def _rebuild(content: list[Any]) -> Any:
    name, *fields = content
    return _TRUSTED[name](*fields)
