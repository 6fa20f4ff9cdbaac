"""What nbgrader's own commands read when they are run in this folder."""

import os

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import ClearHiddenTests, GetGrades

c = get_config()  # noqa: F821  (nbgrader provides it)

# A kernel inherits these. TensorFlow's start-up messages go to stderr, and nbgrader gives no
# points to a test cell that printed there; oneDNN reorders sums, so that numbers would differ
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

# What a student finds in place of a solution. A stub must run, so that only tests fail.
c.ClearSolutions.code_stub = {
    "python": 'raise NotImplementedError("Write your code here, in place of this line.")'
}
c.ClearSolutions.text_stub = "Write your answer here, in place of this line."

# Seconds for one cell under plain `nbgrader autograde`. The slowest cell of a reference solution
# trains a network and needs a few; a student's may be several times slower and still be right.
c.Execute.timeout = 120

# nbgrader's feedback pages would show the source of the hidden tests.
c.GenerateFeedback.preprocessors = [GetGrades, ClearHiddenTests, CSSHTMLHeaderPreprocessor]
