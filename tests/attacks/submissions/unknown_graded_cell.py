"""Add one cell whose metadata say that it is a test, under an id that nobody knows.

Gain: the examiner, which holds the tests and stands outside of the sandbox, runs it.
"""

AT_MOST = True


def forge(notebook):
    from nbformat.v4 import new_code_cell

    cell = new_code_cell('import os\nopen("/tmp/@MARK@", "w").close()\nprint(os.listdir("/"))')
    cell.metadata["nbgrader"] = {
        "grade": True,
        "solution": False,
        "locked": True,
        "grade_id": "test-mine",
        "points": 1,
        "schema_version": 3,
        "task": False,
    }
    notebook.cells.insert(2, cell)
