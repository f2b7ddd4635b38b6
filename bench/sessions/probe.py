"""
Sends a small message every 100 ms on a connection of its own until its input ends, then prints as JSON how many were
taken and how long the slowest one took. A process of its own, so that the load does not hold it up.
"""

import json
import select
import sys
import time

from client import Client, Refused

PERIOD = 0.1
CONTENT = b"Subject: probe\r\n\r\nprobe\r\n"


def main():
    """Probes until told to stop."""
    port, tls = int(sys.argv[1]), sys.argv[2] == "tls"
    times, fault = [], None
    print("ready", flush=True)
    while not (times and _is_told_to_stop(times[-1])) and fault is None:
        begin = time.monotonic()
        try:
            send_one(port, tls)
            times.append(time.monotonic() - begin)
        except (OSError, Refused) as error:
            fault = str(error)
    print(json.dumps({"sent": len(times), "worst": max(times, default=None), "fault": fault}))


def send_one(port, tls):
    """One message, from connect to 250."""
    client = Client(port, tls)
    try:
        client.begin()
        client.send(CONTENT)
    finally:
        client.close()


def _is_told_to_stop(last):
    return bool(select.select([sys.stdin], [], [], max(0, PERIOD - last))[0])


if __name__ == "__main__":
    main()
