"""The course's configuration, for the autograder and for nbgrader's own commands."""

import os

from autograder.grading.guard import guard_submissions
from autograder.topics.markers import STUB, TEXT_STUB

# nbgrader's own commands read only regular files of a submission from here on.
guard_submissions()

c = get_config()  # noqa: F821  (nbgrader provides it)

# A kernel inherits these. TensorFlow prints start-up messages on stderr, and nbgrader gives no
# points to a test cell with output there; oneDNN reorders sums, so that numbers would differ
# between machines. The environment's own kernelspec sets them too: this is for other kernels.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

c.CourseDirectory.course_id = "neural-networks"

# `autograder release` builds the source notebooks from solutions/, and nbgrader makes the
# students' notebooks from these. Only assignments/ is committed.
c.CourseDirectory.source_directory = os.path.join("build", "source")  # noqa: PTH118
c.CourseDirectory.release_directory = "assignments"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"

# The text in place of a solution. A stub must run, so that only tests fail.
c.ClearSolutions.code_stub = {"python": STUB}
c.ClearSolutions.text_stub = TEXT_STUB

# The exam: student code and the tests that judge it never share a process. The limits apply to
# `autograder grade`, whose help shows the defaults, and to nbgrader's own commands. Seconds are
# processor time, so that a busy machine gives the same grades; a cell may also wait as long. The
# slowest cell of a reference solution trains a network and needs a few seconds; a right answer of a
# student may be several times slower. An author allows a cell more time by limit_s= in its header.
# Each of these lines, with a value, sets another limit for the whole course:
# c.ExamLimits.cell_seconds =
# c.ExamLimits.call_seconds =
# c.ExamLimits.submission_seconds =
# c.ExamLimits.memory_mb =
# c.ExamLimits.sandbox = "off" would run student code with all the grader's permissions.

# The time zone of due dates and extensions without a zone, and the days that each student may be
# late in the whole course without a penalty.
c.CourseCalendar.timezone = "UTC"
c.CourseCalendar.late_days = 0

# `nbgrader autograde` and the formgrader's button: nbgrader's own steps, with RepairCells before
# the first and the exam in place of Execute. Classes are named, not imported: most commands read
# this file and need none of them.
c.Autograde.sanitize_preprocessors = [
    "autograder.grading.preprocessors.RepairCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.grading.preprocessors.ExamPreprocessor",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# nbgrader's own feedback pages would show the source of the hidden tests, and run a student's
# scripts in the reader's browser. These pages do neither; `autograder feedback`, nbgrader's command
# and the formgrader's button all make them.
c.GenerateFeedback.exporter_class = "autograder.feedback.exporter.FeedbackExporter"
c.GenerateFeedback.preprocessors = ["autograder.feedback.grades.KnownGrades"]
