"""Raise exceptions that look like the tests' own, with bases, arguments and tracebacks to match.

Gain: a test that catches its own exception takes it for a pass; code that runs when it is shown.
"""

# %% task="unknown"
from nnkit.checks import CheckFailed


class ExamFault(BaseException):
    pass


class Forged(CheckFailed, StopIteration, KeyboardInterrupt):
    def __init__(self):
        self.args = ("@MARK@", {}, [])
        self.record = None

    def _render_traceback_(self):
        return ["<script>alert(1)</script>"]

    def with_traceback(self, trace):
        return self

    __name__ = "SystemExit"


Forged.__name__ = "x" * 10_000
turn = [0]


def riddle(x):
    turn[0] += 1
    raise ExamFault if turn[0] % 2 else Forged()
