"""The loads that each server gets: who sends, over which connections, and to which port."""

import dataclasses
import json
import os
import subprocess
import time

from destination import DOMAIN
from lib.failure import Failure
from lib.relay_server import ROOT, dotnet_publish
from servers.base import apt_install

SESSIONS = 20
MESSAGE_BYTES = 4096
SENDER, RECIPIENT = "sender@example.com", "recipient@example.net"


@dataclasses.dataclass(frozen=True)
class SmtpSource:
    """Postfix's own client, to the plain port."""

    title: str
    options: tuple = ()
    is_whole: bool = False
    client = "smtp-source"

    def install(self, _):
        """Installs the client."""
        apt_install("postfix")

    def fits(self, server):
        """True when the server can be loaded so."""
        return server.can_deliver or not self.is_whole

    def send(self, server, count):
        """Sends that many messages; gives the seconds that the client took."""
        begin = time.monotonic()
        _run(server, ["smtp-source", *self.options, "-s", str(SESSIONS), "-l", str(MESSAGE_BYTES), "-m", str(count),
                      "-f", SENDER, "-t", f"recipient@{DOMAIN}" if self.is_whole else RECIPIENT, f"127.0.0.1:{server.port}"])
        return time.monotonic() - begin


class RelayLoad:
    """
    bench/Load, to the submission port: smtp-source knows neither TLS nor AUTH. It says the same as smtp-source, in the same
    steps, and before it STARTTLS with a full handshake, EHLO and AUTH PLAIN.
    """

    client = "bench/Load"
    is_whole = False

    def __init__(self, title):
        self.title = title
        self._command = []

    def install(self, folder):
        """Publishes the client."""
        self._command = dotnet_publish(os.path.join(ROOT, "bench", "Load"), os.path.join(folder, "load"), "relay-load")

    def fits(self, server):
        """True when the server can be loaded so."""
        return server.can_submit

    def send(self, server, count):
        """Sends that many messages; gives the seconds from its first connect to its last reply."""
        submission = server.submission
        report = json.loads(_run(
            server,
            [*self._command, str(submission.port), "--sessions", str(SESSIONS), "--length", str(MESSAGE_BYTES),
             "--messages", str(count), "--starttls", "--user", submission.user, "--from", SENDER, "--to", RECIPIENT],
            env={**os.environ, "LOAD_PASSWORD": submission.password}))
        if report["messages"] != count:
            raise Failure(f"{server.name}: bench/Load sent {report['messages']} messages, not {count}")
        return report["seconds"]


LOADS = {
    "plain": SmtpSource("one connection a message"),
    "kept": SmtpSource("kept connections (-d)", ("-d",)),
    "whole": SmtpSource("the whole way: MX lookup, SMTP to smtp-sink", is_whole=True),
    "tls": RelayLoad("TLS and AUTH on every connection"),
}


def _run(server, command, **options):
    client = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if client.returncode != 0:
        raise Failure(f"{server.name}: the client ended with exit code {client.returncode}: {client.stdout.strip()[-5000:]}")
    return client.stdout
