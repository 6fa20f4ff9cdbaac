"""Save and restore the data of a hub: courses with gradebooks, the exchange, settings and state.

Run as root::

    python3 backup.py save /var/backups/nnkit           # while the hub is running
    python3 backup.py restore /var/backups/nnkit/….tar   # while the hub is stopped

SQLite's online backup copies the databases, consistently even while instructors grade. Needs only
Python and tar. A gradebook in PostgreSQL is not included: use pg_dump.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

PARTS = ("courses", "exchange", "hub")
# tar keeps owners by name: on another machine the same accounts may have other numbers.
TAR = ("tar", "--acls", "--xattrs", "--preserve-permissions")


class BackupError(Exception):
    """A backup cannot be made or restored; the message says why."""


def save(installation: Path, folder: Path, keep: int = 0) -> Path:
    """Write a backup of an installation into a folder.

    Parameters
    ----------
    installation
        The folder of the installation.
    folder
        The folder of the backups; it is created if needed.
    keep
        How many of the newest backups to keep; 0 keeps all.

    Returns
    -------
    Path
        The backup, a tar file that only root can read.

    Raises
    ------
    BackupError
        If there is no hub, or the backup cannot be written. No incomplete backup is left.
    """
    parts = [name for name in PARTS if (installation / name).is_dir()]
    if "hub" not in parts:
        raise BackupError(f"There is no hub in {installation}: name its folder with --folder.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"nnkit-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.tar"
    unfinished = folder / f".{name}"
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as temporary:
            databases = list(_copy_databases(installation, parts, Path(temporary)))
            _pack(installation, parts, databases, Path(temporary), unfinished)
        unfinished.rename(folder / name)
    except (OSError, sqlite3.Error, subprocess.CalledProcessError) as error:
        raise BackupError(f"The copy could not be written: {_reason(error)}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    for old in sorted(folder.glob("nnkit-*.tar"))[:-keep] if keep else []:
        old.unlink()
    return folder / name


def _copy_databases(installation: Path, parts: list[str], target: Path) -> Iterator[Path]:
    """Copy each SQLite database consistently; yield its path in the installation."""
    for part in parts:
        for path in sorted((installation / part).rglob("*")):
            if path.suffix in (".db", ".sqlite") and _is_database(path):
                place = path.relative_to(installation)
                (target / place).parent.mkdir(parents=True, exist_ok=True)
                about = path.stat()
                source = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=60)
                copy = sqlite3.connect(target / place)
                with contextlib.closing(source), contextlib.closing(copy):
                    source.backup(copy)
                os.chown(target / place, about.st_uid, about.st_gid)
                (target / place).chmod(about.st_mode & 0o7777)
                yield place


def _is_database(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as opened:
        return opened.read(16) == b"SQLite format 3\0"


def _pack(
    installation: Path, parts: list[str], databases: list[Path], copies: Path, file: Path
) -> None:
    """Write everything except the databases, and then the copies of the databases."""
    file.touch(mode=0o600)
    left_out = []
    for place in databases:
        # A journal belongs to the database in use, not to its copy.
        left_out += [f"--exclude={place}{end}" for end in ("", "-journal", "-wal", "-shm")]
    create = [*TAR, "--create", "--anchored", "--no-wildcards", f"--file={file}"]
    _tar([*create, *left_out, f"--directory={installation}", *parts])
    if databases:
        names = [str(place) for place in databases]
        _tar([*TAR, "--append", f"--file={file}", f"--directory={copies}", *names])


def _tar(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    # 1: a file changed or was removed while tar read it, which is normal while students work.
    if done.returncode > 1:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)


def restore(file: Path, installation: Path) -> None:
    """Restore a backup; existing folders are renamed, not deleted.

    Raises
    ------
    BackupError
        If the file is not a backup, or the hub is running. Nothing is changed then.
    """
    try:
        listed = subprocess.run(
            ["tar", "--list", f"--file={file}"], check=True, capture_output=True, text=True
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError) as error:
        raise BackupError(f"{file} is not a copy that can be read: {_reason(error)}") from error
    parts = [name for name in PARTS if any(line.split("/")[0] == name for line in listed)]
    if "hub" not in parts:
        raise BackupError(f"{file} is not a copy of a hub.")
    if _hub_runs():
        raise BackupError("The hub is running: systemctl stop jupyterhub, then restore.")
    installation.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=installation, prefix=".restore-") as temporary:
        try:
            _tar([*TAR, "--extract", f"--file={file}", f"--directory={temporary}"])
        except (OSError, subprocess.CalledProcessError) as error:
            raise BackupError(f"{file} could not be unpacked: {_reason(error)}") from error
        moment = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
        for name in parts:
            if (installation / name).exists():
                (installation / name).rename(installation / f"{name}.before-{moment}")
            Path(temporary, name).rename(installation / name)


def _hub_runs() -> bool:
    command = ["systemctl", "is-active", "--quiet", "jupyterhub"]
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True).returncode == 0
    return False


def _reason(error: Exception) -> str:
    text = getattr(error, "stderr", None) or str(error)
    return text.strip().splitlines()[-1] if text.strip() else type(error).__name__


def main() -> None:
    """Run the command line."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("what", choices=("save", "restore"))
    arguments.add_argument("place", type=Path, help="folder of the backups, or a backup to restore")
    arguments.add_argument("--folder", "--house", type=Path, default=Path("/srv/nnkit"))
    arguments.add_argument("--keep", type=int, default=0, help="how many backups to keep")
    options = arguments.parse_args()
    os.umask(0o077)
    try:
        if options.what == "save":
            print(save(options.folder, options.place, options.keep))
        else:
            restore(options.place, options.folder)
    except BackupError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
