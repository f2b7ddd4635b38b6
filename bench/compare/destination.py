"""
Where mail of the whole way goes: a domain whose MX record a name server on loopback gives, and Postfix's own smtp-sink
behind it. All servers under test ask this name server, and all deliver to this sink.
"""

import os
import subprocess

from lib.failure import Failure
from lib.net import wait_for_greeting, wait_until
from servers.base import apt_install, shell

DOMAIN = "whole.test"
MAIL_HOST = "mx.whole.test"
# The ports that MX and a resolver's configuration stand for, on loopback addresses that nobody else uses.
SINK = "127.0.0.25"
NAME_SERVER = "127.0.0.53"


class Destination:
    """The name server and the sink, as long as it is open."""

    def __init__(self, folder):
        os.makedirs(folder)
        self._folder = folder
        self._processes = []

    def start(self):
        """Installs and starts both."""
        apt_install("dnsmasq-base", "postfix")
        resolver = self._path("resolv.conf")
        with open(resolver, "w", encoding="ascii") as file:
            file.write(f"nameserver {NAME_SERVER}\n")
        names = self._run(
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--no-daemon", "--bind-interfaces",
            f"--listen-address={NAME_SERVER}", "--except-interface=lo", "--local-ttl=3600", "--port=53",
            f"--local=/{DOMAIN}/", f"--mx-host={DOMAIN},{MAIL_HOST},10", f"--address=/{MAIL_HOST}/{SINK}")
        sink = self._run("smtp-sink", "-u", "nobody", f"{SINK}:25", "1000")
        wait_until(self._answers, names, "the name server", "gave no answer")
        wait_for_greeting(25, sink, "smtp-sink", SINK)

    def close(self):
        """Ends both."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait()

    def _run(self, *command):
        with open(self._path("output.log"), "ab") as output:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self._processes.append(process)
        return process

    def _answers(self):
        try:
            return MAIL_HOST in shell(*in_its_view(self._folder, "getent", "hosts", MAIL_HOST))
        except Failure:
            return False

    def _path(self, name):
        return os.path.join(self._folder, name)


def in_its_view(folder, *command):
    """A command that asks this name server, whatever resolver the machine has: resolv.conf is another one for it alone."""
    mount = f"mount --bind '{os.path.join(folder, 'resolv.conf')}' /etc/resolv.conf && exec \"$@\""
    return ["unshare", "--mount", "sh", "-c", mount, "sh", *command]
