"""Hand in named pipes, one of them as `timestamp.txt`, a socket, and a device where root may
make one.

Gain: whoever opens them to read waits for ever, and the class with them.
"""

HARMS = "makes nbgrader wait for ever"


def hand_in(folder, course):
    import os
    import socket
    from contextlib import suppress

    os.mkfifo(folder / "timestamp.txt")
    os.mkfifo(folder / "data.csv")
    os.mkfifo(folder / "other.ipynb")
    here = os.getcwd()
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
    os.chdir(here)
    with suppress(OSError):
        os.mknod(folder / "zero", 0o20666, os.makedev(1, 5))
