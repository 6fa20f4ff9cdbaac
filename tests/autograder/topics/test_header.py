"""A topic's header: what is read of it, that no notebook has it, and each fault by its place."""

from __future__ import annotations

import jupytext
import pytest

from autograder.errors import AutograderError
from autograder.topics.header import Figure, Header, Result
from autograder.topics.source_notebook import build_source, to_text
from autograder.topics.topic import parse
from tests.support.toy_topic import NAME, TEXT, write

HEADER = """\
# ---
# topic:
#   results:
#     - what: "Accuracy: of the doubled"
#       code: |
#         told = []
#
#         for x in data:
#             told.append(x)
#       notes: "0.5"
#     - what: The same
#       code: told = 1
#   figures:
#     - caption: A line
#       alt: Left, a line
# jupyter:"""
WITH = TEXT.replace("# ---\n# jupyter:", HEADER, 1)


def read(folder, text=WITH):
    return parse(write(folder, text))


def test_results_and_figures_are_read(tmp_path):
    topic = read(tmp_path)
    assert topic.title == "A toy topic"
    code = "told = []\n\nfor x in data:\n    told.append(x)\n"
    assert topic.header.results == (
        Result("Accuracy: of the doubled", code, "0.5"),
        Result("The same", "told = 1"),
    )
    assert topic.header.figures == (Figure("A line", "Left, a line"),)


@pytest.mark.parametrize(
    "block",
    [
        "",
        "# -*- coding: utf-8 -*-\n",
        "# ---\n# jupyter:\n# ---\n",
        "# ---\n# jupyter:\n#   - a list\n# topic:\n# ---\n",
        "# ---\n# title: of the author's own\n# ---\n",
        "# ---\n# a text\n# ---\n",
    ],
)
def test_a_topic_needs_no_header(tmp_path, block):
    assert read(tmp_path, block + TEXT.split("# ---\n\n")[1]).header == Header()


def test_the_header_reaches_no_notebook(tmp_path):
    with_it, without = (to_text(build_source(read(tmp_path, text))) for text in (WITH, TEXT))
    assert with_it == without


def test_jupyter_keeps_the_header(tmp_path):
    """An author may open the text in JupyterLab, and save it."""
    text = WITH.replace("name: python3", "{name: python3, display_name: Python 3}")
    notebook = jupytext.reads(text, "py:percent")
    again = read(tmp_path, jupytext.writes(notebook, "py:percent"))
    assert again.header == read(tmp_path).header


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("#   results:", "#   result:", "topic: in the header takes results and figures"),
        ("# topic:\n", "# topic: 5\n# other:\n", "topic: in the header takes results and figures"),
        ("#       alt: Left, a line\n", "", "figures: in the header is a list of entries"),
        ("alt: Left, a line", "alt: 5", "figures: .* texts for caption, alt"),
        ("alt: Left, a line", "alt: ''", "figures: .* texts for caption, alt"),
        ("#     - caption", "#       caption", "figures: in the header is a list of entries"),
        ("notes:", "note:", "results: .* texts for what, code, notes"),
        ('what: "Accuracy', 'what: "Accuracy" "', "the header is not valid YAML"),
    ],
)
def test_a_fault_is_named(tmp_path, old, new, said):
    assert old in WITH
    with pytest.raises(AutograderError, match=rf"{NAME}.py:1: {said}"):
        read(tmp_path, WITH.replace(old, new, 1))


def test_yaml_that_cannot_be_read_is_no_traceback(tmp_path):
    with pytest.raises(AutograderError, match=r":1: the header is not valid YAML"):
        read(tmp_path, TEXT.replace("#   kernelspec:", "#   kernelspec: [", 1))
