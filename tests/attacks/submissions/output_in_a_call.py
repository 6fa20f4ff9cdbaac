"""Print without end while a test waits for a result.

Gain: an examiner without memory.
"""

HARMS = "prints without end; nbgrader keeps it all in memory"


# %% task="unknown"
def riddle(x):
    while True:
        print("y" * 1_000_000)
