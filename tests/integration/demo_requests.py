"""Asks a KMS host of the demo for operations, and counts how many are refused by a fault PDU.

Arguments: address, port. Half of the requests are impacket's, after a bind to the KMS interface; the others are sent as they
are, in any context and without a bind.
"""

import socket
import struct
import sys

from impacket.dcerpc.v5 import rpcrt, transport
from impacket.uuid import uuidtup_to_bin

KMS = ("51c82175-844e-4750-b0d8-ec255555bc06", "1.0")
BODIES = (b"", b"\x00" * 260, bytes(range(256)))
FAULT = 3


def bound(address, port):
    dce = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{address}[{port}]").get_dce_rpc()
    dce.connect()
    dce.bind(uuidtup_to_bin(KMS))
    return dce


def is_refused(dce, operation, body):
    dce.call(operation, body)
    try:
        dce.recv()
    except rpcrt.DCERPCException as error:
        return "nca_s_op_rng_error" in str(error)
    return False


def is_refused_unbound(connection, operation, body):
    head = struct.pack("<BBBBIHHI", 5, 0, 0, 3, 0x10, 24 + len(body), 0, operation)
    connection.sendall(head + struct.pack("<IHH", len(body), operation % 3, operation) + body)
    answer = connection.recv(4096)
    return len(answer) == 32 and answer[2] == FAULT and struct.unpack("<I", answer[12:16]) == (operation,)


def main():
    address, port = sys.argv[1:]
    asked = refused = 0
    for body in BODIES:
        for start in (0, 50):
            dce = bound(address, port)
            with socket.create_connection((address, int(port)), timeout=5) as connection:
                for operation in range(start, start + 50):
                    asked += 2
                    refused += is_refused(dce, operation, body)
                    refused += is_refused_unbound(connection, operation, body)
            dce.disconnect()
    print(f"{asked} requests, {refused} faults")


main()
