"""Read the roster: a platform's list of students, possibly saved again by a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import AutograderError
from autograder.exports.cells import bare

#: Fields that name a person, with their heads in Canvas, Moodle and hand-made lists.
KNOWN = {
    "student_id": ("student id", "studentid", "nbgrader id"),
    "student": ("student", "name", "full name"),
    "last": ("last name", "lastname", "surname", "family name"),
    "first": ("first name", "firstname", "given name"),
    "id": ("id",),
    "sis_user": ("sis user id",),
    "sis_login": ("sis login id",),
    "integration": ("integration id",),
    "root": ("root account",),
    "section": ("section",),
    "username": ("username", "user name"),
    "idnumber": ("id number", "idnumber"),
    "email": ("email address", "email", "e-mail", "e-mail address"),
}
_NAMES = {alias: field for field, aliases in KNOWN.items() for alias in aliases}

#: The fields that can be an id, the most reliable first.
IDS = (
    "student_id",
    "sis_login",
    "username",
    "sis_user",
    "idnumber",
    "integration",
    "email",
    "id",
)

_MANGLED = re.compile(r"\d([.,]\d+)?E\+\d+")


@dataclass(frozen=True)
class Row:
    """One line of the roster; ``line`` is where it begins in the file."""

    line: int
    cells: tuple[str, ...]


@dataclass
class Roster:
    """A roster.

    Attributes
    ----------
    columns
        The heads, as they are in the file.
    fields
        The index of each known column, by field (see `KNOWN`).
    rows
        The people. Canvas' line "Points Possible" is in ``points``.
    remarks
        Sentences for the instructor about how the file was read.
    """

    path: Path
    columns: tuple[str, ...]
    fields: dict[str, int]
    rows: list[Row] = field(default_factory=list)
    points: Row | None = None
    remarks: list[str] = field(default_factory=list)

    def value(self, row: Row, field: str) -> str:
        """Return a known field of a row; empty if the file has no such column."""
        place = self.fields.get(field)
        return "" if place is None else row.cells[place]

    def head(self, field: str) -> str:
        """Return the column's head for a known field."""
        return self.columns[self.fields[field]]

    def name(self, row: Row) -> str:
        """Return a person's name as the platform writes it, family name first."""
        both = [self.value(row, part) for part in ("last", "first")]
        return self.value(row, "student") or ", ".join(filter(None, both))

    def place(self, column: str, naming: str = "--match COLUMN") -> int:
        """Return the index of a column by its head; ``naming`` is the setting that named it.

        Raises
        ------
        AutograderError
            If there is no such column, or more than one.
        """
        found = [i for i, head in enumerate(self.columns) if _plain(head) == _plain(column)]
        if len(found) == 1:
            return found[0]
        many = "several columns" if found else "no column"
        heads = ", ".join(head for head in self.columns if head)
        raise AutograderError(
            f"{self.path} has {many} {column!r}. Name one of: {heads}. ({naming})"
        )


def read(path: Path) -> Roster:
    """Read a roster in any encoding and with any separator that spreadsheets write.

    Raises
    ------
    AutograderError
        If the file cannot be read, or a line has more cells than there are heads.
    """
    text, remarks = _decode(path)
    lines = _lines(path, text)
    if not lines:
        raise AutograderError(f"{path} is empty: export the list of students again.")
    heads, *rows = lines
    columns = heads.cells
    fields: dict[str, int] = {}
    for place, head in enumerate(columns):
        if known := _NAMES.get(_plain(head)):
            fields.setdefault(known, place)
    roster = Roster(path, columns, fields, remarks=remarks)
    for row in rows:
        _add(roster, _fitted(path, row, columns))
    if not roster.rows:
        raise AutograderError(f"{path} lists no students: export the list of students again.")
    return roster


def _plain(head: str) -> str:
    return re.sub(r"[\s_]+", " ", head).strip().casefold()


def _decode(path: Path) -> tuple[str, list[str]]:
    """Return the text of the file, and remarks on its encoding."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AutograderError(
            f"The roster {path} cannot be read ({error.strerror}): name the file with --roster."
        ) from error
    if data[:4] == b"PK\3\4" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise AutograderError(
            f"{path} is a workbook. Open it, save it as CSV UTF-8, and name that file."
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _unicode(path, data, "utf-16"), []
    if b"\0" in data[:200]:  # UTF-16 without its mark: every other byte of a head is 0
        return _unicode(path, data, "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"), []
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        odd = f"{path.name} is not UTF-8; it was read as Western European (Windows-1252)."
        return data.decode("cp1252", errors="replace"), [odd]


def _unicode(path: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise AutograderError(
            f"{path} breaks off or is no text: export it again, as CSV UTF-8."
        ) from error


def _lines(path: Path, text: str) -> list[Row]:
    """Return the lines that are not empty, with cleaned cells (see `bare`)."""
    separator = None
    if match := re.match(r"\s*sep=(.)\r?\n", text, re.IGNORECASE):  # Excel's own hint
        separator, text = match[1], "\n" + text[match.end() :]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator or _separator(text), strict=True
    )
    rows, line = [], 1
    try:
        for cells in reader:
            cleaned = tuple(bare(cell) for cell in cells)
            if any(cleaned):
                rows.append(Row(line, cleaned))
            line = reader.line_num + 1
    except csv.Error as error:
        raise AutograderError(
            f"{path}, line {line}: the quotes do not fit ({error}). Export it again."
        ) from error
    return rows


def _separator(text: str) -> str:
    """Return the separator that splits the first line into the most cells."""
    first = next((line for line in text.splitlines() if line.strip(" ,;\t\ufeff")), "")
    unquoted = re.sub(r'"[^"]*"', "", first)
    return max(",;\t", key=unquoted.count)


def _fitted(path: Path, row: Row, columns: tuple[str, ...]) -> Row:
    """Return a row with as many cells as there are heads."""
    beyond = [cell for cell in row.cells[len(columns) :] if cell]
    if beyond:
        raise AutograderError(
            f"{path}, line {row.line}: {len(row.cells)} cells where the heads are {len(columns)}. "
            "A name with a comma must be in quotation marks; export the list again."
        )
    cells = row.cells[: len(columns)]
    return Row(row.line, cells + ("",) * (len(columns) - len(cells)))


def _add(roster: Roster, row: Row) -> None:
    """Add a row to the roster, unless it is one of Canvas' lines about the columns."""
    name = roster.value(row, "student")
    about = any(roster.value(row, known) for known in IDS)
    if "id" in roster.fields and not about:
        if "points possible" in name.casefold():
            roster.points = row
            return
        if not name:  # "Manual Posting" below the heads of assignments
            return
    if name == "Student, Test" and not roster.value(row, "sis_user"):
        return  # the student that Canvas makes for an instructor's own view
    for known in IDS:
        if _MANGLED.fullmatch(value := roster.value(row, known)):
            raise AutograderError(
                f"{roster.path}, line {row.line}: {value} was an id before a spreadsheet made it "
                "a number. Export the list again and do not save it from the spreadsheet."
            )
    roster.rows.append(row)
