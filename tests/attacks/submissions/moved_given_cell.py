"""Move the given cell to the notebook's end, and define its names oneself.

Gain: ``checks``, the labels and the helpers are the attacker's while the tests run.
"""


def forge(notebook):
    given = [
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "given-data"
    ]
    notebook.cells = [cell for cell in notebook.cells if cell not in given] + given


# %%
import numpy as np

heard = []


class Anything:
    def __getattr__(self, name):
        return lambda *args, **kwargs: heard.append(args) or self

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return True


checks = Anything()


# %% task="unknown"
def riddle(x):
    return 0.0


# %% last
print(heard)
