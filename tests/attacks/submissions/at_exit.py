"""Act when everything is over: ``atexit``, threads that never end, ``SIGTERM`` handlers.

Gain: an exam that hangs at its end, or files written when nobody looks.
"""

# %%
import atexit
import signal
import threading
import time
from pathlib import Path


def late(*args):
    for place in ("/tmp", "/dev/shm", "@COURSE@"):
        try:
            Path(place, "@MARK@").write_text("late")
        except OSError:
            pass
    time.sleep(15)


atexit.register(late)
signal.signal(signal.SIGTERM, late)
for daemon in (False, True):
    threading.Thread(target=late, daemon=daemon).start()
threading._register_atexit(late)
