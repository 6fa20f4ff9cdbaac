"""The sandbox: limit what a candidate can read, use and reach, by namespaces of the Linux kernel.

No library does this: bubblewrap and nsjail confine a program that they start by ``exec``, but a
candidate is forked from a process that has already imported TensorFlow, which takes seconds.
"""

from __future__ import annotations

from autograder.exam.sandbox.allow_list import View, default_view
from autograder.exam.sandbox.enter import enter
from autograder.exam.sandbox.environment import environment
from autograder.exam.sandbox.errors import SandboxError
from autograder.exam.sandbox.rlimits import memory_used
from autograder.exam.sandbox.selftest.availability import Availability, available
from autograder.exam.sandbox.selftest.probing import Probe, probe

__all__ = [
    "Availability",
    "Probe",
    "SandboxError",
    "View",
    "available",
    "default_view",
    "enter",
    "environment",
    "memory_used",
    "probe",
]
