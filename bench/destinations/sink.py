"""The mail hosts: one process listens at all their addresses."""

import asyncio
import time
from collections import Counter

import names

EHLO = b"250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 0\r\n"
SLOW_REPLY_SECONDS = 1.0


class Sink:
    """Takes what comes to live hosts at once and to slow ones late, and counts it."""

    def __init__(self, count):
        self._count = count
        self._servers = []
        self.port = 0
        self.taken = Counter()
        self.connections = Counter()
        self.last_live = 0.0

    async def start(self, port):
        """Listens on one port at the address of every host, but for those that refuse."""
        self.port = port
        loop = asyncio.get_running_loop()
        for number in range(self._count):
            if (kind := names.kind_of(number)) != names.REFUSES:
                self._servers.append(await loop.create_server(
                    lambda kind=kind: _Session(self, kind), names.address_of(number), port, backlog=64))

    def close(self):
        """Listens no more."""
        for server in self._servers:
            server.close()

    def take(self, kind):
        """One message has come."""
        self.taken[kind] += 1
        if kind == names.LIVE:
            self.last_live = time.monotonic()


class _Session(asyncio.Protocol):
    """One session: commands in lines, content up to the dot, replies at once or late."""

    def __init__(self, sink, kind):
        self._sink = sink
        self._kind = kind
        self._input = b""
        self._in_content = False

    def connection_made(self, transport):
        self._transport = transport
        self._sink.connections[self._kind] += 1
        if self._kind != names.MUTE:
            self._say(b"220 sink.test ESMTP\r\n")

    def data_received(self, data):
        self._input += data
        replies = []
        while self._step(replies):
            pass
        if replies:
            self._say(b"".join(replies))

    def _step(self, replies):
        """One command or one content; False when more input is needed."""
        if self._in_content:
            end = self._input.find(b"\r\n.\r\n")
            if end < 0:
                return False
            self._input = self._input[end + 5:]
            self._in_content = False
            self._sink.take(self._kind)
            replies.append(b"250 taken\r\n")
            return True
        line, found, rest = self._input.partition(b"\r\n")
        if not found:
            return False
        self._input = rest
        verb = line[:4].upper()
        if verb == b"DATA":
            self._in_content = True
            replies.append(b"354 go on\r\n")
        elif verb == b"QUIT":
            replies.append(b"221 bye\r\n")
        else:
            replies.append(EHLO if verb == b"EHLO" else b"250 ok\r\n")
        return True

    def _say(self, reply):
        if self._kind == names.SLOW:
            asyncio.get_running_loop().call_later(SLOW_REPLY_SECONDS, self._transport.write, reply)
        else:
            self._transport.write(reply)
