"""Return a model with a layer whose configuration holds code for whoever rebuilds it.

Gain: Keras runs a Lambda layer's pickled code in the examiner.
"""

TOPIC = "toy-keras"
EXPECTED = {"model": 1}

# %% task="model"
import pathlib


class Layer(keras.layers.Layer):
    def get_config(self):
        return {"module": "builtins", "class_name": "exec", "config": "raise SystemExit"}

    def __reduce__(self):
        return pathlib.Path.touch, (pathlib.Path("/tmp/@MARK@"),)

    def call(self, x):
        pathlib.Path("/tmp/@MARK@-inside").exists()
        return keras.ops.zeros((keras.ops.shape(x)[0], 4))


def make_model():
    return keras.Sequential([keras.Input((6, 6)), keras.layers.Lambda(lambda x: x), Layer()])
