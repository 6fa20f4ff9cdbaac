"""Answer with references to objects that do not exist, of kinds that are not allowed.

Gain: the examiner makes an object of a library, an instance or a callback of the attacker's choice.
"""

# %% task="unknown"
import itertools

try:
    from autograder.exam.wire import Ref
except ImportError:
    Ref = complex
references = [
    ("library", ["os", "system"]),
    ("instance", ["builtins", "object", {}]),
    ("yours", 0),
    ("yours", -1),
    ("proxy", [10**6, 127, "float", ["keras.src.models.model", "Model"], "x"]),
    ("proxy", [1, 127, "float", ["tensorflow", "__builtins__.float"], None]),
    ("proxy", [-1, 1 << 40, "x" * 10_000, [1, 2], {}]),
    ("keras", [{"module": "os", "class_name": "system"}, []]),
]
turn = itertools.cycle(references)


def riddle(x):
    return Ref(*next(turn))
