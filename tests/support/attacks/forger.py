"""Forged answers of a candidate: every type that the wire allows, in every field, by a seed.

It imports nothing of the project, so that it can also be a cell of a notebook.
"""

from __future__ import annotations

import random
import struct

import msgpack

TUPLE, SET, FROZENSET, COMPLEX, BIG_INT, SLICE, ELLIPSIS = 1, 2, 3, 4, 5, 6, 7
RANGE, BYTEARRAY, RECORD, REF, NUMBERS, LEAF = 8, 9, 10, 11, 12, 13
TEXTS = (
    *("", "ok", "error", "callback", "stream", "stderr", "display_data", "execute_result"),
    *("{0.__class__}", "%s%n", "\ud800", "\x00", "\x1b[2J", "x" * 5000, "<script>", "$" * 99),
    *("StopIteration", "SyntaxError", "UnicodeDecodeError", "ExceptionGroup", "SystemExit"),
    *("keras.src.layers.layer", "Layer", "Model", "tensorflow", "__class__", "__dict__.keys"),
    *("application/json", "text/html", "application/vnd.nnkit.check+json", "numpy", "outputs"),
)
FIELDS = ("dtype", "shape", "numpy", "a", "__class__", "_fields", "index", "name", "class", "")
DTYPES = (
    *("<f8", "<f4", "<f2", "<f16", "|b1", "<i8", "|u1", ">i4", "<c16", "<c32", "|S5", "<U3"),
    *("bfloat16", "|O8", "<M8", "|V8", "f8", "<f3", "<U0", ""),
)
ERROR = ("name", "bases", "message", "arguments", "line", "trace", "raised")
NUMBERS_OF_INTEREST = (
    *(0, 1, -1, 2, 127, 128, 255, 1 << 31, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, -(1 << 63)),
    *(0.0, -0.0, 1e308, 1e-320, float("nan"), float("inf"), float("-inf"), 0.5, 1e16),
)


class Raw(bytes):
    """A value that is packed already."""


class Pairs(list):
    """A dictionary whose keys may be anything, also twice."""


class Ext(tuple):
    """An extension type: its code and its content."""


def pack(value) -> bytes:
    """Pack as msgpack does, but also what it refuses to."""
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, Ext):
        code, content = value
        data = pack(content)
        return struct.pack(">BIb", 0xC9, len(data), code) + data
    if isinstance(value, Pairs):
        items = b"".join(pack(key) + pack(item) for key, item in value)
        return struct.pack(">BI", 0xDF, len(value)) + items
    if isinstance(value, dict):
        return pack(Pairs(value.items()))
    if isinstance(value, list):
        return struct.pack(">BI", 0xDD, len(value)) + b"".join(map(pack, value))
    return msgpack.packb(value, unicode_errors="surrogatepass")


class Forger:
    """Makes the answers to requests.

    The n-th one rests on the seed, on n and on the request, and on nothing else.
    """

    def __init__(self, seed: int, honest: float = 0.7) -> None:
        self.seed = seed
        self.honest = honest
        self.count = 0
        self.said = ""
        self.broken = ""
        self.blobs: list[bytes] = []
        self.rng = random.Random()

    def answer(self, number, operation) -> bytes:
        """Return the bytes that answer a request."""
        self.count += 1
        self.rng = random.Random(f"{self.seed} {self.count}")
        self.blobs = []
        if self.rng.random() < self.honest:
            message = [number, "ok", self.usual(operation), ""]
        else:
            message = self.forged(number, operation)
        data = self.framed(pack(message))
        self.said = f"message {self.count} of seed {self.seed}, to {operation!r}: {message!r}"[
            :2000
        ]
        return data

    def framed(self, structure: bytes) -> bytes:
        """Return a frame, now and then one whose sizes are wrong or whose bytes are damaged."""
        chance = self.rng.random()
        if chance < 0.005:
            at = self.rng.randrange(len(structure))
            structure = structure[:at] + self.rng.randbytes(1) + structure[at + 1 :]
        sizes = [len(blob) for blob in self.blobs]
        if 0.005 < chance < 0.01:
            sizes = [*sizes, (1 << 32) - 1] if chance < 0.006 else sizes[1:]
        head = struct.pack(f"<II{len(sizes)}I", len(structure), len(sizes), *sizes)
        return head + structure + b"".join(self.blobs)

    def usual(self, operation):
        """Return what an honest candidate could answer."""
        one = self.rng.choice
        usual = {
            "begin": None,
            "cell": {"outputs": [], "interrupted": False},
            "name": [True, self.proxy(abilities=127 - 8)],
            "compare": [self.value(0), None],
            "guarded": None,
            "bool": one((True, False)),
            "len": self.rng.randrange(5),
            "dir": ["a", "b"],
            "iter": self.proxy(abilities=8),
            "plain": one((1.5, self.array())),
            "array": self.array(),
            **dict.fromkeys(("repr", "str"), "thing"),
            **dict.fromkeys(("int", "index"), 3),
            **dict.fromkeys(("float",), 2.5),
        }
        return usual[operation] if operation in usual else self.value(1)

    def forged(self, number, operation):
        """Return a message in which some part is not as agreed, or is what a liar would say."""
        one, odd = self.rng.choice, self.odd
        usual = [number, "ok", self.usual(operation), ""]
        kind = self.rng.randrange(8)
        if kind == 0:
            usual[self.rng.randrange(4)] = odd()
        elif kind == 1:
            usual[2] = odd()
        elif kind == 2:
            usual[2] = self.spoilt(usual[2])
        elif kind == 3:
            error = {"name": "ValueError", "bases": ["ValueError", "Exception", "object"]}
            error |= {
                "message": "no",
                "arguments": ["no", 3],
                "line": "x",
                "trace": ["y\n"],
                "raised": True,
            }
            error[one(ERROR)] = odd() if one((0, 1)) else [odd(), one(TEXTS)]
            error["bases"] = one((error["bases"], [one(TEXTS)]))
            return [number, "error", one((error, odd(), self.spoilt(error))), one(("", odd()))]
        elif kind == 4:
            call = [number, "callback", 0, [self.value(1)], {}]
            call[self.rng.randrange(5)] = odd()
            return call
        elif kind == 5:
            usual[2] = {"outputs": [self.output() for _ in range(self.rng.randrange(4))]}
            usual[2]["interrupted"] = one((True, odd()))
        elif kind == 6:
            usual = one((usual[:3], [*usual, odd()], odd(), {}, Ext((TUPLE, usual))))
        else:
            usual[3] = one((one(TEXTS), "x" * 200_000))
        return usual

    def spoilt(self, value):
        """Return a value with one part of it, at any depth, replaced."""
        if isinstance(value, (list, dict)) and value and self.rng.random() < 0.8:
            value = value.copy()
            place = self.rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
            value[place] = self.spoilt(value[place])
            return value
        if isinstance(value, Ext) and self.rng.random() < 0.8:
            return Ext((value[0], self.spoilt(value[1])))
        return self.odd()

    def output(self):
        """Return an output of a cell in which some field is odd."""
        one = self.rng.choice
        made = {
            "output_type": one(("stream", "display_data", "execute_result", "error")),
            "name": one(("stdout", "stderr")),
            "text": "printed",
            "data": {one(TEXTS): one((self.odd(), "text")), "text/plain": "x"},
            "ename": "Error",
            "evalue": "no",
            "traceback": [one(TEXTS), "y"],
        }
        return self.spoilt(made) if self.rng.random() < 0.8 else made

    def proxy(self, abilities=None, odd=False):
        """Return a reference to an object."""
        one = self.rng.choice
        abilities = self.rng.randrange(128) if abilities is None else abilities
        known = one((None, None, ["keras.src.models.model", "Model"], [one(TEXTS), one(TEXTS)]))
        content = [self.rng.randrange(1, 9), abilities, "thing", known, one((None, "f"))]
        if odd:
            content = self.spoilt(content)
        return Ext((REF, ["proxy", content]))

    def array(self, odd=False, word="array"):
        """Return an array of a shape that fits, or if odd, perhaps does not."""
        one = self.rng.choice
        shape = one(([3], [], [2, 2], [0], [1, 3], [0, 784]))
        dtype, size = "<f8", 8
        if odd:
            shape = one((shape, [0, 1 << 62], [1 << 31, 0, 1 << 31], [-1], [1] * 33, self.odd(2)))
            dtype = one(DTYPES)
            digits = "".join(filter(str.isdigit, dtype))
            size = int(digits or 2) * (4 if "U" in dtype else 1)
        if isinstance(shape, list) and all(type(n) is int and 0 <= n < 999 for n in shape):
            for n in shape:
                size *= n
        blob = self.rng.randbytes(min(size, 9999)) if odd else struct.pack("<d", 1.25) * (size // 8)
        header = [word, dtype, shape, one((True, False)), True, len(self.blobs)]
        self.blobs.append(blob)
        return Ext((LEAF, self.spoilt(header) if odd and one((0, 1)) else header))

    def value(self, depth):
        """Return what a student's function could return."""
        one = self.rng.choice
        simple = (1.5, -2, True, "text", None, self.array(), self.proxy())
        if depth <= 0:
            return one(simple)
        inner = [self.value(depth - 1) for _ in range(self.rng.randrange(4))]
        return one((*simple, inner, Ext((TUPLE, inner)), {"a": one(simple)}))

    def odd(self, depth=0):
        """Return any value that the wire can carry, or that looks like one."""
        one = self.rng.choice
        makers = (
            lambda: one(NUMBERS_OF_INTEREST),
            lambda: one((None, True, False, b"", b"bytes")),
            lambda: one(TEXTS),
            lambda: Ext((BIG_INT, Raw(self.rng.randbytes(one((9, 500, 1780, 5000)))))),
            lambda: self.proxy(odd=one((True, False))),
            lambda: self.proxy(),
            lambda: Ext(
                (REF, [one(("yours", "own", "library", "keras", "")), self.odd(depth + 1)])
            ),
            lambda: Ext((REF, ["yours", one((0, 1, -1))])),
            lambda: self.array(odd=True, word=one(("array", "tensor"))),
            lambda: self.leaf(depth),
            lambda: [self.odd(depth + 1) for _ in range(self.rng.randrange(4))],
            lambda: Pairs((self.odd(depth + 1), self.odd(depth + 1)) for _ in range(2)),
            lambda: Ext((self.rng.randrange(-1, 16), self.odd(depth + 1))),
            lambda: Ext((one((TUPLE, SET, FROZENSET)), [self.odd(depth + 1) for _ in range(3)])),
            lambda: Ext((one((COMPLEX, SLICE, RANGE)), [self.odd(depth + 1) for _ in range(3)])),
            lambda: Ext((RANGE, [0, one(NUMBERS_OF_INTEREST[:12]), 1])),
            lambda: Ext((RECORD, [[one(FIELDS), one(FIELDS)], [1.5, self.odd(depth + 1)]])),
            lambda: Raw(b"\x91" * one((30, 40, 2000)) + b"\xc0"),
            lambda: self.colliding(),
            lambda: Ext((BYTEARRAY, one((1 << 33, b"x", "x")))),
        )
        return one(makers[:6] if depth > 2 else makers)()

    def leaf(self, depth):
        """Return a scalar, a type, a shape, an array of objects or a block of numbers."""
        one = self.rng.choice
        if one((True, False, False)):
            self.blobs.append(self.rng.randbytes(one((0, 8, 17, 800))))
            return Ext((NUMBERS, [one(("int", "float", "x")), one((0, len(self.blobs) - 1))]))
        return Ext(
            (
                LEAF,
                one(
                    (
                        ["scalar", one(DTYPES), self.rng.randbytes(one((1, 4, 8, 16)))],
                        ["text", one((*TEXTS, b"x", 3))],
                        ["dtype", one(DTYPES)],
                        ["shape", one((None, [None, 3], [1 << 62, 1 << 62], [-1], "x", [[]]))],
                        ["tf-dtype", one(("float32", "resource", "variant", "string_ref", "x"))],
                        ["objects", [2], [self.odd(depth + 1), self.odd(depth + 1)]],
                        [self.odd(depth + 1), self.odd(depth + 1)],
                    )
                ),
            )
        )

    def colliding(self):
        """Return a set or dictionary whose keys have one hash."""
        modulus = (1 << 61) - 1
        keys = [
            Ext((BIG_INT, Raw((modulus * n << 64).to_bytes(24, "little", signed=True))))
            for n in range(modulus % 7 + 1, self.rng.choice((20, 3000)))
        ]
        if self.rng.random() < 0.5:
            return Pairs((key, 1) for key in keys)
        return Ext((SET, keys))
