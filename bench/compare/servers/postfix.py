"""Postfix, as Debian builds it: default process model, queue and logging; delivery by its discard transport."""

import os
import shutil

from lib.net import wait_for_greeting
from servers.base import LineCounter, Server, apt_install, holds_no_files, shell

SASL_PACKAGES = ("libsasl2-2", "libsasl2-modules", "sasl2-bin")

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
smtp      unix - - n -   - smtp
anvil     unix - - n -   1 anvil
scache    unix - - n -   1 scache
postlog   unix-dgram n - n - 1 postlogd
"""

# As on a submission port of Debian's master.cf: TLS first, then AUTH, which alone lets mail through.
SUBMISSION = """
127.0.0.1:{port} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_tls_cert_file={certificate}
  -o smtpd_tls_key_file={key}
  -o smtpd_tls_auth_only=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_sasl_path=smtpd
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
"""

# The client's own limit is 20 connections to a destination; it need not feel its way there.
WHOLE = """
transport_maps = inline:{{ {domain}=smtp: }}
initial_destination_concurrency = 20
"""

# Cyrus SASL with its own database, which holds the password as it is.
SASL = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {folder}/etc/sasl/sasldb2
mech_list: PLAIN LOGIN
"""


class Postfix(Server):
    name = "postfix"
    can_submit = True
    can_deliver = True
    durability = "queue file synced before the 250; delivery by the discard transport"

    def install(self):
        apt_install("postfix", *(SASL_PACKAGES if self.submission else ()))

    def version(self):
        return "Postfix " + shell("postconf", "-dh", "mail_version")

    def start(self, group):
        for folder in ("queue", "data", "log"):
            os.makedirs(self.path(folder))
        shutil.chown(self.path("data"), "postfix")
        self.write("etc/main.cf", MAIN.format(folder=self.folder) + (WHOLE.format(domain=self.destination) if self.destination else ""))
        self.write("etc/master.cf", MASTER.format(port=self.port) + self._submission())
        self._discarded = LineCounter(self.path("log/mail.log"), "status=sent (")
        process = group.start(["postfix", "-c", self.path("etc"), "start-fg"], self.log)
        wait_for_greeting(self.port, process, self.name)

    def _submission(self):
        """The service of the submission port, with the account that it asks for; empty when there is none."""
        if not self.submission:
            return ""
        # Debian's Postfix looks for it here, whatever cyrus_sasl_config_path says.
        self.write("etc/sasl/smtpd.conf", SASL.format(folder=self.folder))
        user, domain = self.submission.user.split("@")
        shell("saslpasswd2", "-p", "-c", "-f", self.path("etc/sasl/sasldb2"), "-u", domain, user, typed=self.submission.password)
        shutil.chown(self.path("etc/sasl/sasldb2"), "postfix")
        return SUBMISSION.format(
            port=self.submission.port, certificate=self.submission.certificate, key=self.submission.key)

    def is_empty(self):
        return holds_no_files(*(self.path("queue", name) for name in ("maildrop", "incoming", "active", "deferred")))

    def delivered(self):
        return self._discarded.count()
