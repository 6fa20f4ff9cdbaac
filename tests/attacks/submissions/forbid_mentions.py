"""The tape in comments, texts, imports and other functions, and a method called `gradient`.

Gain: none; whoever derives by hand keeps the points, no matter what else the notebook names.
"""

TOPIC = "toy-derived"
EXPECTED = {"slope": 2}


def forge(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("def slope"):
            cell.source = "%%time\n" + cell.source


# %%
from numpy import gradient
from tensorflow import GradientTape


def compare(x):
    """Return what tf.GradientTape says of `slope`."""
    x = tf.constant(x)
    with GradientTape() as tape:
        tape.watch(x)
        y = tf.sin(x) ** 2
    return tape.gradient(y, x) - slope(x)


class Sine:
    def gradient(self, x):
        return 2 * np.sin(x) * np.cos(x)

    def tape(self, x):
        return compare(x)


# %%
def slope(x):
    """Not by tf.GradientTape, nor by keras."""
    keras, tape = "tf.GradientTape", 1  # nor by (f(x + h) - f(x - h)) / (2 * h)
    gradient = Sine().gradient(x)
    return tape * gradient
