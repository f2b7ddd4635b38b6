"""Messages that can be recognised: the token says how long the message is and what it holds."""

TOKEN_FIELD = b"X-Crash-Token: "

# Lines that begin with a dot, so that dot-stuffing must be done and undone.
FILLER = b"".join(b".%05d the same line again and again, up to the size wanted\r\n" % n for n in range(4000))

# Octets of the body: most messages fit a row of the spool, some need a file of their own (above 64 KiB).
SIZES = (300, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12_000, 150_000)


def content(token):
    """The bytes of the message with this number, as the client means them (not dot-stuffed)."""
    body = FILLER[:FILLER.index(b"\r\n", SIZES[token % len(SIZES)]) + 2]
    return (b"From: <sender@example.com>\r\nTo: <recipient@example.net>\r\nSubject: crash run %d\r\n%s%d\r\n\r\n%s"
            % (token, TOKEN_FIELD, token, body))


def stuffed(message):
    """The message as it goes over the wire, with its end (RFC 5321 §4.5.2)."""
    first = b"." if message.startswith(b".") else b""
    return first + message.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def token_of(message):
    """The token of a received message; None when it has none or is not, below added fields, what was sent."""
    start = message.find(TOKEN_FIELD)
    end = message.find(b"\r\n", start)
    digits = message[start + len(TOKEN_FIELD):end]
    if start < 0 or not digits.isdigit():
        return None
    token = int(digits)
    return token if message.endswith(content(token)) else None
