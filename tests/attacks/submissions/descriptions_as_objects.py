"""Describe exceptions by objects, by huge numbers and by texts that no file can hold.

Gain: an examiner that ends while it makes the exception, or takes it for the end of a test.
"""

# %% top
import gc

candidate = next(each for each in gc.get_objects() if type(each).__name__ == "Candidate")
import itertools

from autograder.exam.remote import remote_errors

honest_describe = remote_errors.describe
turn = itertools.count()


class Bad:
    def __str__(self):
        raise ValueError("no")

    __eq__ = __hash__ = __repr__ = __str__


odd = [Bad(), 10**5000, "\ud800", [Bad()], {Bad: 1}, float("nan"), b"x", "x" * 10**6, None, []]


def describe(error):
    made = honest_describe(error)
    place = list(made)[next(turn) % len(made)]
    made[place] = odd[next(turn) % len(odd)]
    return made if next(turn) % 7 else odd[0]


# %% task="unknown"
def riddle(x):
    remote_errors.describe = describe
    raise AssertionError(x)


# %% task="helped"
def neuron(x):
    raise NotImplementedError


# %% task="search"
def lowest(f, points):
    raise StopIteration(points)
