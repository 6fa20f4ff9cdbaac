"""Names that courses' configurations and topics use stay where they are when modules move."""

import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "autograder.cli.main",
        "autograder.exports.CanvasExporter",
        "autograder.exports.CsvExporter",
        "autograder.exports.MoodleExporter",
        "autograder.feedback.exporter.FeedbackExporter",
        "autograder.feedback.grades.KnownGrades",
        "autograder.grading.preprocessors.ExamPreprocessor",
        "autograder.grading.preprocessors.RepairCells",
        "autograder.variants.right",
        "autograder.variants.wrong",
    ],
)
def test_a_name_that_a_course_may_use_is_there(name):
    module, _, attribute = name.rpartition(".")
    assert getattr(importlib.import_module(module), attribute) is not None
