"""Copy submissions from an LMS's archive to ``submitted/STUDENT/TOPIC/``; nothing is lost.

A different earlier submission moves to ``downloaded/TOPIC/kept/``; files of no known student go to
``downloaded/TOPIC/unmatched/``. A second run changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.atomic_file import write_whole
from autograder.course import Course, student_names
from autograder.errors import AutograderError
from autograder.lms.members import People, Unknown
from autograder.lms.names import Named, Names
from autograder.removal import remove
from autograder.submissions import layout
from autograder.submissions.archives import Archive, Member, Room, Unpackable
from autograder.submissions.clean_copy import RECEIPT, Caps
from autograder.watch.collect import held

_STAMP = RECEIPT[0]


@dataclass
class Collected:
    """The result of collecting an archive.

    Attributes
    ----------
    placed, unchanged
        Students whose submission was copied to ``submitted/``, and whose was there already.
        kept
        By student: the folder of a submission that was moved aside, and why.
        late
        Students whom the LMS itself marks as late.
        timed
        Whether the archive has the times of submissions.
        unmatched
        By the name in the archive: why it matches no student, and where the files are.
        remarks
        Other sentences for the instructor.
    """

    placed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    timed: bool = False
    unmatched: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the entry of the JSON contract."""
        return {**vars(self), "complete": not self.unmatched}


@dataclass
class _Work:
    """One person's files in the archive."""

    named: Named
    files: list[tuple[Named, Member]] = field(default_factory=list)


def collect(course: Course, topic: str, path: Path, people: People, zone: tzinfo) -> Collected:
    """Copy an archive's submissions to ``submitted/``.

    Parameters
    ----------
    path
        The zip file that Moodle or Canvas exports for one assignment.
        zone
        The time zone of the times in the archive.

    Raises
    ------
    AutograderError
        If the archive cannot be read, or no file in it has a name of a known form.
    """
    done = Collected(remarks=list(people.remarks))
    downloads = course.root / "downloaded" / topic
    try:
        with Archive(path) as archive, _scratch(downloads) as scratch:
            works, strays = _sorted_out(archive, Names(course.config, topic))
            if not works:
                raise AutograderError(
                    f"{path} holds no file that is named as Moodle or Canvas name submissions. For "
                    "another platform, set c.FileNameCollectorPlugin.named_regexp in "
                    "nbgrader_config.py, as for nbgrader's zip_collect."
                )
            record = downloads / "uploads.json"
            uploads = _read(record)
            taker = _Taker(course, topic, archive, downloads, Path(scratch), zone, done, uploads)
            for work in works:
                taker.take(work, people)
            taker.leave(strays)
            write_whole(record, json.dumps(uploads, indent=1).encode(), "The record of uploads")
            done.remarks += [f"{layout.shown(n)} is no file: skipped" for n in archive.skipped]
    except Unpackable as error:
        raise AutograderError(f"{path} {error}: download it again.") from error
    except OSError as error:
        raise AutograderError(
            f"The submissions could not be written ({error.filename}: {error.strerror}): free some "
            "disk space there and run the same command again."
        ) from error
    return done


def _scratch(downloads: Path) -> tempfile.TemporaryDirectory[str]:
    downloads.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix=".collect-", dir=downloads)


def _sorted_out(archive: Archive, names: Names) -> tuple[list[_Work], list[Member]]:
    """Return the files of each person, and the files whose names are of no known form."""
    works: dict[tuple[str, str], _Work] = {}
    strays = []
    for member in archive.members():
        named = names.read(member.name)
        if named is None:
            strays.append(member)
        else:
            works.setdefault(named.person, _Work(named)).files.append((named, member))
    return list(works.values()), strays


@dataclass
class _Taker:
    """Copies the files of one person after the other."""

    course: Course
    topic: str
    archive: Archive
    downloads: Path
    scratch: Path
    zone: tzinfo
    done: Collected
    uploads: dict[str, int]
    taken: dict[str, Named] = field(default_factory=dict)

    def take(self, work: _Work, people: People) -> None:
        """Copy one person's files to ``submitted/``, or to ``unmatched/`` if nobody matches."""
        label = f"{work.named.who}_{work.named.number}".rstrip("_")
        try:
            student = people.student(work.named)
        except Unknown as error:
            self._unmatched(label, work, str(error))
            return
        if student in self.taken and self.taken[student].person != work.named.person:
            other = self.taken[student]
            why = f"it matches {student}, as {other.who}_{other.number} does"
            self._unmatched(label, work, why)
            return
        self.taken[student] = work.named
        staged = self._staged(work, student)
        if any(named.late for named, _ in work.files):
            self.done.late.append(student)
        self._place(student, staged, max(named.order[1] for named, _ in work.files))
        left = self.downloads / "unmatched" / _fit(label)
        if left.is_dir() and _digest(left) == _digest(self._target(student)):
            remove(left)  # from a run before the student was enrolled

    def leave(self, strays: Iterable[Member]) -> None:
        """Copy files whose names are of no known form to ``unmatched/``."""
        for member in strays:
            folder = self.downloads / "unmatched"
            self._write(member, folder / PurePosixPath(member.name))
            self.done.unmatched[member.name] = f"unknown form of name; the file is in {folder}"

    def _unmatched(self, label: str, work: _Work, why: str) -> None:
        staged = self._staged(work, label)
        target = self.downloads / "unmatched" / _fit(label)
        if os.path.lexists(target) and _digest(target) != _digest(staged):
            target = target.with_name(f"{target.name}_{_digest(staged)}")
        if not os.path.lexists(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            staged.rename(target)
        goal = self.course.submitted_dir / "STUDENT" / self.topic
        self.done.unmatched[label] = f"{why}; the files are in {target}: move them to {goal}"

    def _staged(self, work: _Work, who: str) -> Path:
        """Write one person's files, the last upload of each, and a timestamp; return the folder."""
        staged = self.scratch / str(len(list(self.scratch.iterdir())))
        staged.mkdir()
        times: list[datetime | None] = []
        before: dict[Path, Named] = {}
        for named, member in sorted(work.files, key=lambda file: file[0].order):
            path = staged / named.path
            if named.path.name in RECEIPT:
                path = path.with_name(f"handed-in-{path.name}")
            if path.exists():
                earlier = f"{before[path].order[1]}_{path.name}"
                kept = self.downloads / "kept" / _fit(who) / "earlier" / earlier
                kept.parent.mkdir(parents=True, exist_ok=True)
                path.replace(kept)
                self.done.kept[who] = f"an earlier upload of {named.path} is {kept}"
            before[path] = named
            self._write(member, path)
            times.append(_time(named, member, self.zone))
        if known := [time for time in times if time]:
            self.done.timed = True
            (staged / _STAMP).write_text(f"{max(known):%Y-%m-%d %H:%M:%S} UTC\n", encoding="utf-8")
        return staged

    def _write(self, member: Member, path: Path) -> None:
        """Write one file; one that exceeds the limits is skipped with a remark."""
        caps = Caps.of(self.course.coursedir)
        room = Room(1, max(caps.file_bytes, caps.notebook_bytes))
        temporary = self.scratch / ".part"
        try:
            self.archive.write(member, temporary, room)
        except Unpackable as error:
            self.done.remarks.append(f"{layout.shown(member.name)} {error}: skipped")
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(path)

    def _target(self, student: str) -> Path:
        return layout.find(self.course.submitted_dir, student, self.topic).folder

    def _place(self, student: str, staged: Path, upload: int) -> None:
        """Move a submission to ``submitted/``, unless the same or a later one is there."""
        target, kept = self._target(student), self.downloads / "kept" / _fit(student)
        digest, there = _digest(staged), _digest(target)
        later = self._later(student, staged, upload)
        if there == digest or (later and (kept / digest).exists()):
            self.done.unchanged.append(student)
            self.uploads[student] = max(upload, self.uploads.get(student, 0))
            return
        if later:
            kept.mkdir(parents=True, exist_ok=True)
            staged.rename(kept / digest)
            self.done.kept[student] = f"a later submission is there; this one is in {kept / digest}"
            return
        if os.path.lexists(target):
            kept.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(kept / there):
                remove(target)
            else:
                shutil.move(target, kept / there)
            self.done.kept[student] = f"the earlier submission is in {kept / there}"
        target.parent.mkdir(parents=True, exist_ok=True)
        staged.rename(target)
        self.uploads[student] = upload
        self.done.placed.append(student)

    def _later(self, student: str, staged: Path, upload: int) -> bool:
        """Return whether the one in ``submitted/`` is later, by its time or upload number."""
        old, new = held(self._target(student)), held(staged)
        if old and new:
            return new < old
        return self._target(student).exists() and upload < self.uploads.get(student, 0)


def _time(named: Named, member: Member, zone: tzinfo) -> datetime | None:
    """Return the time of a file's submission; None if it is unknown.

    Moodle stores it with each file; Canvas stores only the time at which the archive was made.
    """
    local = named.time or (member.changed if named.platform == "Moodle" else None)
    if local is None:
        return None
    return local.replace(tzinfo=zone).astimezone(UTC)


def _read(record: Path) -> dict[str, int]:
    """Return the number of each student's upload in ``submitted/``, since Canvas has no times."""
    try:
        found = json.loads(record.read_bytes())
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in found.items() if type(v) is int} if isinstance(found, dict) else {}


def _digest(folder: Path) -> str:
    """Return a short digest of a folder's files; "no-folder" for anything else."""
    if not folder.is_dir():
        return "no-folder"
    sums = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
        for data in (os.fsencode(path.relative_to(folder)), path.read_bytes()):
            sums.update(b"%d:%b" % (len(data), data))
    return sums.hexdigest()[:12]


def _fit(label: str) -> str:
    """Return a label as a valid folder name."""
    name = student_names.writable(student_names.plain(label)).replace("/", "_")
    return name if name.strip(".") else f"_{name}"
