"""The limits of an exam: time, memory, processes, files, output."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024
GIB = 1024 * MIB


@dataclass(frozen=True)
class Limits:
    """The limits of one exam. Each can be changed in the configuration.

    The limits of time count seconds of *processor time* of all of a candidate's processes and
    threads; in a test, the test's own as well. The same number of seconds is allowed for *waiting*
    (a sleep, a lock, input). Time in which a process is ready to run but the machine has no free
    processor is not counted. See `autograder.exam.processes.stopwatch`.

    Attributes
    ----------
    cell_s : float
        Seconds for one cell, unless its author has set another limit.
    call_s : float
        Seconds for one call that a test makes into student code, unless the author of the test has
        set another limit.
    submission_s : float
        Seconds for the whole submission, restarts included; the time that an author allows a cell
        beyond ``cell_s`` is added. An exam that takes twelve times as long on the clock is given
        up, because the machine is too busy: the submission is not graded.
    memory_bytes : int
        Bytes of private memory (heap, arrays, thread stacks) of one process, including about 300 MB
        for TensorFlow itself. All processes of a candidate together may have twice as much.
    processes : int
        Processes and threads at one time. Four for each CPU are added, because TensorFlow sizes
        its thread pools by the CPUs that it sees.
    scratch_bytes : int
        Bytes on each of the candidate's three writable file systems: its scratch directory,
        ``/tmp`` and ``/dev/shm``. They live in memory.
    file_bytes : int
        Bytes of one file that the candidate writes.
    open_files : int
        File descriptors open at one time.
    output_bytes : int
        Bytes of output kept for one cell; the rest is cut and marked.
    frame_bytes : int
        Bytes of one message between candidate and examiner.
    """

    cell_s: float = 120.0
    call_s: float = 30.0
    submission_s: float = 600.0
    memory_bytes: int = 2 * GIB
    processes: int = 64
    scratch_bytes: int = 64 * MIB
    file_bytes: int = 64 * MIB
    open_files: int = 256
    output_bytes: int = MIB
    frame_bytes: int = 64 * MIB
