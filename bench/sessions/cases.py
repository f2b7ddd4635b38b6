"""The two cases: very many sessions that say nothing, and many that send large messages at once."""

import base64
import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from client import Client, Refused
from lib.failure import Failure
from probe import send_one

HERE = os.path.dirname(os.path.abspath(__file__))
OPENERS = 16


def idle(relay, options):
    """Opens the sessions, looks at the server's memory, and sends a message past them all; gives the figures."""
    begin = time.monotonic()
    with ThreadPoolExecutor(OPENERS) as pool:
        sessions = list(pool.map(lambda _: Client(relay.port, options.tls), range(options.idle)))
    opened = time.monotonic() - begin
    try:
        time.sleep(2)  # What the server still does for the last of them.
        begin = time.monotonic()
        send_one(relay.port, options.tls)
        probe, memory = time.monotonic() - begin, relay.memory()
        # The sessions were there all the time: each of them still answers.
        with ThreadPoolExecutor(OPENERS) as pool:
            list(pool.map(lambda session: session.say(b"NOOP", b"250"), sessions))
    finally:
        for session in sessions:
            session.close()
    return memory, [
        f"opened in {opened:.1f} s, all answer at the end",
        f"a new client's message was taken in {1000 * probe:.0f} ms",
    ]


def large(relay, options):
    """All sessions send one large message each, at once, while a probe sends small ones; gives the figures."""
    content = lines(options.megabytes * 2**20)
    with Probe(relay.port, options.tls) as probe:
        times = Senders(relay.port, options, content).run()
        memory = relay.memory()
    if probe.report["fault"]:
        raise Failure(f"the probe failed: {probe.report['fault']}")
    total = options.large * options.megabytes / max(times)
    return memory, [
        f"all accepted, the fastest in {min(times):.1f} s, the slowest in {max(times):.1f} s; {total:.0f} MB/s in all",
        f"meanwhile {probe.report['sent']} small messages, the slowest taken in {1000 * probe.report['worst']:.0f} ms",
    ]


class Senders:
    """A thread for each session; they begin their content together."""

    def __init__(self, port, options, content):
        self._port = port
        self._options = options
        self._content = content
        self._start = threading.Barrier(options.large)

    def run(self):
        """Gives the seconds that each took, from the common start to its 250."""
        with ThreadPoolExecutor(self._options.large) as pool:
            return list(pool.map(self._send, range(self._options.large)))

    def _send(self, _):
        try:
            client = Client(self._port, self._options.tls)
            client.begin()
            self._start.wait()
            begin = time.monotonic()
            client.send(self._content)
            client.close()
            return time.monotonic() - begin
        except (OSError, Refused):
            self._start.abort()  # Nobody waits for one that will not come.
            raise


class Probe:
    """probe.py, from now to the end of the block."""

    def __init__(self, port, tls):
        self._process = subprocess.Popen(
            [sys.executable, "-B", os.path.join(HERE, "probe.py"), str(port), "tls" if tls else "plain"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.report = {}

    def __enter__(self):
        self._process.stdout.readline()
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self._process.kill()
        output, _ = self._process.communicate()
        if kind is None:
            self.report = json.loads(output)


def lines(length):
    """Text of that many octets in lines of 76, which no compression makes smaller by much."""
    text = base64.b64encode(os.urandom(length * 3 // 4 + 76))
    rows = [text[start:start + 76] for start in range(0, length * 76 // 78, 76)]
    return b"Subject: large\r\n\r\n" + b"\r\n".join(rows) + b"\r\n"
