"""The page as an nbconvert exporter, so that nbgrader's own commands and buttons make it too.

In ``nbgrader_config.py``::

    c.GenerateFeedback.exporter_class = "autograder.feedback.exporter.FeedbackExporter"
    c.GenerateFeedback.preprocessors = [KnownGrades]
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode, from_dict
from nbgrader.coursedir import CourseDirectory

from autograder.bounded_process import Exceeded, shared
from autograder.feedback import rendering
from autograder.feedback.rendering import Graded
from autograder.gradebook import up_to_date
from nnkit.record import RECORD_TYPE

_KEPT = ("kernelspec", "language_info", up_to_date.KEY)


class FeedbackExporter(Exporter):
    """Makes a student's page of an autograded notebook.

    The student's content is rendered in a separate process with a time limit. If the process is
    ended, the page shows only the points, and ``plain`` says why.
    """

    export_from_notebook = "Feedback"
    output_mimetype = "text/html"
    plain = ""

    def _file_extension_default(self) -> str:
        return ".html"

    def _default_preprocessors_default(self) -> list[str]:
        return []  # nbconvert's defaults parse the student's output, which may take any time

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page; `autograder.feedback.grades.KnownGrades` must be a preprocessor."""
        nb, resources = super().from_notebook_node(_needed(nb), resources, **kwargs)
        about = dict(resources["nbgrader"])
        student, topic = about["student"], about["assignment"]
        folders: CourseDirectory = self.parent.coursedir
        graded = Graded(
            about,
            Path(folders.format_path(folders.submitted_directory, student, topic)).absolute(),
            Path(folders.format_path(folders.release_directory, ".", topic)).absolute(),
        )
        self.plain = ""
        try:
            return shared().call(rendering.page, json.dumps(nb), graded), resources
        except Exceeded as error:
            self.plain = str(error)
            self.log.warning(
                "The page of %s, %s shows points only: %s", student, topic, error.detail
            )
            return rendering.plain_page(nb, graded, self.plain), resources


def _needed(notebook: NotebookNode) -> NotebookNode:
    """Return the parts of a notebook that a page needs: others may have any depth and size."""
    cells = []
    for cell in notebook.cells:
        about = {"nbgrader": cell.metadata["nbgrader"]} if "nbgrader" in cell.metadata else {}
        kept = {"cell_type": cell.cell_type, "source": cell.source, "metadata": about}
        if cell.cell_type == "code":
            outputs = [output for output in cell.outputs if output.output_type != "stream"]
            kept |= {"outputs": list(map(_output, outputs)), "execution_count": None}
        elif "attachments" in cell:
            kept["attachments"] = {
                name: {mime: data for mime, data in bundle.items() if isinstance(data, str)}
                for name, bundle in cell.attachments.items()
            }
        cells.append(kept | ({"id": cell.id} if "id" in cell else {}))
    about = {key: notebook.metadata[key] for key in _KEPT if key in notebook.metadata}
    numbers = {"nbformat": notebook.nbformat, "nbformat_minor": notebook.nbformat_minor}
    return from_dict({"metadata": about, "cells": cells, **numbers})


def _output(output: NotebookNode) -> dict[str, Any]:
    """Return an output's error or its check record."""
    if output.output_type == "error":
        return dict(output)
    data = output.get("data", {})
    kept = {mime: data[mime] for mime in (RECORD_TYPE, "text/plain") if mime in data}
    return {"output_type": "display_data", "data": kept, "metadata": {}}
