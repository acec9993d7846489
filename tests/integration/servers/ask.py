"""Asks one question over TCP or UDP, prints the answer, and exits with 1 if there is none.

Without a question it only connects.
"""

import socket
import sys

kind, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as connection:
    connection.settimeout(0.3)
    try:
        connection.connect((address, port))
        if len(sys.argv) > 4:
            connection.send(bytes.fromhex(sys.argv[4]))
            sys.stdout.buffer.write(connection.recv(65535))
    except OSError:
        sys.exit(1)
