"""Read what the others handed in, and run their answer in place of one's own.

Gain: the work of the best student.
"""

# %% task="unknown"
import json
from pathlib import Path

course = Path("@COURSE@")
notebooks = [*course.glob("submitted/*/*/*.ipynb"), *course.glob("autograded/*/*/*.ipynb")]
notebooks += [*Path("..").glob("../*/*/*.ipynb"), *Path("/tmp").glob("*/*/*/*.ipynb")]
for path in notebooks:
    cells = json.loads(path.read_text())["cells"]
    for cell in cells:
        source = "".join(cell["source"])
        if "def riddle" in source and "raise" not in source and "NotImpl" not in source:
            print(path, source)
            exec(source)
            break
