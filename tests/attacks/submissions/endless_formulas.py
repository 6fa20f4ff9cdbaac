"""Hand in an answer of formulas: never closed, braces in braces, and 40 000 short ones.

Gain: the feedback of the whole class hangs.
"""


def forge(notebook):
    texts = ["\\begin{a}\n" * 30_000, "$$" + "{" * 50_000, "$x_1$ " * 40_000, "$a \\$ " * 30_000]
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "words":
            cell.source = "\n\n".join(texts)
