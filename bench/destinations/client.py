"""The load: kept SMTP sessions that hand in one message for each number of a list."""

import asyncio

import names
from lib.failure import Failure

CONTENT = b"From: <sender@example.com>\r\nSubject: load\r\n\r\n" + b"X" * 78 + b"\r\n.\r\n"


async def send(port, destinations, sessions):
    """Sends a message to each destination of the list, in its order, over so many sessions."""
    work = iter(destinations)
    await asyncio.gather(*(_session(port, work) for _ in range(sessions)))


async def _session(port, work):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await _reply(reader, b"220")
        writer.write(b"EHLO client.test\r\n")
        await _reply(reader, b"250")
        for number in work:
            recipient = f"user@{names.domain_of(number)}".encode("ascii")
            writer.write(b"MAIL FROM:<sender@example.com>\r\nRCPT TO:<" + recipient + b">\r\nDATA\r\n")
            for code in (b"250", b"250", b"354"):
                await _reply(reader, code)
            writer.write(CONTENT)
            await _reply(reader, b"250")
        writer.write(b"QUIT\r\n")
        await _reply(reader, b"221")
    finally:
        writer.close()


async def _reply(reader, code):
    """Reads a reply, which must have this code."""
    while True:
        line = await reader.readline()
        if not line.startswith(code):
            raise Failure(f"the relay said {line!r} where {code.decode()} should come")
        if line[3:4] != b"-":
            return
