"""Postfix, as Debian builds it: default process model, queue and logging; delivery by its discard transport."""

import os
import shutil

from lib.net import wait_for_greeting
from servers.base import LineCounter, Server, apt_install, holds_no_files, shell

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}
myhostname = postfix.test
mydestination =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
default_transport = discard:
local_transport = discard:
# Nothing that throttles this load.
in_flow_delay = 0
default_process_limit = 200
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_message_rate_limit = 0
smtpd_client_recipient_rate_limit = 0
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix n - n 60  1 pickup
cleanup   unix n - n -   0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n -   - trivial-rewrite
bounce    unix - - n -   0 bounce
defer     unix - - n -   0 bounce
trace     unix - - n -   0 bounce
verify    unix - - n -   1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n -   - proxymap
showq     unix n - n -   - showq
error     unix - - n -   - error
retry     unix - - n -   - error
discard   unix - - n -   - discard
anvil     unix - - n -   1 anvil
scache    unix - - n -   1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


class Postfix(Server):
    name = "postfix"
    durability = "queue file synced before the 250; delivery by the discard transport"

    def install(self):
        apt_install("postfix")

    def version(self):
        return "Postfix " + shell("postconf", "-dh", "mail_version")

    def start(self, group):
        for folder in ("queue", "data", "log"):
            os.makedirs(self.path(folder))
        shutil.chown(self.path("data"), "postfix")
        self.write("etc/main.cf", MAIN.format(folder=self.folder))
        self.write("etc/master.cf", MASTER.format(port=self.port))
        self._discarded = LineCounter(self.path("log/mail.log"), "status=sent (")
        process = group.start(["postfix", "-c", self.path("etc"), "start-fg"], self.log)
        wait_for_greeting(self.port, process, self.name)

    def is_empty(self):
        return holds_no_files(*(self.path("queue", name) for name in ("maildrop", "incoming", "active", "deferred")))

    def delivered(self):
        return self._discarded.count()
