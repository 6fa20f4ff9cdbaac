"""Take the metadata off the given cell, and write other contents into it.

Gain: ``checks``, the labels and the helpers are then the attacker's.
"""


def forge(notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "given-data":
            del cell.metadata["nbgrader"]
            cell.source = """
heard = []


class Anything:
    def __getattr__(self, name):
        return lambda *args, **kwargs: heard.append(args) or self
    def __enter__(self):
        return self
    def __exit__(self, *args):
        return True
checks = Anything()
"""


# %% task="unknown"
def riddle(x):
    return 0.0


# %% last
print(heard)
