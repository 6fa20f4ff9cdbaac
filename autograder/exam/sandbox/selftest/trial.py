"""Enter the sandbox for a trial, in a separate process: ``python -m … < job.json``.

A grader may have threads or be a server, and a fork of it would not be a fair trial.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from autograder.exam.limits import Limits
from autograder.exam.sandbox import cgroup
from autograder.exam.sandbox.allow_list import default_view
from autograder.exam.sandbox.cgroup import Cgroup
from autograder.exam.sandbox.enter import enter
from autograder.exam.sandbox.errors import SandboxError

Task = Callable[[Mapping[str, Any]], Any]
_MODULE = "autograder.exam.sandbox.selftest.trial"


def trial(
    task: Task,
    facts: Mapping[str, Any],
    limits: Limits | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = 120,
) -> Any:
    """Call a function in a separate sandboxed process and return its result.

    Parameters
    ----------
    task : callable
        A function of a module in ``autograder``; its argument is `facts`.
    facts : mapping
        JSON data for the task. ``answer``, the file descriptor of its answer, is added.
    limits : Limits or None
        The limits of the process; None for the default ones.
    environment : mapping or None
        Variables for the process from which the sandboxed one is forked.
    seconds : float
        Time after which the trial has failed.

    Returns
    -------
    object
        The JSON that the task returned.

    Raises
    ------
    SandboxError
        If the sandbox could not be entered, or the process ended before the task did.
    """
    job = {
        "module": task.__module__,
        "task": task.__name__,
        "facts": dict(facts),
        "limits": vars(limits or Limits()),
    }
    try:
        run = subprocess.run(
            [sys.executable, "-m", _MODULE],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            env={**os.environ, **(environment or {})},
            timeout=seconds,
            check=False,
        )
    except OSError as error:
        raise SandboxError(f"the trial of the sandbox could not be started: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise SandboxError(f"the trial of the sandbox took more than {seconds:g} s") from error
    try:
        answer = json.loads(run.stdout)
    except ValueError:
        ended = (
            f"with exit code {run.returncode}; its errors: {run.stderr.strip()[-500:] or 'nothing'}"
        )
        raise SandboxError(f"the trial of the sandbox ended {ended}") from None
    if "error" in answer:
        raise SandboxError(answer["error"])
    return answer["result"]


def _main() -> None:
    job = json.load(sys.stdin)
    # Imported before the sandbox is entered: in a checkout this package is not in the view.
    task = getattr(importlib.import_module(job["module"]), job["task"])
    view = default_view()
    group = cgroup.create(Limits(**job["limits"]))
    inlet, outlet = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(inlet)
        _in_child(task, view, job, outlet, group)
    os.close(outlet)
    with os.fdopen(inlet) as stream:
        answer = stream.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if group is not None:
        cgroup.remove([group])
    sys.stdout.write(answer)
    sys.exit(status)


def _in_child(
    task: Task, view: Any, job: Mapping[str, Any], outlet: int, group: Cgroup | None
) -> None:
    """Enter the sandbox, do the task, write the answer, and end."""
    try:
        enter(view, Limits(**job["limits"]), [outlet], group)
        answer = {"result": task({**job["facts"], "answer": outlet})}
    except Exception as error:  # the other side must learn of any exception
        text = str(error) if isinstance(error, SandboxError) else f"{type(error).__name__}: {error}"
        answer = {"error": text}
    with os.fdopen(outlet, "w") as stream:
        json.dump(answer, stream)
    os._exit(0)


if __name__ == "__main__":
    _main()
