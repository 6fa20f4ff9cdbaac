"""Fill the buffers of many socket pairs, enlarged before.

Gain: memory that the kernel holds, and no limit of a process counts.
"""

UNSEEN = ("hoard-kept",)

# %%
import socket

pairs, sent = [], 0
try:
    while sent < 200 << 20:
        pairs.append(socket.socketpair())
        for end in pairs[-1]:
            end.setblocking(False)
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
            except OSError as error:
                print(error)
            try:
                while True:
                    sent += end.send(b"x" * 65536)
            except BlockingIOError:
                pass
except OSError as error:
    print(error)
print("hoard-kept" if sent > 100 << 20 else "refused")
pairs.clear()
