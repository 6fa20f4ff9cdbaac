"""Values on the wire: a closed set of types as bytes; reading them runs no code.

A value becomes a *structure* (msgpack with the extension types of `wire_types`) and *blobs* (the
raw bytes of arrays). Both sides check sizes: the memory that a structure unfolds to is bounded by
its length.
"""

from __future__ import annotations

from autograder.exam.wire.arrays import WireError
from autograder.exam.wire.decoding import Decoder
from autograder.exam.wire.encoding import Encoder
from autograder.exam.wire.wire_types import JOB_CAPS, Caps, Parts, Ref

__all__ = ["JOB_CAPS", "Caps", "Decoder", "Encoder", "Parts", "Ref", "WireError"]
