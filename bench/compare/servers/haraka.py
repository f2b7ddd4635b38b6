"""Haraka from npm: its outbound queue on disk, and a plugin that discards a message when its delivery comes up."""

import os
import shutil

from lib.failure import Failure
from lib.net import wait_for_greeting
from servers.base import LineCounter, Server, holds_no_files, shell

VERSION = "3.3.4"

# Loopback may relay; relayed mail goes to the outbound queue (a synced file); its delivery drops it.
PLUGIN = """
exports.hook_connect = function (next, connection) {
    connection.relaying = true
    next()
}

exports.hook_send_email = function (next, hmail) {
    this.lognotice('discarded')
    hmail.discard()
}
"""

SMTP = """
listen=127.0.0.1:{port}
nodes=cpus
"""

CONFIG = {
    "config/smtp.ini": SMTP,
    "config/plugins": "discard_outbound\n",
    "config/me": "haraka.test\n",
    "config/log.ini": "[main]\nlevel=notice\nformat=default\n",
    "plugins/discard_outbound.js": PLUGIN,
}


class Haraka(Server):
    name = "haraka"
    durability = ("outbound queue file synced before the 250 (the file, not its folder); "
                  "delivery by a plugin that discards; one process a core")

    def install(self):
        try:
            shell("npm", "--version")
        except FileNotFoundError as error:
            raise Failure("Haraka needs Node.js with npm: install it, or leave Haraka out by --only") from error
        os.makedirs(self.path("program"))
        shell("npm", "install", "--prefix", self.path("program"), "--no-audit", "--no-fund", "--omit=optional",
              f"Haraka@{VERSION}")

    def version(self):
        return f"Haraka {VERSION}, Node.js {shell('node', '--version')[1:]}"

    def start(self, group):
        for name, text in CONFIG.items():
            self.write(f"home/{name}", text.replace("{port}", str(self.port)))
        os.makedirs(self.path("home/queue"))
        self._discarded = LineCounter(self.log, "discarded")
        program = self.path("program/node_modules/Haraka")
        shutil.copy(f"{program}/config/connection.ini", self.path("home/config"))
        # Threads for its file work: as many syncs at once as there are sessions.
        process = group.start(["node", f"{program}/bin/haraka", "-c", self.path("home")], self.log,
                              env={**os.environ, "UV_THREADPOOL_SIZE": "32"})
        wait_for_greeting(self.port, process, self.name)

    def is_empty(self):
        return holds_no_files(self.path("home/queue"))

    def delivered(self):
        return self._discarded.count()
