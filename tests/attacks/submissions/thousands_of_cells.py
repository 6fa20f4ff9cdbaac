"""Hand in 6 000 headings and cells that print.

Gain: the page of one student takes hours, and with it the feedback of the class.
"""


def forge(notebook):
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

    for number in range(3_000):
        cell = new_code_cell(f"{number}")
        cell.outputs = [new_output("stream", text="so much\n" * 50)]
        notebook.cells += [cell, new_markdown_cell(f"# {number}")]
