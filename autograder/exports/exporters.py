"""The exports as nbgrader plug-ins: ``nbgrader export --exporter=autograder.exports.…``."""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Dict, Enum, Unicode

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exports.cells import DECIMALS, SEPARATORS
from autograder.exports.command import told, unsettled
from autograder.exports.export import Options, export
from autograder.exports.formats import Format, formats
from autograder.exports.sheet import ABSENT_AS


class _Exporter(ExportPlugin):
    """The plug-in of one format; nbgrader's ``--to`` names the file."""

    format: Format

    roster = Unicode("", help="The platform's list of students, a CSV file.").tag(config=True)
    match = Unicode("", help="Its column with the gradebook's ids.").tag(config=True)
    columns = Dict(help="The platform's name of a topic, by topic.").tag(config=True)
    absent = Enum(ABSENT_AS, "zero", help="The cell of a student who handed in nothing.").tag(
        config=True
    )
    provisional = Bool(False, help="Write the file although some grades are still open.").tag(
        config=True
    )
    feedback = Bool(False, help="Add a column for each topic with the score of each task.").tag(
        config=True
    )
    separator = Enum((*SEPARATORS, ""), "", help="The sign between cells.").tag(config=True)
    decimal = Enum(tuple(DECIMALS), "point", help="The decimal sign.").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the file; nbgrader's log gets the lines that ``autograder export`` prints."""
        app = self.parent
        course = Course(Path(app.coursedir.root), app.config, Path(app.coursedir.root, "solutions"))
        try:
            made = export(course, gradebook, self._options())
        except AutograderError as error:
            app.fail("%s", error)
        for tone, line in told(made):
            (self.log.warning if tone.warns else self.log.info)("%s", line)
        if made.file is None:
            app.fail("%s", unsettled(made, f"--{self.format.exporter}.provisional=True"))

    def _options(self) -> Options:
        return Options(
            to=self.format.name,
            out=Path(self.to) if self.to else None,
            topics=[str(name) for name in self.assignment],
            students=[str(name) for name in self.student],
            roster=Path(self.roster) if self.roster else None,
            match=self.match or None,
            columns=dict(self.columns),
            absent=self.absent,
            provisional=self.provisional,
            feedback=self.feedback,
            separator=self.separator or None,
            decimal=self.decimal,
        )


def exporter(kind: Format) -> type[ExportPlugin]:
    """Return the plug-in of a format: a class with its own name, as nbgrader needs."""
    about = {"format": kind, "__doc__": f"Writes {kind.about}.", "__module__": __package__}
    return type(_Exporter)(kind.exporter, (_Exporter,), about)


EXPORTERS = {kind.exporter: exporter(kind) for kind in formats().values()}
