"""Run one notebook and say what its tests say: ``autograder check``.

`command` runs its visible tests in a kernel, as a student does; `exam` runs it as grading does,
and `trace_printer` prints what the examiner asked and got.
"""
