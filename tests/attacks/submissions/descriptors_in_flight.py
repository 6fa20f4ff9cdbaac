"""Send descriptors through a socket and close them: they are open nowhere, and stay.

Gain: more files, pipes and sockets than a process may have open.
"""

UNSEEN = ("hoard-kept",)

# %%
import socket

pairs, sent = [], 0
try:
    while sent < 20_000:
        pairs.append(socket.socketpair())
        for _ in range(20):
            with socket.socket(socket.AF_UNIX) as other:
                socket.send_fds(pairs[-1][0], [b"x"], [other.fileno()] * 200)
            sent += 200
except OSError as error:
    print(error)
print("hoard-kept" if sent > 2000 else "refused")
for pair in pairs:
    for end in pair:
        end.close()
