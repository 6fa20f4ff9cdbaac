"""The tape in a method that another object's method calls.

Gain: points for a derivative that is not derived by hand.
"""

TOPIC = "toy-derived"
EXPECTED = {}


# %%
class Engine:
    def __init__(self):
        self.tape = tf.GradientTape

    def run(self, x):
        x = tf.constant(x)
        with self.tape() as tape:
            tape.watch(x)
            y = tf.sin(x) ** 2
        return tape.gradient(y, x).numpy()


class Answer:
    engine = Engine()

    def __call__(self, x):
        return self.engine.run(x)


slope = Answer()
