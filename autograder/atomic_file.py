"""A file that is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.errors import AutograderError


def write_whole(
    path: Path, data: bytes, what: str, other: str = "name another file with --out FILE"
) -> None:
    """Write beside the place, then rename; what was there before stays until that moment.

    Parameters
    ----------
    what
        What it is, in messages: "The grades".
    other
        What to do but make room, where it cannot be written.

    Raises
    ------
    AutograderError
        If it cannot be written, or something other than a file is in its place.
    """
    path = path.resolve()  # a link stays one, and leads to the new file
    if path.is_dir():
        raise AutograderError(f"{path} is a folder: name a file in it with --out FILE.")
    if path.exists() and not path.is_file():
        raise AutograderError(f"{path} is not an ordinary file: name another with --out FILE.")
    beside = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            beside.chmod(path.stat().st_mode & 0o777)
        beside.replace(path)
    except OSError as error:
        kept = "The file that was there is as it was. " if path.exists() else ""
        raise AutograderError(
            f"{what} could not be written to {path} ({error.strerror}). {kept}Make room or {other}."
        ) from error
    finally:
        _remove(beside)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:  # the folder itself cannot be used; what is said above counts
        return
