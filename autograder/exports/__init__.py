"""Grades as files for a spreadsheet, Canvas and Moodle; also for nbgrader's ``--exporter``.

Each format has a plug-in of nbgrader's here: `CsvExporter`, `CanvasExporter`, `MoodleExporter`.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Return a plug-in; nbgrader is imported only where one is asked for."""
    if name.endswith("Exporter"):
        from autograder.exports.exporters import EXPORTERS

        if name in EXPORTERS:
            return EXPORTERS[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the names of all plug-ins."""
    from autograder.exports.formats import formats

    return [*globals(), *(kind.exporter for kind in formats().values())]
