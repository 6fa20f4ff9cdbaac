"""The messages of an exam: who says what to whom, and how each crosses the wire.

Examiner and candidate. The examiner sends a `Request`, numbered; the candidate answers `Returned`
or `Raised`. While it works on a request, the candidate may send a `CallBack`, which the examiner
answers by `CallbackReturned` or `CallbackRaised`. On the wire these are lists that begin with the
request's number and a word. What the candidate sends is read by `replies.read` alone, which checks
every field; what the examiner sends is read by `from_examiner`.

ExamPool and examiner, which trust each other. The exam pool sends one `Job`; the examiner reports
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

Packed = list[Any]  # a value's structure and blobs, as the wire has them


def _fields(message: Any) -> list[Any]:
    return [getattr(message, name) for name in message.__match_args__]


# Examiner → candidate: requests, and answers to what it calls back.


class Request:
    """Something that the examiner asks of the candidate; ``word`` is its name on the wire.

    ``of_values``: its answer may hold a value of the student's, and the candidate may call back.
    ``calls``: it calls a function of the student's.
    """

    __slots__ = ()
    word: ClassVar[str]
    of_values: ClassVar[bool] = True
    calls: ClassVar[bool] = False

    @property
    def arguments(self) -> list[Any]:
        """The fields, as they cross."""
        return _fields(self)


@dataclass(frozen=True, slots=True)
class Begin(Request):
    """Prepare for the calls of a test cell."""

    seed: int
    word = "begin"
    of_values = False


@dataclass(frozen=True, slots=True)
class RunCell(Request):
    """Run a cell of the notebook; ``known`` is what `nnkit.once` need not compute in it."""

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
    """Call a function of the student's."""

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
    """Call a function with ``forbidden`` names made to fail; the answer is the one it used."""

    function: Any
    example: list[Any]
    forbidden: list[str]
    word = "guarded"
    calls = True


@dataclass(frozen=True, slots=True)
class Operate(Request):
    """Do one of `object_table.OPERATIONS` with an object of the student's, the first operand."""

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
    """What a function of the test's returned to the candidate that called it."""

    value: Any
    word: ClassVar[str] = "result"


@dataclass(frozen=True, slots=True)
class CallbackRaised:
    """What it raised, as `remote_errors.describe` tells it."""

    description: dict[str, Any]
    word: ClassVar[str] = "raise"


# Candidate → examiner: answers, and calls of the test's functions.


@dataclass(frozen=True, slots=True)
class Returned:
    """A request's result, and what was printed meanwhile."""

    value: Any
    printed: str
    word: ClassVar[str] = "ok"


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception of the student's, as `remote_errors.describe` tells it."""

    description: dict[str, Any]
    printed: str
    word: ClassVar[str] = "error"


@dataclass(frozen=True, slots=True)
class CallBack:
    """A call of one of the test's functions; `Callbacks.call` checks what it is given."""

    function: Any
    args: Any
    kwargs: Any
    word: ClassVar[str] = "callback"


Answer = Returned | Raised
CallbackAnswer = CallbackReturned | CallbackRaised

_REQUESTS = {kind.word: kind for kind in (Begin, RunCell, LookUp, Call, Compare, Guard)}
_CALLBACK_ANSWERS = {kind.word: kind for kind in (CallbackReturned, CallbackRaised)}


def request_to_wire(number: int, request: Request, released: list[int]) -> list[Any]:
    """Return the list that asks; ``released`` are references that the examiner holds no longer."""
    return [number, request.word, request.arguments, released]


def to_wire(number: int, message: Answer | CallBack | CallbackAnswer) -> list[Any]:
    """Return the list that answers a request, or that comes between it and its answer."""
    return [number, message.word, *_fields(message)]


def from_examiner(content: list[Any]) -> tuple[int, Request | CallbackAnswer, list[int]]:
    """Return a request's number, what the examiner sent, and the references it released."""
    number, word, inner, *rest = content
    if (answer := _CALLBACK_ANSWERS.get(word)) is not None:
        return number, answer(inner), []
    kind = _REQUESTS.get(word)
    return number, Operate(word, inner) if kind is None else kind(*inner), *rest


# ExamPool → examiner.


class Role(StrEnum):
    """What a cell is in the exam; a test that was ``LOST`` is not run, but its names count."""

    GIVEN = "given"
    TEST = "test"
    STUDENT = "student"
    LOST = "lost"


@dataclass(frozen=True)
class Cell:
    """A code cell of the job: its place in the notebook, from 0, and its grade id, if it has one.

    What a given cell is ``known`` to compute by `nnkit.once` has its place in the exam pool's
    ``once_cache``. ``limit_s`` is the author's limit for this cell and a call of it; 0 where there
    is none.
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
        """What a person calls it."""
        return f"cell {self.index + 1}"


@dataclass(frozen=True)
class Job:
    """The cells to run, in this order; with ``traced``, every request is to be reported.

    ``given`` holds the sources of all given cells, also of those that are not among ``cells``: what
    they define is never asked of the candidate. In ``folder`` are the instructor's files, if any.
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
    """How a candidate ended, for a person; "" where nobody but the exam pool is the cause.

    ``forbidden``: the sandbox ended it, for asking the system for what no honest code needs.
    """

    how: str = ""
    forbidden: bool = False


# Examiner → exam pool.


@dataclass(frozen=True)
class CellBegun:
    """A cell's turn has come."""

    index: int
    role: Role
    name: str


@dataclass(frozen=True)
class CellEnded:
    """A cell's outputs, which count from now on, and its seconds on the clock."""

    index: int
    outputs: list[Output]
    seconds: float


@dataclass(frozen=True)
class Remarked:
    """A sentence for a person."""

    text: str
    kind: Kind


@dataclass(frozen=True)
class SelfFault:
    """A given cell or a test fails by itself, whoever's submission it is."""

    text: str


@dataclass(frozen=True)
class Computed:
    """What a given cell computes, for the exams of others."""

    once_cache: str
    known: dict[str, Packed]


@dataclass(frozen=True)
class Traced:
    """A request, or a call of a test's function, and its answer, in short.

    ``what`` is its word; ``failed``: no value came back. ``seconds`` are those of the clock from
    the question to the answer, ``depth`` the number of requests that it is within, which are
    reported after it.
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
    """All cells were reported; seconds on the clock by step."""

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

    ``greeted``: it had been ready, so that student code may have run in it. Before that, its end is
    not the student's doing.
    """

    greeted: bool


@dataclass(frozen=True)
class GiveUp:
    """The machine holds up the exam."""

    why: str


_OF_CONDUCTOR = {
    kind.__name__: kind
    for kind in (
        *(Cell, Job, CandidateForked, CandidateEnded, CellBegun, CellEnded, Remarked, SelfFault),
        *(Computed, Traced, Finished, ForkCandidate, InterruptCandidate, EndCandidate, GiveUp),
    )
}
_MESSAGE = "message"


def trusted_encoder() -> Encoder:
    """Return what encodes messages between exam pool and examiner."""
    return Encoder(JOB_CAPS, _refer)


def trusted_decoder(halves: str = "surrogatepass") -> Decoder:
    """Return what decodes them; for ``halves`` see `Decoder`."""
    return Decoder(JOB_CAPS, {_MESSAGE: _rebuild}, halves)


def _refer(message: Any) -> Ref:
    if type(message) not in _OF_CONDUCTOR.values():
        raise WireError(f"a {type(message).__name__} cannot be sent")
    return Ref(_MESSAGE, [type(message).__name__, *_fields(message)])


def _rebuild(content: list[Any]) -> Any:
    name, *fields = content
    return _OF_CONDUCTOR[name](*fields)
