"""Print without end, display without end, and write past Python.

Gain: a notebook or a grader that is too large to handle.
"""

HARMS = "prints without end; nbgrader keeps it all in memory"

# %%
from IPython.display import HTML, display

for number in range(20_000):
    print("x" * 1000)
    if number % 100 == 0:
        display(HTML("<p>" + "y" * 10_000))

# %%
import os
import sys

for _ in range(200):
    os.write(1, b"z" * 1_000_000)
    os.write(2, b"z" * 1_000_000)

# %%
while True:
    sys.stdout.write("endless " * 1000)
