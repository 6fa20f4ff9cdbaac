"""Write a file atomically: a reader sees the old content or the new one, never a part."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.errors import AutograderError


def write_whole(
    path: Path, data: bytes, what: str, other: str = "name another file with --out FILE"
) -> None:
    """Write a temporary file in the same folder, then rename it over ``path``.

    Parameters
    ----------
    path
        The file to write. A symbolic link is followed.
    data
        The file's whole content.
    what
        The subject of the error message, such as "The grades".
    other
        What to do other than free disk space if the file cannot be written.

    Raises
    ------
    AutograderError
        If the file cannot be written, or ``path`` is not an ordinary file.
    """
    path = path.resolve()  # replace the target of a link, not the link
    if path.is_dir():
        raise AutograderError(f"{path} is a folder: name a file in it with --out FILE.")
    if path.exists() and not path.is_file():
        raise AutograderError(f"{path} is not an ordinary file: name another with --out FILE.")
    temporary = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o777)
        temporary.replace(path)
    except OSError as error:
        kept = "The earlier file is unchanged. " if path.exists() else ""
        raise AutograderError(
            f"{what} could not be written to {path} ({error.strerror}). {kept}Free some disk space "
            f"or {other}."
        ) from error
    finally:
        _remove(temporary)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:  # the folder itself cannot be used; the error raised above says so
        return
