"""Relay: the embedded spool, and a route that discards."""

from lib.net import free_ports
from lib.relay_server import ROOT, RelayServer, publish
from servers.base import Server, shell

DISCARD = {"Name": "discard", "Kind": "discard", "Recipients": ["*"]}


class Relay(Server):
    name = "relay"
    durability = "SQLite transaction synced before the 250; delivery by a discard route"

    def install(self):
        self._program = publish(self.path("program"))

    def version(self):
        return f"Relay {shell('git', '-C', ROOT, 'describe', '--always', '--dirty')}, .NET {shell('dotnet', '--version')}"

    def start(self, group):
        self._relay = RelayServer(self._program, self.folder, self.port, free_ports(1)[0], [DISCARD])
        process = group.start(self._relay.command, self.log)
        self._relay.wait_until_ready(process)

    def is_empty(self):
        return not self._relay.has("queued") and not self._relay.has("deferred")

    def delivered(self):
        return sum(
            all(recipient["state"] == "delivered" for recipient in message["recipients"])
            for message in self._relay.messages())
