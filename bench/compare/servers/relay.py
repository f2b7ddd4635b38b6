"""Relay: the embedded spool, and a route that discards."""

import os
from datetime import datetime, timezone

from lib.net import free_ports, wait_until
from lib.relay_server import ROOT, RelayServer, publish
from servers.base import Server, shell

DISCARD = {"Name": "discard", "Kind": "discard", "Recipients": ["*"]}


class Relay(Server):
    name = "relay"
    can_submit = True
    can_deliver = True
    durability = "SQLite transaction synced before the 250; delivery by a discard route"

    def install(self):
        self._program = publish(self.path("program"))

    def version(self):
        if program := os.environ.get("RELAY_PROGRAM"):
            return f"Relay as built before ({program})"
        return f"Relay {shell('git', '-C', ROOT, 'describe', '--always', '--dirty')}, .NET {shell('dotnet', '--version')}"

    def start(self, group):
        self._relay = RelayServer(self._program, self.folder, self.port, free_ports(1)[0], self._routes(), **self._settings())
        if self.submission:
            self._relay.add_account(self.submission.user, self.submission.password)
        self._counted, self._counted_at = 0, "2000-01-01T00:00:00Z"
        process = group.start(self._relay.command, self.log)
        wait_until(self._relay.is_ready, process, self.name, "was not ready")

    def _routes(self):
        return [*([{"Name": "mx", "Kind": "mx", "Recipients": [self.destination]}] if self.destination else []), DISCARD]

    def _settings(self):
        if not self.submission:
            return {}
        return {
            "Smtp": {"Listeners": [
                {"Address": f"127.0.0.1:{self.port}", "Tls": "off"},
                {"Address": f"127.0.0.1:{self.submission.port}", "Role": "submission", "Tls": "starttls"},
            ]},
            "Certificates": [{"File": self.submission.certificate, "KeyFile": self.submission.key}],
        }

    def is_empty(self):
        return not self._relay.has_work()

    def delivered(self):
        # Asked between two loads only, so that what is counted once need not be read again.
        now = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
        self._counted += sum(
            all(recipient["state"] == "delivered" for recipient in message["recipients"])
            for message in self._relay.messages(f"&since={self._counted_at}"))
        self._counted_at = now
        return self._counted
