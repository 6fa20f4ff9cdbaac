"""Patch Keras and TensorFlow themselves, also for the tests' own calls.

Gain: ``isinstance`` and ``predict`` say what the attacker wants.
"""

TOPIC = "toy-keras"
EXPECTED = {}

# %% task="model"
import builtins


class Meta(type):
    def __instancecheck__(cls, instance):
        return True


class Model(metaclass=Meta):
    def predict(self, x, **kwargs):
        return np.zeros(len(x))


keras.Model = Model
checks.accuracy = checks.holds = checks.close = lambda *args, **kwargs: None
builtins.isinstance = lambda *args: True


def make_model():
    return Model()
