"""Let a function be deaf so long that the test's own clock rings while the process is being ended.

Gain: an examiner that loses its thread, and with it tests that have nothing to do with it.
"""

EXPECTED = {"honest": 2, "search": 2}

# %% task="unknown"
import signal
import time

calls = [0]


def riddle(x):
    calls[0] += 1
    if calls[0] % 2:
        time.sleep(0.9)
        return 0.0
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    while True:
        pass


# %% task="search"
def lowest(f, points):
    return min(f(point) for point in points)
