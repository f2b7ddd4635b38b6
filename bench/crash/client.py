"""The load: SMTP sessions that send without pause and remember which messages the relay took responsibility for."""

import asyncio
import itertools

from messages import content, stuffed


class Load:
    """Sessions that go on through the kills, each on a new connection when its old one broke."""

    def __init__(self, port, random):
        self._port = port
        self._random = random
        self._tokens = itertools.count(1)
        self._up = asyncio.Event()
        self._running = True
        # Tokens whose content was sent whole or in part, and those of them that got a 250.
        self.sent = set()
        self.acknowledged = set()
        self.refusals = []

    def relay_is_up(self):
        """The sessions may connect."""
        self._up.set()

    def relay_is_down(self):
        """The sessions wait."""
        self._up.clear()

    def stop(self):
        """Each session ends after the message that it is at."""
        self._running = False
        self._up.set()

    async def session(self):
        """Sends until stopped."""
        while self._running:
            await self._up.wait()
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            try:
                await self._talk(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

    async def _talk(self, reader, writer):
        await _reply(reader)
        await _command(reader, writer, b"EHLO client.test\r\n")
        while self._running and self._random.random() > 0.02:
            await self._send(reader, writer, next(self._tokens))
        await _command(reader, writer, b"QUIT\r\n")

    async def _send(self, reader, writer, token):
        writer.write(b"MAIL FROM:<sender@example.com>\r\nRCPT TO:<recipient@example.net>\r\nDATA\r\n")
        for expected in (b"250", b"250", b"354"):
            if not self._is(expected, await _reply(reader)):
                raise ConnectionResetError  # Begin again on a new connection.
        self.sent.add(token)
        writer.write(stuffed(content(token)))
        await writer.drain()
        if self._is(b"250", await _reply(reader)):
            self.acknowledged.add(token)

    def _is(self, expected, reply):
        if not reply.startswith(expected):
            self.refusals.append(reply)
        return reply.startswith(expected)


async def _command(reader, writer, line):
    writer.write(line)
    return await _reply(reader)


async def _reply(reader):
    """The last line of a reply."""
    while True:
        line = await reader.readuntil(b"\r\n")
        if line[3:4] != b"-":
            return line
