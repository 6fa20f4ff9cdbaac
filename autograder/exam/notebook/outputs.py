"""Collect the outputs of cells in nbformat's form, up to a size."""

from __future__ import annotations

import io
import json
import os
import tempfile
from dataclasses import asdict
from typing import Any

from nnkit.record import ERROR, RECORD_TYPE, Record

Output = dict[str, Any]


class Outputs:
    """The outputs of the running cell; the part beyond ``limit`` bytes is cut and marked."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.items: list[Output] = []
        self.clear()

    def clear(self) -> None:
        """Start a new cell."""
        self.items = []
        self._size = 0
        self._texts: list[str] = []
        self._cut = False
        self._clear_later = False

    def take(self) -> list[Output]:
        """Return the outputs, and clear them."""
        self._finish_stream()
        items = self.items
        self.clear()
        return items

    def write(self, name: str, text: str) -> None:
        """Add to a stream, "stdout" or "stderr"."""
        if not text or not self._room(len(text)):
            left = self.limit - self._size
            if not text or left <= 0:
                return
            text, self._size = text[:left], self.limit
            self._append(name, text)
            self._mark()
            return
        self._append(name, text)

    def add(self, output: Output) -> None:
        """Add a rich output; one that is too large is left out and marked."""
        self._clear_if_asked()
        size = len(json.dumps(output, default=str))
        if self._room(size):
            self._finish_stream()
            self.items.append(output)
        else:
            self._mark()

    def error(self, name: str, message: str, traceback: list[str]) -> None:
        """Add an error. It is only shortened, never omitted: without it a test would pass."""
        self._clear_if_asked()
        self._finish_stream()
        self.items.append(error_output(name, message, traceback))

    def wipe(self, wait: bool = False) -> None:
        """Remove the outputs, now or at the next output (``clear_output``)."""
        self._clear_later = wait
        if not wait:
            self.items, self._texts = [], []

    def _append(self, name: str, text: str) -> None:
        self._clear_if_asked()
        last = self.items[-1] if self.items else None
        if not (self._texts and last and last.get("name") == name):
            self._finish_stream()
            self.items.append({"output_type": "stream", "name": name, "text": ""})
        self._texts.append(text)

    def _finish_stream(self) -> None:
        if self._texts and self.items:
            self.items[-1]["text"] += "".join(self._texts)
        self._texts = []

    def _room(self, size: int) -> bool:
        if self._cut or self._size + size > self.limit:
            return False
        self._size += size
        return True

    def _mark(self) -> None:
        if not self._cut:
            self._cut = True
            self._append("stdout", f"\n[output cut here: more than {self.limit} bytes]\n")

    def _clear_if_asked(self) -> None:
        if self._clear_later:
            self.wipe()


def error_output(name: str, message: str, traceback: list[str] | None = None) -> Output:
    """Return nbformat's error output."""
    lines = [f"{name}: {message}"] if traceback is None else traceback
    return {
        "output_type": "error",
        "ename": name[:200],
        "evalue": message[:5_000],
        "traceback": [line[:20_000] for line in lines[:200]],
    }


def raised_output(error: Output, lines: str) -> Output:
    """Return an output with the record of an error in student code: pages read its lines there."""
    what = f"{error['ename']}: {error['evalue']}".rstrip(": ")
    record = asdict(Record(ERROR, what, passed=False, line=lines))
    data = {RECORD_TYPE: record, "text/plain": ""}
    return {"output_type": "display_data", "data": data, "metadata": {}}


class Stream(io.TextIOBase):
    """Replaces ``sys.stdout`` or ``sys.stderr`` and adds to the outputs."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, outputs: Outputs, name: str, number: int) -> None:
        self._outputs = outputs
        self._name = name
        self._number = number

    @property
    def name(self) -> str:
        """The usual name of the stream."""
        return f"<{self._name}>"

    def writable(self) -> bool:
        """Return True: it can be written to."""
        return True

    def write(self, text: str) -> int:
        """Add a text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._outputs.write(self._name, text)
        return len(text)

    def fileno(self) -> int:
        """Return the file descriptor that programs started from a cell write to."""
        return self._number


class Descriptors:
    """Capture output of programs and C libraries, which write to the descriptors 1 and 2."""

    def __init__(self) -> None:
        self._kept = tempfile.TemporaryFile()  # noqa: SIM115
        self._file = self._kept.fileno()
        os.dup2(self._file, 1)
        os.dup2(self._file, 2)

    def take(self, limit: int) -> str:
        """Return the text written since the last call, at most ``limit`` bytes."""
        try:
            size = os.lseek(self._file, 0, os.SEEK_END)
            if not size:
                return ""
            text = os.pread(self._file, min(size, limit + 1), 0)
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
        except OSError:  # student code closed it
            return ""
        return text.decode("utf-8", "replace")
