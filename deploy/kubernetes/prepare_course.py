"""Create what is missing of a course on its volumes before its grader starts; replace nothing.

``python prepare_course.py COURSE``, with the whole exchange at /srv/nnkit/exchange.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from hub_settings import COURSE
from install import courses
from install.environment import InstallError

INSTALLATION = Path("/srv/nnkit")
CHECKOUT = Path(__file__).resolve().parent


def prepare(name: str, installation: Path = INSTALLATION, checkout: Path = CHECKOUT) -> None:
    """Create the course folder and the course's part of the exchange.

    Raises
    ------
    InstallError
        If the name is invalid, or a volume is not writable.
    """
    if not re.fullmatch(COURSE, name):
        raise InstallError(f'{name!r}: name a course by small letters, digits and "-".')
    try:
        courses.prepare(installation, checkout, name)
        # The same account runs in all pods: mounts separate them, not permissions.
        for place in ("inbound", "incoming", "feedback"):
            folder = installation / "exchange" / name / place
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
    except OSError as error:
        raise InstallError(
            f"{error.filename} cannot be created ({error.strerror}). The volumes must let account "
            "1000 or group 100 write at their root: see docs/kubernetes.md, Volumes."
        ) from error


if __name__ == "__main__":
    try:
        prepare(*sys.argv[1:2] or [""])
    except InstallError as failure:
        sys.exit(str(failure))
