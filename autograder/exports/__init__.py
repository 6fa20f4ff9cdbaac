"""Export grades to files for a spreadsheet, Canvas or Moodle; also with ``nbgrader --exporter``.

Each format is an nbgrader plug-in of this package: `CsvExporter`, `CanvasExporter`,
`MoodleExporter`.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Return a plug-in; nbgrader is imported only when one is needed."""
    if name.endswith("Exporter"):
        from autograder.exports.exporters import EXPORTERS

        if name in EXPORTERS:
            return EXPORTERS[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the names of all plug-ins."""
    from autograder.exports.formats import formats

    return [*globals(), *(kind.exporter for kind in formats().values())]
