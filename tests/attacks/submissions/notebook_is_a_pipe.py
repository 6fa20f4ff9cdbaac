"""Hand in a named pipe in place of the notebook.

Gain: grading waits for somebody to write into it.
"""

HARMS = "makes nbgrader wait for ever"
EXPECTED = {}


def hand_in(folder, course):
    import os

    (folder / "toy.ipynb").unlink()
    os.mkfifo(folder / "toy.ipynb")
