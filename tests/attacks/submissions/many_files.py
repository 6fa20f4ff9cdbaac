"""Hand in 6,000 files in one folder, and 300 hard links to the notebook.

Gain: grading works on this submission for minutes, while the others wait.
"""

HARMS = "keeps nbgrader busy for minutes"


def hand_in(folder, course):
    import os

    (folder / "data").mkdir()
    for number in range(6_000):
        (folder / "data" / f"{number}.txt").touch()
    (folder / "copies").mkdir()
    for number in range(300):
        os.link(folder / "toy.ipynb", folder / "copies" / f"{number}.ipynb")
