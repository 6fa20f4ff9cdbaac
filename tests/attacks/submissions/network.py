"""Connect to services of this machine and to the outside, by TCP, UDP and raw packets.

Gain: the hub's and the database's ports; a place to send tests to.
"""

# %%
import socket

for family, kind, address in (
    (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", int("@PORT@"))),
    (socket.AF_INET, socket.SOCK_STREAM, ("@HOST@", int("@PORT@"))),
    (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", int("@PORT@"))),
    (socket.AF_INET6, socket.SOCK_STREAM, ("::1", int("@PORT@"))),
    (socket.AF_INET, socket.SOCK_STREAM, ("1.1.1.1", 80)),
    (socket.AF_INET, socket.SOCK_RAW, ("127.0.0.1", 1)),
):
    try:
        with socket.socket(family, kind) as client:
            client.settimeout(1)
            client.connect(address)
            client.send(b"@MARK@")
            print("reached", address)
    except OSError as error:
        print(address, error)
