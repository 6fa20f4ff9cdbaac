"""Take the word "graded" off a test, whose source the grader then puts back for the student to run.

Gain: the source of the hidden test, read in the student's process.
"""

AT_MOST = True


def forge(notebook):
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade_id") == "test-unknown":
            about["grade"] = False


# %% last
print(get_ipython().user_ns.get("In"))
print(globals().get("secret"))
