"""A DCE/RPC server with one interface registered and no operation behind it.

It answers binds, one client at a time, and keeps what each client sent in a file of its own.
Arguments: address, port, directory for the recordings, interface UUID, interface version.
"""

import os
import socket
import sys

from impacket.dcerpc.v5.rpcrt import DCERPCServer


class RecordedConnection:
    """A client's connection; its file is called .open until the connection is closed, then .closed."""

    def __init__(self, connection, path):
        self.connection = connection
        self.path = path
        self.file = open(path + ".open", "wb", buffering=0)
        # The next client waits for this one, however long it says nothing.
        self.connection.settimeout(5)

    def recv(self, size):
        data = self.connection.recv(size)
        self.file.write(data)
        return data

    def send(self, data):
        self.connection.sendall(data)

    def close(self):
        self.record_the_rest()
        self.file.close()
        os.rename(self.path + ".open", self.path + ".closed")
        self.connection.close()

    def record_the_rest(self):
        """What the server did not care to read was sent all the same."""
        self.connection.setblocking(False)
        try:
            while data := self.connection.recv(65536):
                self.file.write(data)
        except OSError:
            pass


class RecordingListener:
    """A listening socket that can be bound again at once and numbers its connections."""

    def __init__(self, address, port, directory):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.directory = directory
        self.count = 0

    def listen(self, _backlog):
        self.socket.listen(128)

    def accept(self):
        connection, address = self.socket.accept()
        path = os.path.join(self.directory, f"{self.count:06}")
        self.count += 1
        return RecordedConnection(connection, path), address


class Server(DCERPCServer):
    """impacket's server, on a socket of our choice: its own is bound to 127.0.0.1 only, and only once."""

    def __init__(self, listener):
        super().__init__()
        self._sock.close()
        self._sock = listener


def main():
    address, port, directory, uuid, version = sys.argv[1:]
    server = Server(RecordingListener(address, int(port), directory))
    server.addCallbacks((uuid, version), port, {})
    server.run()


main()
