"""Return values nested a hundred thousand deep, or holding themselves.

Gain: an examiner that ends in a recursion without end.
"""

# %% task="unknown"
import itertools

deep = []
for _ in range(100_000):
    deep = [deep]
itself = [0.0]
itself.append(itself)
mapping = {}
mapping["again"] = (mapping, itself)
thirty = 0.0
for _ in range(30):
    thirty = (thirty, thirty)
answers = itertools.cycle([deep, itself, mapping, thirty])


def riddle(x):
    return next(answers)
