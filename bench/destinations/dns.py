"""A DNS server for the destinations: MX of a domain, A of its host, and nothing else."""

import asyncio
import ipaddress
import struct

import names

A, MX = 1, 15
NO_ERROR, NX_DOMAIN = 0, 3


async def start():
    """Listens on a free UDP port of loopback; gives the transport and the port."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(_Server, local_addr=("127.0.0.1", 0))
    return transport, transport.get_extra_info("sockname")[1]


class _Server(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self._transport = transport

    def datagram_received(self, data, addr):
        labels, at = [], 12
        while length := data[at]:
            labels.append(data[at + 1:at + 1 + length].decode("ascii"))
            at += length + 1
        kind, _ = struct.unpack("!HH", data[at + 1:at + 5])
        question = data[12:at + 5]
        code, records = _answer(".".join(labels), kind)
        header = data[:2] + struct.pack("!HHHHH", 0x8580 | code, 1, len(records), 0, 0)
        self._transport.sendto(header + question + b"".join(records), addr)


def _answer(name, kind):
    number = names.number_of(name)
    if number is None:
        return NX_DOMAIN, []
    is_host = name.lower().startswith("mx.")
    if kind == A and is_host:
        return NO_ERROR, [_record(A, ipaddress.IPv4Address(names.address_of(number)).packed)]
    if kind == MX and not is_host:
        return NO_ERROR, [_record(MX, struct.pack("!H", 10) + _encoded(names.host_of(number)))]
    return NO_ERROR, []


def _record(kind, value):
    """Under the name of the question, for an hour."""
    return struct.pack("!HHHIH", 0xC00C, kind, 1, 3600, len(value)) + value


def _encoded(name):
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split(".")) + b"\0"
