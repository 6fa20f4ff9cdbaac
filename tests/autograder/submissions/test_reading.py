"""The notebook that is there is read, wherever and however; what is none is told as what it is."""

import gzip
import io
import json
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder.check import command
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.feedback.pages import make_page
from autograder.gradebook import assignment
from autograder.remarks import texts
from autograder.similarity.classes import of_class
from autograder.submissions import archives, layout, notebook_file, reading
from autograder.submissions.archives import Room, Unpackable
from autograder.submissions.clean_copy import Caps
from autograder.submissions.layout import HandedIn
from tests.support import toy_course as toy

Files = dict[str, str | bytes]


class Desk:
    """A toy course at hand, on which submissions are only read."""

    def __init__(self, course: Course) -> None:
        self.course = course
        with course.gradebook() as gradebook:
            self.plan = assignment.load(gradebook, course, toy.TOPIC)
        self.released = json.dumps(toy.released(course), indent=1)
        self.solved = json.dumps(toy.solved(course, toy.RIGHT), indent=1)
        self.other = json.dumps(toy.solved(course, toy.WRONG_SIGN), indent=1)

    def changed(self, change: Callable[[dict], object]) -> str:
        data = json.loads(self.solved)
        change(data)
        return json.dumps(data)


@pytest.fixture(scope="module")
def desk(template: Path) -> Desk:
    return Desk(Course.find(root=template))


def read(desk: Desk, scratch: Path, files: Files) -> tuple[reading.Read, dict[str, bytes]]:
    """Read some files as grading does; return the files that the exam gets too."""
    folder = scratch / "ana" / toy.TOPIC
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    caps = Caps.of(desk.course.coursedir)
    taken = layout.take(HandedIn("ana", toy.TOPIC, folder), scratch / "copy" / toy.TOPIC, caps)
    found = reading.read(taken, desk.plan)
    there = {
        str(path.relative_to(taken.folder)): path.read_bytes()
        for path in taken.folder.rglob("*")
        if path.is_file()
    }
    assert set(there) == set(taken.files)
    assert [path.name for path in (scratch / "copy").iterdir()] == [toy.TOPIC]
    return found, there


def refusal(desk: Desk, scratch: Path, files: Files) -> str:
    with pytest.raises(reading.Unreadable) as caught:
        read(desk, scratch, files)
    return caught.value.why


def doubles(found: reading.Read) -> str:
    (source,) = (c.source for c in found.notebook.cells if c.source.startswith("def double"))
    return source


def zipped(files: Files) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return raw.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "toy.ipynb.json",
        "toy.ipynb.txt",
        "toy.IPYNB",
        "toy (1).ipynb",
        "toy-Copy1.ipynb",
        "toy.json",
        "toy",
        "toy/toy.ipynb",
        "toy.ipynb/toy.ipynb",
        "a/b/c/mine.ipynb",
        ".ipynb_checkpoints/toy-checkpoint.ipynb",
    ],
)
def test_another_name_or_place(desk: Desk, tmp_path: Path, name: str) -> None:
    found, there = read(desk, tmp_path, {name: desk.solved})
    assert doubles(found) == toy.RIGHT["double"]
    assert texts(found.remarks) == [f"toy.ipynb was taken from {name}"]
    assert there["toy.ipynb"] == desk.solved.encode()


def test_files_beside_keep_their_place(desk: Desk, tmp_path: Path) -> None:
    packed = zipped({"w/toy.ipynb": desk.solved, "w/data/x.csv": "in", "w/timestamp.txt": "1999"})
    files: Files = {"my.zip": packed, "data/x.csv": "out", "y.csv": "y", "timestamp.txt": "2027"}
    _, there = read(desk, tmp_path, files)
    assert (there["data/x.csv"], there["y.csv"]) == (b"in", b"y")
    assert there["timestamp.txt"] == b"2027"


def test_archives(desk: Desk, tmp_path: Path) -> None:
    inner = zipped({"toy.ipynb": desk.solved})
    for number, (files, said) in enumerate(
        [
            ({"a.zip": zipped({"b.zip": inner})}, "a.zip: b.zip: toy.ipynb"),
            ({"a.tar.gz": tarred({"x/toy.ipynb": desk.solved.encode()})}, "a.tar.gz: x/toy.ipynb"),
            ({"f/A.ZIP": inner, "__MACOSX/._toy.ipynb": "x"}, "f/A.ZIP: toy.ipynb"),
            ({"toy.ipynb": desk.released, "a.zip": inner}, "a.zip: toy.ipynb, which holds all"),
            ({"toy.ipynb": inner}, "toy.ipynb: toy.ipynb, since toy.ipynb is not text"),
        ]
    ):
        found, _ = read(desk, tmp_path / str(number), files)
        assert doubles(found) == toy.RIGHT["double"]
        assert len(found.remarks) == 1
        assert found.remarks[0].text.startswith(f"toy.ipynb was taken from {said}")


def test_a_zip_of_data_stays_closed(desk: Desk, tmp_path: Path) -> None:
    found, there = read(desk, tmp_path, {"toy.ipynb": desk.solved, "a.zip": zipped({"x": "1"})})
    assert found.remarks == []
    assert set(there) == {"toy.ipynb", "a.zip"}


def _link(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("toy.ipynb")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    archive.writestr(info, "/etc/passwd")


def test_archives_that_do_harm(tmp_path: Path) -> None:
    room = Room(50, 1_000_000)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        _link(archive)
        for name in ("../up", "/abs", "C:\\x\\y", "a/../../b", "\\\\host\\x", "good"):
            archive.writestr(name, "x")
    left = archives.unpack(path, tmp_path / "out", room)
    assert len(left) == 6
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["a.zip", "good"]
    bombs = {
        "many.zip": zipped({str(i): "" for i in range(60)}),
        "big.zip": zipped({"x": bytes(2_000_000)}),
        "big.tar.gz": tarred({"x": bytes(2_000_000)}),
        "claims.tar.gz": gzip.compress(tarfile.TarInfo("x").tobuf() + bytes(3_000_000)),
        "cut.zip": zipped({"x": "1" * 99})[:60],
        "not.tar": b"hello",
        "empty.zip": b"",
    }
    for name, content in bombs.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Unpackable):
            archives.unpack(tmp_path / name, tmp_path / f"of {name}", Room(50, 1_000_000))


def test_two_readings_are_named(desk: Desk, tmp_path: Path) -> None:
    why = refusal(
        desk, tmp_path / "a", {"x.ipynb": desk.solved, "y/z.ipynb.txt": "{}", "b.ipynb": desk.other}
    )
    assert "b.ipynb (3 of 3 tasks answered) and x.ipynb (3 of 3 tasks answered)" in why
    assert why.endswith("Hand in one of them, named toy.ipynb")
    found, _ = read(desk, tmp_path / "b", {"toy.ipynb": desk.solved, "b.ipynb": desk.other})
    assert doubles(found) == toy.RIGHT["double"]
    assert texts(found.remarks) == [
        "another notebook was not graded: b.ipynb (3 of 3 tasks answered)"
    ]


def test_the_copy_that_holds_the_work(desk: Desk, tmp_path: Path) -> None:
    part = json.dumps(toy.solved(desk.course, {"half": toy.RIGHT["half"]}))
    data = json.loads(desk.released)
    data["cells"].append(nbformat.v4.new_code_cell(toy.RIGHT["double"]))
    below = json.dumps(data)
    for number, (named, other) in enumerate(
        [(desk.released, desk.solved), (part, desk.solved), (desk.released, below)]
    ):
        files: Files = {"toy.ipynb": named, "toy-Copy1.ipynb": other}
        found, _ = read(desk, tmp_path / str(number), files)
        assert toy.RIGHT["double"] in [cell.source for cell in found.notebook.cells]
        assert len(found.remarks) == 1


def test_a_notebook_without_metadata_is_known_by_its_text(desk: Desk, tmp_path: Path) -> None:
    bare = desk.changed(lambda d: [cell.update(metadata={}) for cell in d["cells"]])
    found, _ = read(desk, tmp_path, {"mine.ipynb": bare, "notes.ipynb": '{"cells": []}'})
    assert doubles(found) == toy.RIGHT["double"]


def test_a_script_with_a_header_that_multiplies(desk: Desk, tmp_path: Path) -> None:
    jupytext = pytest.importorskip("jupytext")
    rows = ["# ---", "# jupyter:", "#   a0: &a0 [x, x]"]
    rows += [f"#   a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 20)}]" for n in range(1, 12)]
    script = jupytext.writes(nbformat.reads(desk.solved, as_version=4), fmt="py:percent")
    text = "\n".join([*rows, "# ---", "", script[script.index("# %%") :]])
    found, _ = read(desk, tmp_path, {"toy.py": text})
    assert doubles(found) == toy.RIGHT["double"]


def test_the_right_name_counts_among_many(desk: Desk, tmp_path: Path) -> None:
    files: Files = {f"a{n}.ipynb": desk.other for n in range(40)}
    found, _ = read(desk, tmp_path, {**files, "toy.ipynb": desk.solved})
    assert doubles(found) == toy.RIGHT["double"]
    assert found.remarks[-1].text == "30 more notebooks were not graded"


def test_scripts(desk: Desk, tmp_path: Path) -> None:
    jupytext = pytest.importorskip("jupytext")
    notebook = nbformat.reads(desk.solved, as_version=4)
    for form in ("py:percent", "py:light"):
        files: Files = {"toy.py": jupytext.writes(notebook, fmt=form), "helper.py": "x = 1"}
        found, there = read(desk, tmp_path / form[3:], files)
        assert doubles(found) == toy.RIGHT["double"]
        assert there["helper.py"] == b"x = 1"
    assert "no notebook, but helper.py" in refusal(desk, tmp_path / "c", {"helper.py": "x = 1"})


LACKING: dict[str, Callable[[dict], object]] = {
    "no execution_count": lambda d: [c.pop("execution_count", 0) for c in d["cells"]],
    "no cell metadata": lambda d: d["cells"][0].pop("metadata"),
    "metadata is None": lambda d: d["cells"][0].update(metadata=None),
    "no outputs": lambda d: [c.pop("outputs", 0) for c in d["cells"]],
    "odd outputs": lambda d: [c.update(outputs="none") for c in d["cells"]],
    "no source": lambda d: d["cells"].append({"cell_type": "code", "metadata": {}}),
    "source is None": lambda d: d["cells"].append({"cell_type": "raw", "source": None}),
    "source is a number": lambda d: d["cells"].append({"cell_type": "raw", "source": 3}),
    "a list of lines": lambda d: [c.update(source=c["source"].split("\n")) for c in d["cells"]],
    "a list with ends": lambda d: [
        c.update(source=c["source"].splitlines(keepends=True)) for c in d["cells"]
    ],
    "no ids": lambda d: [c.pop("id") for c in d["cells"]],
    "one id": lambda d: [c.update(id="x") for c in d["cells"]],
    "an odd id": lambda d: d["cells"][0].update(id="ä b"),
    "no notebook metadata": lambda d: d.pop("metadata"),
    "an odd kernelspec": lambda d: d["metadata"].update(kernelspec="python", language_info=[]),
    "no minor": lambda d: d.pop("nbformat_minor"),
    "a future minor": lambda d: d.update(nbformat_minor=99),
    "a text for a number": lambda d: d.update(nbformat="4", nbformat_minor="5"),
    "no nbformat": lambda d: d.pop("nbformat"),
    "mislabelled": lambda d: d.update(nbformat=3),
    "an unknown type": lambda d: d["cells"].append({"cell_type": "sql", "source": "SELECT"}),
    "no type": lambda d: [c.pop("cell_type") for c in d["cells"] if c["cell_type"] == "code"],
    "a capital type": lambda d: [c.update(cell_type=c["cell_type"].title()) for c in d["cells"]],
    "no cell": lambda d: d["cells"].extend([None, "x", 3]),
    "odd attachments": lambda d: d["cells"][0].update(attachments=[1]),
    "odd tags": lambda d: d["cells"][0]["metadata"].update(tags="x", collapsed=0, jupyter=1),
    "a key of its own": lambda d: d["cells"][0].update(level=1, prompt=None),
    "not a number": lambda d: d["metadata"].update(x=float("nan"), y=float("-inf")),
}


@pytest.mark.parametrize("name", LACKING)
def test_what_jupyter_opens_is_read(desk: Desk, tmp_path: Path, name: str) -> None:
    found, _ = read(desk, tmp_path, {"toy.ipynb": desk.changed(LACKING[name])})
    assert doubles(found) == toy.RIGHT["double"]
    assert len(found.remarks) <= 1
    nbformat.validate(found.notebook)
    json.dumps(found.notebook, allow_nan=False)
    double = next(c for c in found.notebook.cells if c.source.startswith("def double"))
    assert double.cell_type == "code"


@pytest.mark.parametrize("major", [1, 2, 3])
def test_old_formats_that_lack_something(major: int, tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "input" if major > 1 else "code": "1 + 1"}]
    data = {"worksheets": [{"cells": cells}]} if major > 1 else {"cells": cells}
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({**data, "nbformat": major}))
    loaded = notebook_file.load(path)
    assert [cell.source for cell in loaded.notebook.cells] == ["1 + 1"]
    assert f"old notebook format {major}" in loaded.remarks[0].text


def test_encodings(desk: Desk, tmp_path: Path) -> None:
    text = desk.changed(lambda d: d["metadata"].update(title="größer"))
    text = json.dumps(json.loads(text), ensure_ascii=False)
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"):
        found, _ = read(desk, tmp_path / encoding, {"toy.ipynb": text.encode(encoding)})
        assert doubles(found) == toy.RIGHT["double"]
        assert len(found.remarks) == 1


def merged(text: str, ours: str, theirs: str) -> str:
    lines = text.split("\n")
    place = next(i for i, line in enumerate(lines) if "return x + x" in line)
    own = lines[place]
    sides = [own.replace("x + x", ours), "=======", own.replace("x + x", theirs)]
    return "\n".join([*lines[:place], "<<<<<<< HEAD", *sides, ">>>>>>> b", *lines[place + 1 :]])


def test_a_file_that_is_no_notebook_is_told_as_what_it_is(desk: Desk, tmp_path: Path) -> None:
    text = desk.solved
    line = 1 + text[: text.index("return x + x")].count("\n")
    last = text.count("\n") + 1
    for number, (content, said) in enumerate(
        [
            (
                merged(text, "2*x", "3*x"),
                rf"git conflict markers, the first \(<<<<<<<\) in line {line}",
            ),
            (merged(text, "2*x", "3*x").replace("\n", "\r\n"), rf"\(<<<<<<<\) in line {line}"),
            (
                text + desk.other,
                rf"two notebooks, one after the other \(the first ends in line {last}",
            ),
            (text[: text.index("x + x")], rf"ends too early, in line {line}, column \d+"),
            (text[:-20], "ends too early, in line"),
            (text.replace('"nbformat": 4,', '"nbformat": 4,,'), r"in line \d+, column 16"),
            ("\r\n<!DOCTYPE html><html>Log in", "is not JSON but a web page"),
            ("", "is empty"),
            ("\n \n", "is empty"),
            (bytes(500), "is empty"),
            (b"%PDF-1.7 ...", "but a PDF"),
            (b"L\0\0\0\x01\x14\x02\0", "but a Windows shortcut"),
            (zipped({"word/document.xml": "x"}), "but a document of Word"),
            (b"\xd0\xcf\x11\xe0", "but a document of Word"),
            ("version https://git-lfs.github.com/spec/v1\n", "a git-lfs pointer"),
            ("print('hello')", "is not JSON"),
        ]
    ):
        why = refusal(desk, tmp_path / str(number), {"toy.ipynb": content})
        with pytest.raises(AssertionError, match=said):
            raise AssertionError(why)


def test_what_follows_a_whole_notebook_is_left_out(desk: Desk, tmp_path: Path) -> None:
    line = desk.solved.count("\n") + 1
    for number, tail in enumerate(["\n  }\n ]\n}", '"x"]}]}', "\0\0\0 }", desk.solved]):
        found, _ = read(desk, tmp_path / str(number), {"toy.ipynb": desk.solved + tail})
        assert doubles(found) == toy.RIGHT["double"]
        assert (
            f"after its end, from line {line} on (the tail of an older save)"
            in found.remarks[0].text
        )
    found, _ = read(desk, tmp_path / "zeros", {"toy.ipynb": desk.solved + "\0\0\n"})
    assert found.remarks == []


def test_a_merge_of_the_same_cells_is_read(desk: Desk, tmp_path: Path) -> None:
    found, _ = read(desk, tmp_path, {"toy.ipynb": merged(desk.solved, "2*x", "2*x")})
    assert doubles(found).endswith("return 2*x")
    assert "both sides hold the same cells" in found.remarks[0].text


def test_marks_of_a_merge_in_a_cell_are_named(desk: Desk, tmp_path: Path) -> None:
    marked = "x = 1\n<<<<<<< local\nx = 2\n=======\nx = 3\n>>>>>>> remote"
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    text = desk.changed(lambda d: d["cells"].insert(0, {**cell, "source": marked}))
    found, _ = read(desk, tmp_path, {"toy.ipynb": text})
    assert texts(found.remarks) == ["git conflict markers (<<<<<<<) are in cell 1, from line 2 on"]


def test_what_is_there_instead_is_named(desk: Desk, tmp_path: Path) -> None:
    files: Files = {
        "essay.docx": zipped({"word/x": "1"}),
        "toy.ipynb.lnk": b"L\0\0\0\x01\x14\x02\0",
    }
    assert "toy.ipynb.lnk is not text in UTF-8 but a Windows" in refusal(
        desk, tmp_path / "a", files
    )
    why = refusal(desk, tmp_path / "b", {"essay.docx": files["essay.docx"], "timestamp.txt": "x"})
    assert "it holds no notebook, but essay.docx, a document of Word" in why
    why = refusal(desk, tmp_path / "c", {"toy (1).ipynb": desk.solved[:900]})
    assert "no toy.ipynb in the folder (toy (1).ipynb is not JSON: it ends too early" in why


def test_check_opens_what_jupyter_opens(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "mine.ipynb.txt"
    path.write_text(desk.changed(LACKING["no execution_count"]))
    assert texts(command.read(path).remarks) == [
        "mine.ipynb.txt was read as Jupyter opens it (missing or odd: execution_count)"
    ]
    path.write_text(merged(desk.solved, "2*x", "3*x"))
    with pytest.raises(AutograderError, match="git conflict markers"):
        command.check(path)


def test_feedback_and_similarity_read_the_same(course: Course) -> None:
    notebook = toy.solved(course, toy.RIGHT)
    own = nbformat.v4.new_code_cell("print('seen')")
    own.outputs = [nbformat.v4.new_output("stream", text="SEEN-BY-THE-STUDENT")]
    notebook.cells.insert(0, own)
    for student in ("ana", "bo"):
        path = toy.hand_in(course.submitted_dir, student, notebook)
        path.with_name("mine.zip").write_bytes(zipped({"w/toy.ipynb": path.read_bytes()}))
        path.unlink()
    toy.canned(course)
    assert "SEEN-BY-THE-STUDENT" in make_page(course, toy.TOPIC, "ana").read_text("utf-8")
    assert of_class(course, toy.TOPIC).remarks == {}
