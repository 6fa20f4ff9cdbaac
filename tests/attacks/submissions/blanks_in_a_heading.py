"""Hand in a heading of 3 000 blanks between two letters, on which a search for its end backtracks.

Gain: the feedback of the whole class, and the service that grades on submission, hang for hours.
"""


def forge(notebook):
    from nbformat.v4 import new_markdown_cell

    notebook.cells.append(new_markdown_cell("# a" + " " * 3000 + "b"))
