"""
Exim, as Debian builds it: default spool and logging; a process for each connection and each delivery, to :blackhole:.
Its package and Postfix's exclude each other, so that the program is taken out of the package without installing it.
"""

import glob
import os
import pwd
import shutil

from lib.net import wait_for_greeting
from servers.base import LineCounter, Server, apt_install, holds_no_files, shell

USER = "Debian-exim"

CONFIG = """
primary_hostname = exim.test
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
exim_path = {program}
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
keep_environment =
host_lookup =
tls_advertise_hosts =
split_spool_directory = true
# A delivery to :blackhole: needs no rights: it goes on in the process that received, without a new exec.
deliver_drop_privilege = true
# Nothing that throttles this load.
smtp_accept_max = 0
smtp_accept_max_per_connection = 0
smtp_accept_queue_per_connection = 0
smtp_connect_backlog = 500

acl_smtp_rcpt = relay
begin acl
relay:
  accept hosts = 127.0.0.1

begin routers
{routers}
discard:
  driver = redirect
  data = :blackhole:
{transports}
"""

WHOLE_ROUTER = """
whole:
  driver = dnslookup
  domains = {domain}
  transport = whole_smtp
  no_more
"""

WHOLE_TRANSPORT = """
begin transports
whole_smtp:
  driver = smtp
"""


class Exim(Server):
    name = "exim"
    can_deliver = True
    durability = ("spool files synced before the 250; delivery, one process each, to :blackhole: "
                  "(after QUIT it waits up to 0.2 s for the client to close, before its 221 leaves)")

    def install(self):
        apt_install(*_libraries())
        if not _has_user():
            # The program looks up the user that it was built for. The package would add it in the same way.
            shell("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "--user-group", USER)
        download = self.path("package")
        os.makedirs(download)
        shutil.chown(download, "_apt")
        shell("apt-get", "download", "-qq", "exim4-daemon-light", cwd=download)
        shell("dpkg", "-x", glob.glob(f"{download}/*.deb")[0], self.path("program"))

    def version(self):
        banner = shell(self._program, "-C", "/dev/null", "-bV")
        return "Exim " + banner.split("Exim version ")[1].split()[0]

    def start(self, group):
        for folder in ("spool", "log"):
            os.makedirs(self.path(folder))
            shutil.chown(self.path(folder), USER, USER)
        config = self.write("exim.conf", CONFIG.format(folder=self.folder, program=self._program, port=self.port, **self._whole()))
        self._completed = LineCounter(self.path("log/mainlog"), " Completed")
        process = group.start([self._program, "-C", config, "-bdf"], self.log)
        wait_for_greeting(self.port, process, self.name)

    def _whole(self):
        if not self.destination:
            return {"routers": "", "transports": ""}
        return {"routers": WHOLE_ROUTER.format(domain=self.destination), "transports": WHOLE_TRANSPORT}

    def is_empty(self):
        return holds_no_files(self.path("spool/input"))

    def delivered(self):
        return self._completed.count()

    @property
    def _program(self):
        return self.path("program/usr/sbin/exim4")


def _has_user():
    try:
        pwd.getpwnam(USER)
        return True
    except KeyError:
        return False


def _libraries():
    lines = shell("apt-cache", "depends", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks",
                  "--no-replaces", "exim4-daemon-light").splitlines()
    return [line.split()[-1] for line in lines if "Depends: lib" in line]
