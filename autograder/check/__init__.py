"""Run one notebook and show the results of its tests: ``autograder check``.

`command` runs its visible tests in a kernel, as a student does; `exam` runs it as grading does,
and `trace_printer` prints the examiner's requests and their answers.
"""
