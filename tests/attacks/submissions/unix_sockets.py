"""Connect to Unix sockets: by path, by abstract name, and others that servers use.

Gain: the container engine, the message bus, a database.
"""

# %%
import socket

for address in ("@SOCKET@", "\0@ABSTRACT@", "/run/docker.sock", "/run/dbus/system_bus_socket"):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_UNIX, kind) as client:
                client.settimeout(1)
                client.connect(address)
                client.send(b"@MARK@")
                print("reached", address)
        except OSError as error:
            print(address, error)
