"""Move all tests before the given cell, after a cell that defines its names oneself.

Gain: ``checks``, the labels and the helpers are the attacker's while the tests run.
"""

AT_MOST = True


def forge(notebook):
    from nbformat.v4 import new_code_cell

    def is_test(cell):
        about = cell.metadata.get("nbgrader", {})
        return about.get("grade") and not about.get("solution")

    tests = [cell for cell in notebook.cells if is_test(cell)]
    own = new_code_cell("""
class Anything:
    def __getattr__(self, name):
        return lambda *args, **kwargs: print(args) or self
    def __enter__(self):
        return self
    def __exit__(self, *args):
        return True
checks = np = Anything()
images = labels = 0
riddle = neuron = classify = lowest = mean_square = weighted = lambda *args: 0.0
pictures = lambda *args: (0, 0)
""")
    rest = [cell for cell in notebook.cells if cell not in tests]
    notebook.cells = [own, *tests, *rest]
