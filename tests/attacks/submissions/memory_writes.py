"""Write into the process's own memory: small integers, ``True``, the code of NumPy.

Gain: 1 == 2 for everyone who shares the memory; or the end of the process.
"""

# %% last
import ctypes

for number in (0, 1, 2, 19):
    place = id(number) + 24
    ctypes.memmove(place, (123).to_bytes(4, "little"), 4)

# %% last
import ctypes
import sys

frame = ctypes.py_object.from_address(id(sys))
ctypes.memset(id(True) + 16, 0, 8)
ctypes.memset(0x1000, 0, 8)
