"""A control group: one server with all its processes, so that nothing it forks escapes the CPU bill or the clean-up."""

import os
import signal
import subprocess
import time

from lib.failure import Failure


class Group:
    """Processes that are started together, billed together and ended together."""

    def __init__(self, name, in_view=None):
        self._in_view = in_view or (lambda *command: command)
        parent, self._bill = _writable_hierarchy()
        self._path = os.path.join(parent, f"relay-bench-{os.getpid()}-{name}")
        os.mkdir(self._path)
        self._process = None

    def start(self, command, log, **options):
        """Starts a command in this group; what it prints goes to the log file."""
        enter = f"echo $$ > '{self._path}/cgroup.procs' && exec \"$@\""
        with open(log, "ab") as output:
            self._process = subprocess.Popen(
                ["sh", "-c", enter, "sh", *self._in_view(*command)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **options)
        return self._process

    def cpu_seconds(self):
        """User and system time of all processes that ever were in the group."""
        return self._bill(self._path)

    def pids(self):
        """The processes that are in the group now."""
        with open(os.path.join(self._path, "cgroup.procs"), encoding="ascii") as file:
            return [int(line) for line in file]

    def close(self):
        """Ends the server, at first politely, and removes the group."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
        self._wait_until_empty(10)
        for pid in self.pids():
            _kill(pid)
        self._wait_until_empty(10)
        os.rmdir(self._path)

    def _wait_until_empty(self, seconds):
        end = time.monotonic() + seconds
        while self.pids() and time.monotonic() < end:
            self._process.poll()
            time.sleep(0.05)


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _writable_hierarchy():
    """The folder in which a group can be made, and the function that reads its bill: cgroup v2, or v1's cpuacct."""
    own = {}
    with open("/proc/self/cgroup", encoding="ascii") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            own[controllers] = path
    with open("/proc/mounts", encoding="utf-8") as file:
        mounts = [line.split() for line in file]
    for _, folder, kind, options, *_ in mounts:
        if kind == "cgroup2" and "" in own:
            parent, bill = folder + own[""], _bill_v2
        elif kind == "cgroup" and "cpuacct" in options.split(","):
            controllers = next(key for key in own if "cpuacct" in key.split(","))
            parent, bill = folder + own[controllers], _bill_v1
        else:
            continue
        probe = os.path.join(parent, f"relay-bench-probe-{os.getpid()}")
        try:
            os.mkdir(probe)
        except OSError:
            continue
        try:
            bill(probe)
            return parent, bill
        except OSError:
            continue
        finally:
            os.rmdir(probe)
    raise Failure("no writable control group (cgroup v2, or v1 with cpuacct): in a container, run it privileged")


def _bill_v2(path):
    with open(os.path.join(path, "cpu.stat"), encoding="ascii") as file:
        return int(dict(line.split() for line in file)["usage_usec"]) / 1e6


def _bill_v1(path):
    with open(os.path.join(path, "cpuacct.usage"), encoding="ascii") as file:
        return int(file.read()) / 1e9
