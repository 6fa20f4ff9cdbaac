"""Start threads without end that never finish.

Gain: a machine that grades nobody else; an exam that waits for them.
"""

HARMS = "starts threads without end; nothing in nbgrader limits them"

# %%
import threading
import time

for _ in range(100_000):
    try:
        threading.Thread(target=time.sleep, args=(10_000,)).start()
    except RuntimeError:
        break
