"""A small SMTP client that can come from any address of 127.0.0.0/8, with or without STARTTLS."""

import itertools
import socket
import ssl

# Between two steps of a conversation; more means that the server is stuck.
STEP_SECONDS = 120
# The addresses that clients come from, in turn: the ports of one would not do for very many sessions.
_sources = itertools.cycle(f"127.0.0.{number}" for number in range(2, 52))

_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_tls.check_hostname = False
_tls.verify_mode = ssl.CERT_NONE


class Refused(Exception):
    """The server said something else than it should."""


class Client:
    """One session that has said EHLO."""

    def __init__(self, port, tls):
        self._socket = socket.create_connection(("127.0.0.1", port), STEP_SECONDS, (next(_sources), 0))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._expect(b"220")
        self.say(b"EHLO client.test", b"250")
        if tls:
            self.say(b"STARTTLS", b"220")
            self._socket = _tls.wrap_socket(self._socket)
            self.say(b"EHLO client.test", b"250")

    def say(self, command, code):
        """Says one command; the reply must have the code."""
        self._socket.sendall(command + b"\r\n")
        self._expect(code)

    def begin(self):
        """Opens a message: the content is next."""
        self.say(b"MAIL FROM:<sender@example.com>", b"250")
        self.say(b"RCPT TO:<recipient@example.net>", b"250")
        self.say(b"DATA", b"354")

    def send(self, content):
        """Sends the content, in pieces, to its final dot."""
        view = memoryview(content)
        for start in range(0, len(view), 65536):
            self._socket.sendall(view[start:start + 65536])
        self.say(b".", b"250")

    def close(self):
        """Ends without a word."""
        self._socket.close()

    def _expect(self, code):
        reply = b""
        while not _is_whole(reply):
            if not (more := self._socket.recv(4096)):
                raise Refused(f"closed where {code.decode()} should come: {reply!r}")
            reply += more
        if not reply.startswith(code):
            raise Refused(f"not {code.decode()}: {reply!r}")


def _is_whole(reply):
    return reply.endswith(b"\r\n") and reply.splitlines()[-1][3:4] != b"-"
