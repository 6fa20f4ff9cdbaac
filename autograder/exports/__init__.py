"""Grades as files for a spreadsheet, Canvas and Moodle; also for nbgrader's ``--exporter``."""

from autograder.exports.export import Export, Options, export
from autograder.exports.exporters import CanvasExporter, CsvExporter, MoodleExporter

__all__ = ["CanvasExporter", "CsvExporter", "Export", "MoodleExporter", "Options", "export"]
