"""The page as an nbconvert exporter, so that nbgrader's own commands and buttons make it too.

In ``nbgrader_config.py``::

    c.GenerateFeedback.exporter_class = "autograder.feedback.exporter.FeedbackExporter"
    c.GenerateFeedback.preprocessors = [KnownGrades]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory

from autograder.feedback import clean, collect
from autograder.grading import pile
from autograder.grading.pile import HandedIn

_pages = Environment(
    loader=PackageLoader("autograder.feedback", ""),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


class FeedbackExporter(Exporter):
    """Makes a student's page of an autograded notebook."""

    export_from_notebook = "Feedback"
    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page; `KnownGrades` has to be among the preprocessors."""
        nb, resources = super().from_notebook_node(nb, resources, **kwargs)
        about = resources["nbgrader"]
        student, topic, name = about["student"], about["assignment"], about["notebook"]
        folders: CourseDirectory = self.parent.coursedir
        submitted = folders.format_path(folders.submitted_directory, student, topic)
        released = folders.format_path(folders.release_directory, ".", topic)
        sections = collect.sections(
            nb,
            _read(HandedIn(student, name, Path(submitted))),
            _texts(_read(HandedIn("", name, Path(released)))),
        )
        page = _pages.get_template("page.html.j2").render(
            topic=topic,
            title=collect.title(nb) or topic,
            student=student,
            score=about["score"],
            max_score=about["max_score"],
            late_penalty=about["late_penalty"],
            caution=about.get("caution"),
            remarks=nb.metadata.get("autograder", {}).get("remarks", []),
            sections=sections,
            notice=_notice(nb) if not any(section.points for section in sections) else None,
            code_style=clean.CODE_STYLE,
        )
        return page, resources


def _notice(notebook: NotebookNode) -> Markup:
    """Return what stands in place of a submission that could not be graded."""
    return clean.markdown(
        "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    )


def _texts(notebook: NotebookNode | None) -> frozenset[str]:
    return frozenset(cell.source.strip() for cell in notebook.cells) if notebook else frozenset()


def _read(handed_in: HandedIn) -> NotebookNode | None:
    """Read a notebook that is only looked at: what is missing or broken is left out.

    As in grading, no link is followed out of the folder, to another student's work, say.
    """
    named = pile.fault(handed_in, handed_in.notebook) is None
    found = [handed_in.notebook] if named else handed_in.notebooks()
    try:
        if len(found) == 1 and pile.fault(handed_in, found[0]) is None:
            return nbformat.read(found[0], as_version=4)
    except Exception:  # whatever a student's file makes nbformat stumble over
        return None
    return None
