"""The library that a course notebook imports: checks that teach, plots, and data."""

import os

# TensorFlow reads these when it is first imported. Quiet, because a start-up message on stderr
# looks like a failure to a student and is one to nbgrader; oneDNN off, because it reorders
# sums, and the same notebook must give the same numbers on every machine.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

__version__ = "0.1.0"
