"""Kinds of dirty submissions: how each is made, its expected score and its expected remark."""

from __future__ import annotations

import copy
import io
import json
import os
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

ALL, TASK, NONE = "all points", "all but the task's", "0"


@dataclass
class Work:
    """A solved notebook to hand in.

    Attributes
    ----------
    folder
        The folder of the submission, not made yet.
    task, test, given
        Grade ids of a task, of its first test and of a given cell.
    """

    folder: Path
    topic: str
    notebook: NotebookNode
    task: str
    test: str
    given: str

    def cell(self, name: str) -> NotebookNode:
        """Return the cell with a grade id."""
        return next(c for c in self.notebook.cells if grade_id(c) == name)

    def index(self, name: str) -> int:
        """Return the index of the cell with a grade id."""
        return next(i for i, c in enumerate(self.notebook.cells) if grade_id(c) == name)

    def save(self, content: str | bytes | None = None, name: str | None = None) -> Path:
        """Write the notebook, or other content, and return the file's path."""
        path = self.folder / (name or f"{self.topic}.ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            content = json.dumps(self.notebook)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


@dataclass(frozen=True)
class Kind:
    """One kind of dirty submission.

    Attributes
    ----------
    make
        Writes the submission.
    score
        The expected score: `ALL`, `TASK` or `NONE`.
    said
        A regular expression that the remarks match; empty if none are expected.
    """

    name: str
    make: Callable[[Work], object]
    score: str
    said: str


KINDS: list[Kind] = []


def _kind(
    name: str, score: str, said: str = ""
) -> Callable[[Callable[[Work], object]], Callable[[Work], object]]:
    def register(make: Callable[[Work], object]) -> Callable[[Work], object]:
        KINDS.append(Kind(name, make, score, said))
        return make

    return register


def grade_id(cell: NotebookNode) -> str | None:
    """Return a cell's grade id, if it has one."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


_kind("empty file", NONE, "is empty")(lambda w: w.save(""))
_kind("truncated JSON", NONE, "is not JSON")(lambda w: w.save(json.dumps(w.notebook)[:700]))
_kind("a web page", NONE, "is not JSON")(lambda w: w.save("<html>Log in</html>"))
_kind("a JSON list", NONE, "is not a notebook")(lambda w: w.save("[1, 2]"))
_kind("a JSON number", NONE, "is not a notebook")(lambda w: w.save("3"))
_kind("another JSON object", NONE, "is not a")(lambda w: w.save('{"a": 1}'))
_kind("endless nesting", NONE, "is not JSON")(lambda w: w.save("[" * 100_000))
_kind("a picture", NONE, "is not text")(lambda w: w.save(b"\x89PNG\r\n\x1a\n\xff\xfe\x00"))
_kind("UTF-8 with a mark", ALL, "saved as UTF-8-SIG")(
    lambda w: w.save(b"\xef\xbb\xbf" + json.dumps(w.notebook).encode())
)
_kind("UTF-16", ALL, "saved as UTF-16")(lambda w: w.save(json.dumps(w.notebook).encode("utf-16")))
_kind("missing notebook", NONE, "it holds no notebook")(lambda w: w.folder.mkdir(parents=True))
_kind("renamed notebook", ALL, r"was taken from mine \(1\).ipynb")(
    lambda w: w.save(name="mine (1).ipynb")
)
_kind("a folder for a notebook", NONE, "is not a file")(
    lambda w: (w.folder / f"{w.topic}.ipynb").mkdir(parents=True)
)


@_kind("a file for the folder", NONE, "is a file where a folder")
def _file_for_folder(work: Work) -> None:
    work.folder.parent.mkdir(parents=True)
    work.folder.write_text("here you are", encoding="utf-8")


@_kind("two renamed notebooks", NONE, r"counts: a.ipynb \(\d+ of \d+ tasks answered\) and b")
def _two_renamed(work: Work) -> None:
    work.save(name="a.ipynb")
    work.cell(work.task).source += "\nanother = 1"
    work.save(name="b.ipynb")


@_kind("two copies of the same work", ALL, "was taken from a.ipynb")
def _two_copies(work: Work) -> None:
    work.save(name="a.ipynb")
    work.save(name="b.ipynb")


for _name in (".ipynb.json", ".ipynb.txt", ".IPYNB", "-Copy1.ipynb", ".txt", "/mine/work.ipynb"):
    _kind(f"handed in as {_name}".replace("/", "_"), ALL, "was taken from")(
        lambda w, name=_name: w.save(name=f"{w.topic}{name}")
    )


@_kind("a zip", ALL, r"was taken from mine.zip: work/mine.ipynb")
def _zip(work: Work) -> None:
    work.save(_zipped({"work/mine.ipynb": json.dumps(work.notebook)}), name="mine.zip")


@_kind("a zip in a zip in a folder", ALL, "was taken from a/outer.zip: inner.zip: mine.ipynb")
def _zip_in_zip(work: Work) -> None:
    inner = _zipped({"mine.ipynb": json.dumps(work.notebook)})
    work.save(_zipped({"inner.zip": inner}), name="a/outer.zip")


@_kind("a zip that leads out", NONE, r"holds \.\./\.\./mine.ipynb, which is not a regular file")
def _zip_out(work: Work) -> None:
    packed = _zipped({"../../mine.ipynb": json.dumps(work.notebook)})
    work.save(packed, name="mine.zip")


@_kind("a zip without end", NONE, "is too large when it is unpacked")
def _zip_bomb(work: Work) -> None:
    work.save(_zipped({"mine.ipynb": bytes(120_000_000)}), name="mine.zip")


def _zipped(files: dict[str, str | bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


@_kind("a broken file and a good copy", ALL, r"from mine \(1\).ipynb, since .* ends too early")
def _broken_and_good(work: Work) -> None:
    work.save(json.dumps(work.notebook)[:700])
    work.save(name="mine (1).ipynb")


@_kind("an emptier copy", ALL, "was taken from mine.ipynb, which holds all that .* does, and more")
def _emptier(work: Work) -> None:
    work.save(name="mine.ipynb")
    del work.notebook.cells[work.index(work.task)]
    work.save()


@_kind("only a checkpoint", ALL, "was taken from .ipynb_checkpoints")
def _checkpoint(work: Work) -> None:
    work.save(name=f".ipynb_checkpoints/{work.topic}-checkpoint.ipynb")


@_kind("a checkpoint next to it", ALL)
def _checkpoint_beside(work: Work) -> None:
    work.save()
    work.cell(work.task).source += "\nanother = 1"
    work.save(name=f".ipynb_checkpoints/{work.topic}-checkpoint.ipynb")


@_kind("a script of Jupytext's", ALL, "was taken from mine.py")
def _script(work: Work) -> None:
    work.save(jupytext.writes(work.notebook, fmt="py:percent"), name="mine.py")


_PROGRAMS = {
    "a PDF": b"%PDF-1.7",
    "a Windows shortcut": b"L\0\0\0\x01\x14\x02\0",
    "a document of Word": b"PK\x03\x04 [Content_Types].xml",
}
for _name, _content in _PROGRAMS.items():
    _kind(_name, NONE, f"is not text in UTF-8 but {_name}")(
        lambda w, content=_content: w.save(content)
    )


def _conflict(work: Work, ours: str, theirs: str) -> None:
    lines = json.dumps(work.notebook, indent=1).split("\n")
    marks = ["<<<<<<< HEAD", ours, "=======", theirs, ">>>>>>> theirs"]
    work.save("\n".join([lines[0], *marks, *lines[1:]]))


_kind("a merge of two notebooks", NONE, r"git conflict markers, the first \(<<<<<<<\) in line 2")(
    lambda w: _conflict(w, "", '"cells": [], "nbformat": 4, "mine": ')
)
_kind("a merge of metadata alone", ALL, "both sides hold the same cells")(
    lambda w: _conflict(w, '"mine": 1,', '"mine": 2,')
)
_kind(
    "the tail of an older save",
    ALL,
    r"goes on after its end, from line 1 on \(the tail",
)(lambda w: w.save(json.dumps(w.notebook) + "\n }\n]\n}"))
_kind("two notebooks in one file", NONE, "it holds two notebooks, one after the other")(
    lambda w: w.save(json.dumps(w.notebook) + json.dumps({**w.notebook, "cells": []}))
)
_kind("a comma too many", NONE, r"is not JSON: .* in line 1, column \d+")(
    lambda w: w.save(json.dumps(w.notebook).replace('"cells":', '"cells":,'))
)
_kind("saved as Windows-1252", ALL, "saved as CP1252")(
    lambda w: w.save(json.dumps(w.notebook).replace("{", '{"é": 1, ', 1).encode("cp1252"))
)


def _lacking(name: str) -> Callable[[Work], object]:
    def make(work: Work) -> None:
        own = nbformat.v4.new_code_cell("print('mine')")
        own.pop(name)
        work.notebook.cells.insert(1, own)
        work.save()

    return make


for _name in ("execution_count", "metadata", "source"):
    _kind(f"a cell without {_name}", ALL, rf"as Jupyter opens it \(missing or odd: {_name}\)")(
        _lacking(_name)
    )
for _name in ("outputs", "id"):
    _kind(f"a cell without {_name}", ALL)(_lacking(_name))


@_kind("lines without line ends", ALL, "missing or odd: line ends")
def _no_line_ends(work: Work) -> None:
    cell = work.cell(work.task)
    cell["source"] = cell.source.split("\n")
    work.save()


@_kind("a cell of unknown type", ALL, "missing or odd: cell_type")
def _unknown_type(work: Work) -> None:
    cell = {"cell_type": "sql", "metadata": {}, "source": "SELECT 1"}
    work.notebook.cells.append(nbformat.from_dict(cell))
    work.save()


@_kind("nbformat is a text", ALL, "missing or odd: the notebook's own keys")
def _text_for_number(work: Work) -> None:
    work.notebook["nbformat"] = "4"
    work.save()


@_kind("another topic's notebook", NONE, "is not this topic's")
def _other_topic(work: Work) -> None:
    cells = [nbformat.v4.new_code_cell("1 + 1")]
    work.save(json.dumps(nbformat.v4.new_notebook(cells=cells)), name="other.ipynb")


@_kind("extra notebooks", ALL, "another notebook was not graded: draft.ipynb")
def _extra(work: Work) -> None:
    work.save()
    work.save("{}", name="draft.ipynb")


@_kind("format 3", ALL, "old notebook format 3")
def _format_3(work: Work) -> None:
    old = nbformat.convert(work.notebook, 3)
    work.save(nbformat.v3.writes_json(old))


@_kind("format 4.0", ALL)
def _format_4_0(work: Work) -> None:
    work.notebook.nbformat_minor = 0
    for cell in work.notebook.cells:
        cell.pop("id", None)
    work.save()


@_kind("half an emoji", ALL, "half a character")
def _half_an_emoji(work: Work) -> None:
    work.cell(work.task).source += "\n# great \ud83d\nprint('\\ud83d')"
    work.notebook.cells.insert(0, nbformat.v4.new_markdown_cell("Hello \ud83d"))
    work.save()


@_kind("no kernelspec", ALL)
def _no_kernelspec(work: Work) -> None:
    work.notebook.metadata.pop("kernelspec", None)
    work.save()


@_kind("cells with one id", ALL)
def _one_id(work: Work) -> None:
    for cell in work.notebook.cells:
        cell["id"] = "same"
    work.save()


@_kind("deleted test", ALL, r"test '.*' was missing and was put back")
def _deleted_test(work: Work) -> None:
    del work.notebook.cells[work.index(work.test)]
    work.save()


@_kind("deleted given cell", ALL, r"cell '.*' was missing and was put back")
def _deleted_given(work: Work) -> None:
    del work.notebook.cells[work.index(work.given)]
    work.save()


@_kind("deleted task", TASK, r"cell '.*' is missing")
def _deleted_task(work: Work) -> None:
    del work.notebook.cells[work.index(work.task)]
    work.save()


@_kind("duplicated task", ALL, "appears twice")
def _duplicated_task(work: Work) -> None:
    _duplicate(work, work.task)


@_kind("duplicated test", ALL, "appears twice")
def _duplicated_test(work: Work) -> None:
    _duplicate(work, work.test)


def _duplicate(work: Work, name: str) -> None:
    twin = copy.deepcopy(work.cell(name))
    twin.id = "twin"
    work.notebook.cells.insert(work.index(name) + 1, twin)
    work.save()


@_kind("copied grade id", ALL, "appears twice")
def _copied_id(work: Work) -> None:
    own = nbformat.v4.new_code_cell("print('mine')", id="own")
    own.metadata = copy.deepcopy(work.cell(work.test).metadata)
    work.notebook.cells.append(own)
    work.save()


def _split(work: Work, *, keep: bool) -> None:
    cell = work.cell(work.task)
    lines = cell.source.split("\n")
    cut = next(i for i in range(len(lines) - 1, 0, -1) if lines[i].startswith(" "))
    rest = nbformat.v4.new_code_cell("\n".join(lines[cut:]), id="rest")
    if keep:
        rest.metadata = copy.deepcopy(cell.metadata)
    cell.source = "\n".join(lines[:cut])
    work.notebook.cells.insert(work.index(work.task) + 1, rest)
    work.save()


_kind("split task", ALL, "its parts were joined")(lambda w: _split(w, keep=False))
_kind("split task, id in both", ALL, "its parts were joined")(lambda w: _split(w, keep=True))


def _retype(work: Work, name: str, kind: str) -> None:
    cell = work.cell(name)
    cell["cell_type"] = kind
    del cell["outputs"], cell["execution_count"]
    work.save()


_kind("task as markdown", ALL, "the cell_type of cell")(lambda w: _retype(w, w.task, "markdown"))
_kind("task as raw text", ALL, "the cell_type of cell")(lambda w: _retype(w, w.task, "raw"))
_kind("test as markdown", ALL, "the cell_type of cell")(lambda w: _retype(w, w.test, "markdown"))


@_kind("edited test", ALL, "had been edited; the released one was used")
def _edited(work: Work) -> None:
    work.cell(work.test).source = "pass"
    work.save()


def _rewrite(work: Work, how: Callable[[str], str]) -> None:
    for cell in work.notebook.cells:
        cell.source = how(cell.source)
    work.save()


def _in_test(work: Work, how: Callable[[str], str]) -> None:
    work.cell(work.test).source = how(work.cell(work.test).source)
    work.save()


_kind("Windows line ends", ALL)(lambda w: _rewrite(w, lambda text: text.replace("\n", "\r\n")))
_kind("old Mac's line ends", ALL)(lambda w: _rewrite(w, lambda text: text.replace("\n", "\r")))
_kind("blanks at line ends", ALL)(lambda w: _rewrite(w, lambda text: text.replace("\n", " \n")))
_kind("decomposed letters", ALL)(
    lambda w: _rewrite(w, lambda text: unicodedata.normalize("NFD", text))
)
_kind("a comment in a test", ALL)(lambda w: _in_test(w, lambda text: f"# what is this?\n{text}"))
_kind("a look in a test", ALL, "differs from the released one, which was used")(
    lambda w: _in_test(w, lambda text: f"print('here')\n{text}")
)
_kind("a stray key in a test", ALL, "differs from the released one, which was used")(
    lambda w: _in_test(w, lambda text: f"{text}\n)")
)
_kind("a cleared test", ALL, "differs from the released one, which was used")(
    lambda w: _in_test(w, lambda text: text[:0])
)


@_kind("lost metadata", ALL, r"the nbgrader metadata of \d+ cells was missing and was put back$")
def _lost(work: Work) -> None:
    for cell in work.notebook.cells:
        cell.metadata.clear()
    work.save()


@_kind("a split test", ALL, "had been split; its parts were joined|differs from the released")
def _split_test(work: Work) -> None:
    cell = work.cell(work.test)
    first, _, rest = cell.source.partition("\n")
    cell.source = first
    work.notebook.cells.insert(
        work.index(work.test) + 1, nbformat.v4.new_code_cell(rest, id="rest")
    )
    work.save()


@_kind("changed points", ALL, "the points of cell .* had been changed")
def _points(work: Work) -> None:
    work.cell(work.test).metadata.nbgrader["points"] = 100
    work.save()


@_kind("no points", ALL, "points of cell .* were put back")
def _no_points(work: Work) -> None:
    del work.cell(work.test).metadata.nbgrader["points"]
    work.save()


@_kind("unlocked test", ALL, "the locked of cell")
def _unlocked(work: Work) -> None:
    work.cell(work.test).metadata.nbgrader["locked"] = False
    work.save()


@_kind("older nbgrader", ALL)
def _old_schema(work: Work) -> None:
    work.cell(work.test).metadata.nbgrader["schema_version"] = 1
    work.save()


@_kind("changed id of a test", ALL, "the grade id of cell .* was put back|was put back")
def _test_id(work: Work) -> None:
    work.cell(work.test).metadata.nbgrader["grade_id"] = "mine"
    work.save()


@_kind("changed id of a task", ALL, "the grade id of cell .* was put back")
def _task_id(work: Work) -> None:
    work.cell(work.task).metadata.nbgrader["grade_id"] = "mine"
    work.save()


@_kind("metadata is nonsense", ALL, "was missing and was put back")
def _nonsense(work: Work) -> None:
    work.cell(work.test).metadata["nbgrader"] = "yes"
    work.save()


@_kind("test asks to be skipped", ALL, "'skip-execution' was taken off")
def _skipped(work: Work) -> None:
    work.cell(work.test).metadata["tags"] = ["skip-execution"]
    work.save()


@_kind("outputs of a text cell", ALL)
def _text_outputs(work: Work) -> None:
    for cell in work.notebook.cells:
        cell.setdefault("outputs", [])
        cell.setdefault("execution_count", None)
    work.save()


@_kind("50 MB of outputs", ALL)
def _outputs(work: Work) -> None:
    text = "x" * 5_000_000
    code = [cell for cell in work.notebook.cells if cell.cell_type == "code"]
    for cell in (code * 10)[:10]:
        cell.outputs.append(nbformat.v4.new_output("stream", text=text))
    work.save()


@_kind("a link within", ALL)
def _link_within(work: Work) -> None:
    real = work.save(name="work/mine.ipynb")
    (work.folder / f"{work.topic}.ipynb").symlink_to(real.relative_to(work.folder))


@_kind("a link to another's work", NONE, "a link that leads out of the submission")
def _link_outside(work: Work) -> None:
    real = Work(work.folder.parents[2] / "elsewhere", *list(vars(work).values())[1:]).save()
    work.folder.mkdir(parents=True)
    (work.folder / f"{work.topic}.ipynb").symlink_to(real)


@_kind("a link to nowhere", NONE, "is not a file")
def _dangling(work: Work) -> None:
    work.folder.mkdir(parents=True)
    (work.folder / f"{work.topic}.ipynb").symlink_to("nowhere.ipynb")


@_kind("a link to itself", NONE, "cannot be read")
def _loop(work: Work) -> None:
    work.folder.mkdir(parents=True)
    (work.folder / f"{work.topic}.ipynb").symlink_to(f"{work.topic}.ipynb")


@_kind("a linked file", ALL, "passwords is a link that leads out of the submission")
def _linked_file(work: Work) -> None:
    work.save()
    (work.folder / "passwords").symlink_to("/etc/passwd")


@_kind("a pipe", ALL, "is not a file: it was left out")
def _pipe(work: Work) -> None:
    work.save()
    os.mkfifo(work.folder / "pipe")


@_kind("a date that is none", ALL, "timestamp.txt is not a date")
def _date(work: Work) -> None:
    work.save()
    work.save("yesterday, about noon", name="timestamp.txt")


@_kind("names in Latin-1", ALL, "is not a file: it was left out")
def _latin_1(work: Work) -> None:
    work.save()
    os.mkfifo(os.fsencode(work.folder) + b"/caf\xe9")
    Path(os.fsdecode(os.fsencode(work.folder) + b"/\xdcbung.csv")).write_text("1", encoding="utf-8")


@_kind("Jörg O'Neil [Größe 1]", ALL)
def _names(work: Work) -> None:
    work.save()
    work.save("x = 1\n", name="meine Lösung/Übung 1.py")


if os.geteuid() != 0:

    @_kind("unreadable permissions", NONE, "cannot be read: Permission denied")
    def _unreadable(work: Work) -> None:
        work.save().chmod(0)
