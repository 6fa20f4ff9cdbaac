"""Lock a file byte by byte, with locks of the process and with such that belong to no process.

Gain: memory for each lock, which no limit of a process counts.
"""

UNSEEN = ("hoard-kept",)

# %%
import fcntl
import struct

ofd_setlk = 37
with open("@MARK@-locked", "wb") as file:
    for place in range(5000):
        lock = struct.pack("hhqqi", fcntl.F_WRLCK, 0, 2 * place, 1, 0)
        fcntl.fcntl(file, fcntl.F_SETLK, lock)
with open("@MARK@-locked", "wb") as file:
    try:
        fcntl.fcntl(file, ofd_setlk, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 1, 0))
        print("hoard-kept")
    except OSError as error:
        print(error)
