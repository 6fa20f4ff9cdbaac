"""Let a cell's last value, and what it displays, take for ever to be shown.

Gain: an exam that hangs while it collects outputs.
"""

HARMS = "never ends, and takes nbgrader's whole time limit"


# %%
class Endless:
    def __repr__(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass


Endless()
