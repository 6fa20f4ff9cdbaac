"""Act in ``__del__`` and weak references when the exam lets go of the object.

Gain: code that runs while a reply is being written, or that never returns.
"""

# %% task="unknown"
import gc
import weakref


class Late:
    def __del__(self):
        print("late")
        for handler in gc.get_objects():
            if type(handler).__name__ == "Candidate":
                handler.number = 10**9
        while True:
            pass


def riddle(x):
    late = Late()
    weakref.finalize(late, print, "gone")
    return late
