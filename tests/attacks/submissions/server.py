"""Start servers that stay: on a TCP port, on an abstract Unix socket, in a process of its own.

Gain: a way in after the exam.
"""

# %%
import os
import socket
import time

port = int("@PORT@") + 1
if os.fork() == 0:
    os.setsid()
    for family, address in (
        (socket.AF_INET, ("0.0.0.0", port)),
        (socket.AF_UNIX, "\0@MARK@"),
    ):
        try:
            server = socket.socket(family)
            server.bind(address)
            server.listen()
        except OSError as error:
            print(error)
    time.sleep(90)
    os._exit(0)
