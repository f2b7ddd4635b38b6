"""Relay as a process: published once, configured by a file, asked over HTTP."""

import http.client
import json
import os
import shlex
import subprocess
import urllib.parse
import urllib.request

from lib.failure import Failure

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def publish(folder):
    """Publishes Relay; gives the command that runs it. RELAY_PROGRAM names one that is there."""
    if program := os.environ.get("RELAY_PROGRAM"):
        return shlex.split(program)
    return dotnet_publish(os.path.join(ROOT, "src", "Cli"), folder, "relay")


def dotnet_publish(project, folder, name):
    """Publishes the Release build of a project into a folder; gives the command that runs it."""
    done = subprocess.run(
        ["dotnet", "publish", project, "-c", "Release", "-o", folder, "-v", "q", "--nologo"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    program = os.path.join(folder, f"{name}.dll")
    if done.returncode != 0 or not os.path.exists(program):
        raise Failure(f"dotnet publish {os.path.relpath(project, ROOT)} failed:\n{done.stdout}")
    return ["dotnet", program]


class RelayServer:
    """One relay: its data folder, its configuration, its ports."""

    def __init__(self, program, folder, smtp_port, http_port, routes, **settings):
        self.folder = folder
        self.smtp_port = smtp_port
        self.url = f"http://127.0.0.1:{http_port}"
        config = {
            "HostName": "relay.test",
            "Smtp": {"Listeners": [{"Address": f"127.0.0.1:{smtp_port}"}]},
            "Http": {"Listener": f"127.0.0.1:{http_port}"},
            "Routes": routes,
            **settings,
        }
        os.makedirs(folder, exist_ok=True)
        self.data = os.path.join(folder, "data")
        self.config = os.path.join(folder, "bench-relay.json")
        with open(self.config, "w", encoding="utf-8") as file:
            json.dump(config, file, indent=2)
        self.program = program
        self.command = [*program, "serve", "--data", self.data, "--config", self.config]

    def add_account(self, name, password):
        """Adds an account that may sign in."""
        done = subprocess.run(
            [*self.program, "account", "add", name, "--password-stdin", "--data", self.data],
            input=f"{password}\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"relay account add failed with exit code {done.returncode}:\n{done.stdout}")

    def is_ready(self):
        """True when /readyz answers 200."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5):
                return True
        except (OSError, http.client.HTTPException):
            return False

    def get(self, path):
        """The JSON answer to GET path."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=60) as answer:
                return json.load(answer)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Failure(f"relay did not answer GET {path}: {error}") from error

    def has_work(self):
        """True while at least one recipient is queued or deferred."""
        return any(self.get(f"/messages?state={state}&limit=1")["messages"] for state in ("queued", "deferred"))

    def messages(self, query=""):
        """Every message that matches, newest first, page by page."""
        cursor = ""
        while True:
            page = self.get(f"/messages?limit=1000{query}{cursor}")
            yield from page["messages"]
            if not page.get("cursor"):
                return
            cursor = f"&cursor={urllib.parse.quote(page['cursor'], safe='')}"
