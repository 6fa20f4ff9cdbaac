"""Submissions and results as bytes, for the transfer to a worker and back.

Both are compressed: a notebook shrinks to a fifth, on the network and in the scheduler's memory.
"""

from __future__ import annotations

import json
import pickle
import zlib
from pathlib import Path

import nbformat

from autograder.errors import AutograderError
from autograder.exam.results import ExamResult
from autograder.grading.engine import Job

#: Bytes of a notebook and the files next to it that can be sent to a worker.
MOST_BYTES = 200 * 2**20
_LEVEL = 1


def pack(job: Job) -> bytes:
    """Return a job as bytes, the files of its folder included.

    Raises
    ------
    AutograderError
        If it is too large to send.
    """
    paths = [path for path in sorted(job.folder.rglob("*")) if path.is_file()]
    notebook = json.dumps(job.notebook)
    size = len(notebook) + sum(path.stat().st_size for path in paths)
    if size > MOST_BYTES:
        raise AutograderError(
            f"the submission's files take {size / 2**20:.0f} MB, but at most "
            f"{MOST_BYTES / 2**20:.0f} MB can be sent to a worker: grade it without --dask"
        )
    files = {str(path.relative_to(job.folder)): path.read_bytes() for path in paths}
    content = (job.student, job.topic, notebook, files, job.given)
    return zlib.compress(pickle.dumps(content), _LEVEL)


def unpack(payload: bytes, folder: Path) -> Job:
    """Write a job's files into an empty folder; return the job."""
    student, topic, notebook, files, given = pickle.loads(zlib.decompress(payload))
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return Job(student, topic, nbformat.v4.reads_json(notebook), folder, given)


def pack_answer(examined: ExamResult) -> bytes:
    """Return the result of a job as bytes."""
    return zlib.compress(pickle.dumps(examined), _LEVEL)


def unpack_answer(answer: bytes) -> ExamResult:
    """Return the result of a job."""
    return pickle.loads(zlib.decompress(answer))
