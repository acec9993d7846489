"""Asks a KMS host of the demo for operations, and counts how many are refused by a fault PDU.

Arguments: address, port. The interface is bound as a client does; whether requests are of it or of none, each has to fail.
"""

import sys

from impacket.dcerpc.v5 import rpcrt, transport
from impacket.uuid import uuidtup_to_bin

KMS = ("51c82175-844e-4750-b0d8-ec255555bc06", "1.0")


def connect(address, port):
    dce = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{address}[{port}]").get_dce_rpc()
    dce.get_rpc_transport().set_connect_timeout(5)
    dce.connect()
    return dce


def is_refused(dce, operation, body):
    dce.call(operation, body)
    try:
        dce.recv()
    except rpcrt.DCERPCException as error:
        return "nca_s_op_rng_error" in str(error)
    return False


def main():
    address, port = sys.argv[1:]
    asked = refused = 0
    # Bound, and not: a host that has no operation needs no bind to say so.
    for binds in (True, False):
        for body in (b"", b"\x00" * 260, bytes(range(256))):
            for start in range(0, 100, 50):
                dce = connect(address, port)
                if binds:
                    dce.bind(uuidtup_to_bin(KMS))
                for operation in range(start, start + 50):
                    asked += 1
                    refused += is_refused(dce, operation, body)
                dce.disconnect()
    print(f"{asked} requests, {refused} faults")


main()
