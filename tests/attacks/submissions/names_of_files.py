"""Hand in files whose names are not UTF-8, hold line ends and control characters, or are as long
as can be, and links that lead to themselves and each other.

Gain: a message, a page or a record cannot be written, and the grading of the class ends.
"""

HARMS = "leaves names that nbgrader copies"


def hand_in(folder, course):
    import os

    place = os.fsencode(folder)
    for name in (
        b"caf\xe9.txt",
        b"two\nlines",
        b"\x1b[2J\x07",
        "\u202eypi.txt".encode(),
        b"n" * 255,
    ):
        with open(place + b"/" + name, "wb") as file:
            file.write(b"x")
        os.symlink(name, place + b"/link-" + name[:200])
        os.mkfifo(place + b"/pipe-" + name[:200])
    for one, other in (("loop", "loop"), ("ping", "pong"), ("pong", "ping"), ("here", ".")):
        os.symlink(other, folder / one)
