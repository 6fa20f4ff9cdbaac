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

from autograder.errors import AutograderError
from autograder.feedback import clean, collect
from autograder.grading import pile
from autograder.grading.intake import Caps
from autograder.grading.pile import Unfit

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
            _handed_in(Path(submitted), student, topic, name),
            _texts(_read(Path(released, f"{name}.ipynb"))),
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


def _handed_in(folder: Path, student: str, topic: str, name: str) -> NotebookNode | None:
    """Read what a student handed in, from a clean copy; None where there is no one notebook.

    As in grading, no link is followed out of the folder, to another student's work, say.
    """
    work = pile.find(folder.parents[1], student, topic)
    try:
        with pile.taken(work, Caps.usual(include=["*.ipynb"])) as taken:
            found = taken.notebooks()
            found = [f"{name}.ipynb"] if f"{name}.ipynb" in found else found
            return _read(taken.folder / found[0]) if len(found) == 1 else None
    except (Unfit, AutograderError):
        return None


def _read(path: Path) -> NotebookNode | None:
    """Read a notebook that is only looked at: what is missing or broken is left out."""
    try:
        return nbformat.read(path, as_version=4)
    except Exception:  # anything that a student's file makes nbformat stumble over
        return None
