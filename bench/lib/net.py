"""Ports and readiness on loopback."""

import socket
import time

from lib.failure import Failure


def free_ports(count):
    """Ports of 127.0.0.1 that nobody listens on now. They are held together, so that they differ."""
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def wait_for_greeting(port, process, name, seconds=30):
    """Waits until the SMTP server on the port greets; fails when its process ends before."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise Failure(f"{name} ended with exit code {process.returncode} before it listened")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                if client.recv(512).startswith(b"220"):
                    client.sendall(b"QUIT\r\n")
                    client.recv(512)
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise Failure(f"{name} gave no SMTP greeting on port {port} within {seconds} s")
