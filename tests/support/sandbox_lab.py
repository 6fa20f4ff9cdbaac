"""Run code inside the sandbox, as this user and as an ordinary one, and return what it saw."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from autograder.exam import sandbox

COURSE = Path(sandbox.__file__).parents[3]
# Root tests the ordinary user's way too.
WHO = ["self", "ordinary"] if os.geteuid() == 0 else ["self"]

_SCRIPT = """
import json, os, signal, sys, time
from pathlib import Path
from autograder.exam import sandbox
from autograder.exam.limits import Limits
from autograder.exam.sandbox import filesystem, linux, seccomp, user

limits, files = Limits(), None
{before}
view = sandbox.default_view(files)
inlet, outlet = os.pipe()
child = os.fork()
if child == 0:
    os.close(inlet)
    try:
        scratch = sandbox.enter(view, limits, [outlet])
        def tell(value):
            os.write(outlet, json.dumps(value).encode())
{inside}
    except BaseException as error:
        os.write(outlet, json.dumps(f"{{type(error).__name__}}: {{error}}").encode())
    os._exit(0)
os.close(outlet)
{outside}
heard = b""
while block := os.read(inlet, 1 << 16):
    heard += block
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps([json.loads(heard or b"null"), status]))
"""


def inside(code: str, who: str = "self", *, before: str = "", outside: str = "") -> tuple[Any, int]:
    """Run code in the sandbox; return what it passed to ``tell`` and how the process ended.

    `before` runs ahead of the fork (it may set ``limits`` and ``files``), `outside` in the parent.
    """
    indented = textwrap.indent(textwrap.dedent(code), " " * 8)
    script = _SCRIPT.format(
        before=textwrap.dedent(before), inside=indented, outside=textwrap.dedent(outside)
    )
    heard, status = json.loads(run(script, who))
    return heard, status


def run(script: str, who: str = "self") -> str:
    """Run a script in a Python of its own; return what it printed."""
    command = [sys.executable, "-c", script]
    if who == "ordinary":
        command = [sys.executable, __file__, *command]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, cwd=COURSE, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _open_way(path: Path) -> None:
    """Make a path reachable for everybody, in this process's own mount namespace only."""
    from autograder.exam.sandbox import linux

    for above in reversed(path.parents):
        if not above.stat().st_mode & stat.S_IXOTH:
            refuge = Path("/mnt")
            linux.mount(path, refuge, flags=linux.BIND)
            linux.mount("tmpfs", above, "tmpfs", 0, "mode=755")
            path.mkdir(parents=True)
            linux.mount(refuge, path, flags=linux.BIND)
            linux.unmount(refuge)
            return


def _become_ordinary(uid: int = 65534) -> None:
    """Be an ordinary user without a home, one who can reach this interpreter."""
    from autograder.exam.sandbox import linux

    linux.unshare(linux.NEW_MOUNT)
    linux.mount(None, "/", flags=linux.RECURSIVE | linux.PRIVATE)
    for path in (Path(sys.base_prefix), Path(sys.prefix), COURSE):
        _open_way(path)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    os.environ["HOME"] = "/nonexistent"


if __name__ == "__main__":
    _become_ordinary()
    os.execv(sys.argv[1], sys.argv[1:])
