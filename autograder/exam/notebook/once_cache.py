"""Results of `nnkit.once` in given cells: computed by one process, kept for a whole class.

The examiner of the first submission computes a value. It and its candidate, and those of all later
submissions with the same given cells, then decode the same bytes, so that no exam depends on the
order of the submissions.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.exam.messages import Cell, Packed, Role
from autograder.exam.notebook import random_seeds
from autograder.exam.remote.by_reference import pass_on, receivers
from autograder.exam.wire import JOB_CAPS, Decoder, Encoder, Ref, WireError

LARGEST = 16 << 20  # bytes for one cell
_MOST_BYTES = 64 << 20


class OnceCache:
    """Keeps, for each prefix of a notebook's given cells, the results of its last cell.

    Several threads may use it. If there is too much, the least recently used results are removed.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, dict[str, Packed]] = OrderedDict()

    def hand_out(self, cells: Iterable[Cell]) -> list[Cell]:
        """Return a job's cells, given ones with their known results."""
        digest, found = hashlib.sha256(), []
        for cell in cells:
            if cell.role == Role.GIVEN:
                digest.update(f"{cell.seed} {len(cell.source)} {cell.source}".encode())
                cell = self._known(cell, digest.hexdigest())
            found.append(cell)
        return found

    def _known(self, cell: Cell, place: str) -> Cell:
        with self._lock:
            known = self._kept.get(place, {})
            if known:
                self._kept.move_to_end(place)
        return replace(cell, once_cache=place, known=known)

    def keep(self, place: str, made: dict[str, Packed]) -> None:
        """Keep the results of the cell whose key ``once_cache`` is ``place``."""
        with self._lock:
            self._kept[place] = made
            while sum(map(_size, self._kept.values())) > self._most:
                self._kept.popitem(last=False)


def _size(made: dict[str, Packed]) -> int:
    return sum(len(structure) + sum(map(len, blobs)) for structure, blobs in made.values())


class Computing:
    """Replaces `nnkit.once` while a given cell runs.

    Attributes
    ----------
    known
        For the name of each call, its result, packed.
    new
        The results that were computed here.
    alone
        Why a value that was computed here cannot be sent to other processes.
    """

    def __init__(
        self, shell: Any, seed: int, known: dict[str, Packed], given: Collection[str] = ()
    ) -> None:
        self.known = dict(known)
        self.new: dict[str, Packed] = {}
        self.alone: list[str] = []
        self._shell = shell
        self._seed = seed
        self._encoder = Encoder(JOB_CAPS, lambda value: _reference(value, given))
        self._decoder = Decoder(JOB_CAPS, receivers(_nothing, _nothing, shell))

    def __call__(self, name: str, compute: Callable[[], Any]) -> Any:
        """Return the value of a call of `once`."""
        if name not in self.known:
            value = compute()
            try:
                self.new[name] = self._packed(value)
            except WireError as error:
                self.alone.append(str(error))
                return value
            self.known[name] = self.new[name]
        # The cell's next random numbers are the same whether the value was computed or not.
        random_seeds.plant(self._seed)
        structure, blobs = self.known[name]
        return self._decoder.decode((structure, [bytearray(blob) for blob in blobs]))

    def _packed(self, value: Any) -> Packed:
        structure, blobs = self._encoder.encode(value)
        packed = [structure, [np.asarray(memoryview(blob).cast("B")) for blob in blobs]]
        if _size({**self.known, "": packed}) > LARGEST:
            raise WireError(f"it is larger than {LARGEST >> 20} MB")
        return packed

    def __enter__(self) -> Computing:
        self._shell.once = self
        return self

    def __exit__(self, *_: object) -> None:
        self._shell.once = None


def _reference(value: Any, given: Collection[str]) -> Ref:
    ref = pass_on(value, given)
    if ref is None:
        raise WireError(f"a {type(value).__name__} cannot be sent to another process")
    return ref


def _nothing(*_: Any) -> Any:
    raise WireError("objects of another process cannot be kept")
