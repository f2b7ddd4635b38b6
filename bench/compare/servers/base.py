"""What the comparison asks of a server."""

import dataclasses
import os
import subprocess

from lib.failure import Failure
from lib.relay_server import ROOT


@dataclasses.dataclass(frozen=True)
class Submission:
    """A second port, on which mail is taken only after STARTTLS and AUTH."""

    port: int
    certificate: str
    key: str
    user: str  # As user@domain.
    password: str


class Server:
    """One mail server with a configuration and a queue of its own below one folder."""

    name = ""
    # What its 250 rests on, and how it gets rid of the mail: printed below the table.
    durability = ""
    # It can be given a submission port here.
    can_submit = False
    # It can deliver to the destination of the whole way here.
    can_deliver = False

    def __init__(self, folder, port):
        self.folder = folder
        self.port = port
        self.submission = None
        self.destination = None
        self.log = os.path.join(folder, "output.log")

    def install(self):
        """Installs the program. Raises Failure."""
        raise NotImplementedError

    def version(self):
        """The version, in a few words."""
        raise NotImplementedError

    def start(self, group):
        """Configures the server, starts it in the group, and returns when it takes mail."""
        raise NotImplementedError

    def is_empty(self):
        """True when nothing is left in the queue."""
        raise NotImplementedError

    def delivered(self):
        """How many messages were delivered since the start, by the server's own records."""
        raise NotImplementedError

    def path(self, *parts):
        """A path below the folder of this server."""
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        """Writes a file of the configuration; gives its path."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


class LineCounter:
    """Counts the lines of a growing log that hold a mark; each line is read once."""

    def __init__(self, path, mark):
        self._path = path
        self._mark = mark.encode()
        self._offset = 0
        self._count = 0

    def count(self):
        """Lines so far."""
        if not os.path.exists(self._path):
            return 0
        with open(self._path, "rb") as file:
            file.seek(self._offset)
            text = file.read()
        whole = text[:text.rfind(b"\n") + 1]
        self._offset += len(whole)
        self._count += sum(self._mark in line for line in whole.splitlines())
        return self._count


def holds_no_files(*folders):
    """True when no file lies in or below the folders."""
    return not any(files for folder in folders for _, _, files in os.walk(folder))


def shell(*command, typed="", **options):
    """Runs a command to its end; gives what it printed. Raises Failure with that when it fails."""
    done = subprocess.run(
        command, input=typed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)} failed with exit code {done.returncode}:\n{done.stdout}")
    return done.stdout.strip()


def apt_install(*packages):
    """Installs the Debian packages that are missing, but never at the cost of one that is there (another mail server)."""
    shell(os.path.join(ROOT, ".ci", "apt-install"), *packages)
