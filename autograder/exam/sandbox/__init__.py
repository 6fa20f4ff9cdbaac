"""The sandbox: what a candidate can read, use and reach, by namespaces of the Linux kernel.

No library does this: bubblewrap and nsjail confine a program that they start, by ``exec``, and a
candidate is forked from a process that has imported TensorFlow already, which takes seconds.
"""

from __future__ import annotations

from autograder.exam.sandbox.availability import Availability, available
from autograder.exam.sandbox.entering import enter
from autograder.exam.sandbox.errors import SandboxError
from autograder.exam.sandbox.limiting import memory_used
from autograder.exam.sandbox.probing import Probe, probe
from autograder.exam.sandbox.variables import environment
from autograder.exam.sandbox.view import View, default_view

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
