"""The next hop: an SMTP server that stays up through all kills and remembers what it took."""

import asyncio
from collections import defaultdict

from messages import token_of


class Sink:
    """Takes every message and records it under the life of the relay whose connection brought it."""

    def __init__(self):
        self.life = 0
        # For each token the lives of the relay that delivered it, one entry a delivery.
        self.deliveries = defaultdict(list)
        self.strange = []
        self.port = 0
        self._open = set()

    async def start(self):
        """Listens on a free port of loopback."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20, backlog=1000)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def end_life(self):
        """Call it when the relay is dead: returns when all that it sent has been read, then a new life counts."""
        # Connections are accepted in order: once this one is greeted, those of the dead relay are known.
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        await reader.readline()
        writer.close()
        while self._open:
            await asyncio.wait(set(self._open))
        self.life += 1

    async def _serve(self, reader, writer):
        me = asyncio.current_task()
        self._open.add(me)
        try:
            await self._session(reader, writer, self.life)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # The relay was killed in mid-sentence: what counts is what came whole.
        finally:
            self._open.discard(me)
            writer.close()

    async def _session(self, reader, writer, life):
        writer.write(b"220 sink.test ESMTP\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                writer.write(b"250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 0\r\n")
            elif verb == b"DATA":
                writer.write(b"354 go on\r\n")
                self._take(await _read_message(reader), life)
                writer.write(b"250 taken\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                await writer.drain()
                return
            else:
                writer.write(b"250 ok\r\n")
            await writer.drain()

    def _take(self, message, life):
        token = token_of(message)
        if token is None:
            self.strange.append(message)
        else:
            self.deliveries[token].append(life)


async def _read_message(reader):
    """The message with dot-stuffing undone."""
    lines = []
    while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)
