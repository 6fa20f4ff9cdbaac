"""Hand in code whose syntax takes the square of a line's length to colour.

Gain: the feedback of the whole class hangs.
"""


def forge(notebook):
    from nbformat.v4 import new_code_cell

    for text in (f"x = '%{'0' * 60_000}'", f"match{' ' * 60_000}a", f"x = {'(' * 60_000}"):
        notebook.cells.append(new_code_cell(f"'''\n{text}\n"))
        notebook.cells.append(new_code_cell(text))
