"""Connect to an own server that accepts nobody: each connection waits with its buffer.

Gain: more sockets than a process may have open.
"""

UNSEEN = ("hoard-kept",)

# %%
import socket
import time

servers = []
for number in range(2):
    servers.append(socket.socket(socket.AF_UNIX))
    servers[-1].bind(f"\0@MARK@-waiting-{number}")
    servers[-1].listen(4096)
    try:
        for _ in range(4096):
            client = socket.socket(socket.AF_UNIX)
            client.setblocking(False)
            client.connect(f"\0@MARK@-waiting-{number}")
            client.close()
        reached = True
    except OSError as error:
        print(error)
        reached = False
time.sleep(4)
print("hoard-kept" if reached else "refused")
