"""Start many processes that each keep some memory, and none of them much.

Gain: more memory than one process may have.
"""

HARMS = "takes much memory; nothing in nbgrader limits it"
UNSEEN = ("hoard-kept",)

# %%
import os
import time

# A fork counts what it shares with its parent, some 200 MB.
for _ in range(20):
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
time.sleep(4)
print("hoard-kept")
