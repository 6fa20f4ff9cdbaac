"""nbgrader's exchange, with submissions that only their student and the grader can open.

nbgrader protects a submission only by a random name: all accounts may read and write it. It
collects a submission under another student's name with only a warning, follows links in it with
the grader's permissions, and one folder with an invalid name stops the whole collection. Here a
submission belongs to the grader's group, and only regular files of its own account are collected.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import stat
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect, ExchangeSubmit
from nbgrader.utils import ignore_patterns

# The group of the folder is the grader's; that of files which nbgrader adds at the end is not.
_FILE, _FOLDER, _WHOLE = 0o644, 0o750, 0o770
_AS_NBGRADER_LEAVES_IT = 0o777


class Submit(ExchangeSubmit):
    """Submit a copy that other students cannot read, completely or not at all."""

    def set_perms(self, dest: str, fileperms: int, dirperms: int) -> None:  # noqa: ARG002
        """Let only the student and the group, which is the grader's, read."""
        super().set_perms(dest, _FILE, _FOLDER)

    def copy_files(self) -> None:
        """Copy the assignment into the exchange and into the student's cache.

        Raises
        ------
        ExchangeError
            If one of them fails; the message says whether the work is handed in.
        """
        place = Path(self.inbound_path, self.assignment_filename)
        try:
            super().copy_files()
        except (OSError, shutil.Error) as error:
            self._fail_cleanly(place, error)
        place.chmod(_WHOLE)

    def _fail_cleanly(self, place: Path, error: Exception) -> None:
        """Remove an incomplete submission, which would be collected as a complete one."""
        reason = getattr(error, "strerror", None) or _first_reason(error)
        name = self.assignment_filename.rsplit("+", 1)[0]
        shutil.rmtree(Path(self.cache_path, name), ignore_errors=True)
        # Opening it to all accounts is nbgrader's last step of a complete copy.
        if place.exists() and place.stat().st_mode & 0o777 == _AS_NBGRADER_LEAVES_IT:
            place.chmod(_WHOLE)
            self.fail(
                f"{self.coursedir.assignment_id} was handed in, but your own list of submissions "
                f"cannot show it ({reason}). Delete files you no longer need from your home folder."
            )
        shutil.rmtree(place, ignore_errors=True)
        self.fail(
            f"{self.coursedir.assignment_id} was NOT handed in ({reason}). Your work is still in "
            "your home folder. Delete other files if your disk is full, else tell your instructor; "
            "then submit again."
        )


def _first_reason(error: Exception) -> str:
    """Return the first of the errors that shutil collects when it copies a folder."""
    try:
        return str(error.args[0][0][2])
    except (IndexError, TypeError):
        return str(error)


class Collect(ExchangeCollect):
    """Collect each student's work only from the account of this student."""

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """Read a submission's name; set a submission of another account aside."""
        try:
            record = super()._path_to_record(path)
            owner = _owner(path)
        except (ExchangeError, OSError, ValueError, OverflowError) as error:
            return self._set_aside(path, f"its name is not one that nbgrader gives ({error})")
        if self.check_owner and record["username"] != owner:
            return self._set_aside(
                path, f"it claims to be {record['username']}'s, but is {owner}'s"
            )
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            return self._set_aside(path, "it is not a folder")
        return record

    def _set_aside(self, path: str, why: str) -> dict[str, Any]:
        self.log.warning("%s is not collected: %s. Look at it by hand.", path, why)
        name = Path(path).name
        return {"username": f"?{name}", "filename": name, "timestamp": datetime.min, "aside": True}

    def init_src(self) -> None:
        """Find the submissions to collect, except those set aside."""
        super().init_src()
        self.src_records = [one for one in self.src_records if "aside" not in one]

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:  # noqa: ARG002
        """Copy a submission, without links and without files of other accounts.

        The student can change the folder during the copy, so each file is checked when it is open.
        """
        owner = os.lstat(src).st_uid if self.check_owner else None
        unwanted = ignore_patterns(
            exclude=self.coursedir.ignore,
            include=self.coursedir.include,
            max_file_size=self.coursedir.max_file_size,
            log=self.log,
        )

        def ignore(folder: str, names: list[str]) -> Iterable[str]:
            links = {name for name in names if Path(folder, name).is_symlink()}
            for name in sorted(links):
                self.log.warning("%s is not collected: it is a link.", Path(folder, name))
            return links | set(unwanted(folder, [name for name in names if name not in links]))

        def copy(source: str, target: str) -> None:
            if not _copy_plain(source, target, owner):
                self.log.warning("%s is not collected: it is not the student's own file.", source)

        size = self.get_size(src)
        if size > 1000 * self.coursedir.max_dir_size:
            raise RuntimeError(f"{src} is too large to be collected: {size // 1000} kB.")
        shutil.copytree(src, dest, ignore=ignore, copy_function=copy)
        secret = Path(dest, "submission_secret.txt")
        if not secret.is_file():
            # Without one, releasing feedback stops for the whole class.
            self.log.warning("%s has no secret: its student cannot fetch feedback.", src)
            secret.write_text(secrets.token_hex(64), encoding="ascii")


def _copy_plain(source: str, target: str, owner: int | None) -> bool:
    """Copy a regular file, of one account if given; return whether it was such a file."""
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    with os.fdopen(descriptor, "rb") as opened:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or owner not in (None, about.st_uid):
            return False
        with Path(target).open("wb") as copied:
            shutil.copyfileobj(opened, copied)
    return True


def _owner(path: str) -> str:
    # The owner of a link, not the owner of its target.
    number = os.lstat(path).st_uid
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"account {number}"
