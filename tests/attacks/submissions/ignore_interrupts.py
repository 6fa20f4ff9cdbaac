"""Block and ignore every signal, then loop inside and outside of tests.

Gain: an exam that never ends.
"""

HARMS = "never ends; nbgrader interrupts the kernel, and then waits for it"

# %%
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
