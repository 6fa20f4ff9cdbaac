"""Arguments and options that several commands of `autograder` take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.exam.limits import MIB, Limits


def _limit(what: str, default: float) -> str:
    return f"{what}. Default: {default:g}."


Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[TOPIC]...", help="A name, or its number or part. Default: all."),
]
Wanted = Annotated[
    list[str],
    typer.Argument(metavar="TOPIC...", help="One or more topics: 05-backprop, 5 or backprop."),
]
Where = Annotated[
    Path | None,
    typer.Option(
        "--course",
        metavar="DIR",
        help="The course folder. Default: this folder or the nearest above it that holds "
        "nbgrader_config.py.",
    ),
]
Json = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE", help="Also write what was found to FILE, as JSON."),
]
Pile = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Where the submissions are, as STUDENT/TOPIC/TOPIC.ipynb. Default: the course's "
        "folder `submitted`.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Grade N at once. Default: one for each processor."),
]
Dask = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Grade on a Dask cluster: tls://HOST:PORT, or local:N for N workers of this machine.",
    ),
]
TlsCa = Annotated[
    str | None, typer.Option(metavar="FILE", help="The certificate that signed the cluster's.")
]
TlsCert = Annotated[str | None, typer.Option(metavar="FILE", help="Your own certificate.")]
TlsKey = Annotated[str | None, typer.Option(metavar="FILE", help="Its key, if it is apart.")]
Insecure = Annotated[
    bool,
    typer.Option("--insecure", help="Use a scheduler without TLS on another machine all the same."),
]
Sandbox = Annotated[
    str | None,
    typer.Option(
        metavar="required|off",
        help="Off: student code may do all that you may. Default: required, or c.ExamLimits in "
        "nbgrader_config.py, as for all limits.",
    ),
]
Students = Annotated[
    list[str] | None,
    typer.Option("--student", metavar="ID", help="Grade only this student; may be repeated."),
]
Force = Annotated[
    bool, typer.Option("--force", help="Also grade what has not changed since it was graded.")
]
CellSeconds = Annotated[
    float | None,
    typer.Option(metavar="S", help=_limit("Processor time of one cell, in seconds", Limits.cell_s)),
]
CallSeconds = Annotated[
    float | None,
    typer.Option(
        metavar="S", help=_limit("Seconds for a test's call into student code", Limits.call_s)
    ),
]
SubmissionSeconds = Annotated[
    float | None,
    typer.Option(metavar="S", help=_limit("Seconds for a submission", Limits.submission_s)),
]
MemoryMb = Annotated[
    int | None,
    typer.Option(metavar="MB", help=_limit("Memory for one process", Limits.memory_bytes / MIB)),
]
