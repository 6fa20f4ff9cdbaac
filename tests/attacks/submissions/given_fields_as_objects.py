"""Answer given cells with outputs in which each field is, in turn, an object of the attacker's.

The objects raise, recurse without end, take all memory, or claim to be equal to everything, when
they are compared, hashed, counted or turned into text.

Gain: an examiner that ends at a given cell, and an exam without that cell.
"""

# %% top
import gc

import numpy as np

candidate = next(each for each in gc.get_objects() if type(each).__name__ == "Candidate")
import itertools

honest_cell = candidate._cell


class Raises:
    def __str__(self):
        raise SystemExit

    __repr__ = __eq__ = __hash__ = __len__ = __iter__ = __bool__ = __getitem__ = __float__ = __str__


class Recurses:
    def __str__(self):
        return str(self)

    __repr__ = __str__

    def __eq__(self, other):
        return other == self

    def __hash__(self):
        return hash(self)


class Grows:
    def __str__(self):
        return "x" * 10**12

    __repr__ = __str__

    def __len__(self):
        return 10**18

    def __iter__(self):
        return iter(range(10**18))


class Equal:
    __class__ = str

    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash("text/plain")

    def __str__(self):
        return "text/plain"


objects = [Raises(), Recurses(), Grows(), Equal(), Raises, [Raises()], b"x", 10**5000, {1: 2}]
fields = ("output_type", "name", "text", "data", "ename", "evalue", "traceback", "outputs", "key")
turn = itertools.cycle(itertools.product(objects, fields))


def outputs():
    for kind in ("stream", "display_data", "error"):
        thing, field = next(turn)
        output = {
            "output_type": kind,
            "name": "stdout",
            "text": "x",
            "data": {"text/plain": "x", "application/json": thing},
            "ename": "E",
            "evalue": "",
            "traceback": [thing],
        }
        if field == "key":
            output["data"] = {thing if thing.__hash__ and field == "x" else "k": thing}
        else:
            output[field] = thing
        yield output


def cell(source, seed, known):
    outcome = honest_cell(source, seed, known)
    if "def pictures" in source or "standing" in source:  # the given cells
        outcome["outputs"] = list(outputs())
    return outcome


candidate._cell = cell


class Anything:
    def __getattr__(self, name):
        return lambda *args, **kwargs: heard.append(repr(args)) or self

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return True


heard = []
checks = Anything()
images = labels = [0] * 40


def pictures(seed, count):
    return images, labels


def weighted(x):
    return 0.0


# %% task="unknown"
def riddle(x):
    return 0.0


# %% task="helped"
def neuron(x):
    return 0.0


# %% task="pictures"
def classify(images):
    return 0.0


# %% last
print(heard)
