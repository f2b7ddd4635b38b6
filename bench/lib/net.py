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


def wait_until(condition, process, name, otherwise, seconds=30):
    """Waits until the condition holds; fails when it does not in time, or the process ends before."""
    end = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None:
            raise Failure(f"{name} ended with exit code {process.returncode} at its start")
        if time.monotonic() > end:
            raise Failure(f"{name} {otherwise} within {seconds} s")
        time.sleep(0.05)


def wait_for_greeting(port, process, name, address="127.0.0.1"):
    """Waits until the SMTP server on the port greets."""
    wait_until(lambda: _greets(address, port), process, name, f"gave no SMTP greeting on port {port}")


def _greets(address, port):
    try:
        with socket.create_connection((address, port), timeout=5) as client:
            if not client.recv(512).startswith(b"220"):
                return False
            client.sendall(b"QUIT\r\n")
            client.recv(512)
            return True
    except OSError:
        return False
