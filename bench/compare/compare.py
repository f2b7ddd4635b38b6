"""
Runs mail servers side by side under the same load and prints how fast each takes mail durably, and at which cost.
Start it by ./run; ../README.md says how to read the table.
"""

import argparse
import contextlib
import dataclasses
import functools
import json
import os
import secrets
import shutil
import signal
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import machine  # noqa: E402
from destination import DOMAIN, Destination, in_its_view  # noqa: E402
from group import Group  # noqa: E402
from lib.certificate import make_certificate  # noqa: E402
from lib.failure import Failure  # noqa: E402
from lib.net import free_ports  # noqa: E402
from loads import LOADS, MESSAGE_BYTES, SESSIONS  # noqa: E402
from servers.base import Submission  # noqa: E402
from servers.exim import Exim  # noqa: E402
from servers.haraka import Haraka  # noqa: E402
from servers.postfix import Postfix  # noqa: E402
from servers.relay import Relay  # noqa: E402

SERVERS = {server.name: server for server in (Relay, Postfix, Exim, Haraka)}
DRAIN_SECONDS = 120


def main():
    """Parses the command line and runs; exit code 1 for a failure that has a message."""
    options = parse()
    # A terminated run must end its servers too: as an exception it passes through every clean-up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    folder = tempfile.mkdtemp(prefix="relay-compare-", dir=options.dir)
    os.chmod(folder, 0o755)
    try:
        report = compare(options, folder)
    except Failure as failure:
        print(f"bench/compare: {failure}", file=sys.stderr)
        print_logs(folder)
        return 1
    finally:
        if options.keep:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print_report(report)
    print(f"\nAs JSON: {write_json(report)}")
    return 0


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="bench/compare/run",
        description="Relay, Postfix, Exim and Haraka side by side: durable messages/s and CPU per message.",
        epilog="Needs root, Debian with apt-get, npm for Haraka, the .NET SDK for Relay. Installs the Debian package "
               "postfix and the libraries of Exim, and adds Exim's system user; all else is in a folder that it removes.")
    parser.add_argument("--only", default=",".join(SERVERS), metavar="NAMES",
                        help=f"the servers to run, in this order (default: {','.join(SERVERS)})")
    parser.add_argument("--loads", default=",".join(LOADS), metavar="NAMES",
                        help=f"the loads, in this order (default: {','.join(LOADS)})")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median counts (default: 3)")
    parser.add_argument("--seconds", type=float, default=8, help="load of one server in one round (default: 8)")
    parser.add_argument("--quick", action="store_true", help="one round of 2 s: to see that it works, not to quote")
    parser.add_argument("--dir", default="/var/tmp", help="where the queues lie: a real disk (default: /var/tmp)")
    parser.add_argument("--keep", action="store_true", help="keep the folder with queues and logs")
    options = parser.parse_args()
    options.only, options.loads = options.only.split(","), options.loads.split(",")
    for name, given, known in (("only", options.only, SERVERS), ("loads", options.loads, LOADS)):
        if unknown := set(given) - set(known):
            parser.error(f"--{name}: unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    if options.rounds < 1 or options.seconds <= 0:
        parser.error("--rounds and --seconds must be positive")
    if options.quick:
        options.rounds, options.seconds = 1, 2
    return options


def compare(options, folder):
    """Installs, starts, loads; gives the report."""
    began = time.time()
    if machine.file_system(folder) in ("tmpfs", "ramfs"):
        raise Failure(f"{options.dir} lies in memory, where nothing is durable: name a folder on a disk by --dir")
    facts = machine.facts(folder)
    loads = [LOADS[name] for name in options.loads]
    say(f"install {', '.join(dict.fromkeys(one.client for one in loads))}")
    for one in loads:
        one.install(folder)
    servers = install_servers(options, folder)
    rounds = []
    with contextlib.ExitStack() as stack:
        groups, view = {}, None
        if any(one.is_whole for one in loads):
            view = start_destination(stack, os.path.join(folder, "destination"), servers)
        for server in servers:
            groups[server.name] = stack.enter_context(contextlib.closing(Group(server.name, view)))
            server.start(groups[server.name])
            say(f"started {server.version()}")
        # In the order of a round: every load meets all servers that it fits, one after the other.
        course = [(one, server) for one in loads for server in servers if one.fits(server)]
        if not course:
            raise Failure("none of these servers can be loaded so")
        counts = {
            (one.title, server.name): warm_up(one, server, groups[server.name], options.seconds) for one, server in course}
        for number in range(1, options.rounds + 1):
            for one, server in course:
                result = load(one, server, groups[server.name], counts[one.title, server.name])
                rounds.append({"round": number, **result})
                say(f"round {number}, {one.title}: {server.name} {result['accepted_per_second']:.0f}/s")
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
        "took_seconds": round(time.time() - began),
        "machine": facts,
        "load": {"sessions": SESSIONS, "message_bytes": MESSAGE_BYTES, "rounds": options.rounds, "seconds": options.seconds,
                 "clients": {one.title: one.client for one in loads}},
        "servers": {server.name: {"version": server.version(), "durability": server.durability} for server in servers},
        "medians": medians(rounds),
        "rounds": rounds,
    }


def install_servers(options, folder):
    """Each server that was asked for, on a port of its own, and on a second one with TLS and AUTH where a load needs it."""
    servers, ports, submission = [], free_ports(2 * len(options.only)), None
    if "tls" in options.loads:
        certificate, key = make_certificate(os.path.join(folder, "tls"))
        submission = Submission(0, certificate, key, "app@example.com", secrets.token_urlsafe(18))
    for name in options.only:
        os.makedirs(os.path.join(folder, name))
        server = SERVERS[name](os.path.join(folder, name), ports.pop())
        if server.can_submit and submission:
            server.submission = dataclasses.replace(submission, port=ports.pop())
        say(f"install {name}")
        server.install()
        servers.append(server)
    return servers


def start_destination(stack, folder, servers):
    """Starts what the whole way leads to, for the servers that can deliver; gives the view that makes them ask its name server."""
    say("start the name server and smtp-sink")
    stack.enter_context(contextlib.closing(destination := Destination(folder))).start()
    for server in servers:
        server.destination = DOMAIN if server.can_deliver else None
    return functools.partial(in_its_view, folder)


def warm_up(one, server, group, seconds):
    """Loads for about a quarter of a round; gives how many messages fill a whole one."""
    rate = load(one, server, group, 400)["accepted_per_second"]
    rate = load(one, server, group, max(400, round(rate * seconds / 4)))["accepted_per_second"]
    return max(400, int(round(rate * seconds, -2)))


def load(one, server, group, count):
    """Sends that many messages, waits until the server has delivered all of them, and gives the figures."""
    delivered = server.delivered()
    others, cpu, client = foreign_seconds(group), group.cpu_seconds(), machine.own_seconds()
    sending = one.send(server, count)
    begin, client = time.monotonic() - sending, machine.own_seconds() - client
    wait(server.is_empty, f"{server.name}: the queue was not empty {DRAIN_SECONDS} s after the load")
    done, cpu, others = time.monotonic(), group.cpu_seconds() - cpu, foreign_seconds(group) - others
    wait_for_count(server, delivered + count)
    return {
        "server": server.name,
        "load": one.title,
        "messages": count,
        "accepted_per_second": count / sending,
        "delivered_per_second": count / (done - begin),
        "cpu_ms_per_message": 1000 * cpu / count,
        "client_cpu_ms_per_message": 1000 * client / count,
        "others_share": max(0, others) / (done - begin) / os.cpu_count(),
    }


def foreign_seconds(group):
    """CPU time of everybody but the server and the client: what disturbs a measurement."""
    return machine.busy_seconds() - machine.own_seconds() - group.cpu_seconds()


def wait(condition, message):
    """Waits until the condition holds."""
    end = time.monotonic() + DRAIN_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise Failure(message)
        time.sleep(0.1)


def wait_for_count(server, expected):
    """Every message that was taken must be on the server's own records as delivered, once. Logs may lag a little."""
    end = time.monotonic() + 10
    while (count := server.delivered()) < expected and time.monotonic() < end:
        time.sleep(0.1)
    if count != expected:
        raise Failure(f"{server.name}: {expected} messages should be delivered by now, its records say {count}")


def medians(rounds):
    """For each load and server, in the order of the rounds, the median of every figure, and the ratios to Postfix."""
    table = []
    for title in dict.fromkeys(one["load"] for one in rounds):
        rows = {}
        for server in dict.fromkeys(one["server"] for one in rounds if one["load"] == title):
            mine = [one for one in rounds if (one["load"], one["server"]) == (title, server)]
            rows[server] = {"load": title, "server": server} | {
                key: statistics.median(one[key] for one in mine)
                for key in ("accepted_per_second", "delivered_per_second", "cpu_ms_per_message", "client_cpu_ms_per_message")}
        if base := rows.get("postfix"):
            for row in rows.values():
                row["rate_to_postfix"] = row["accepted_per_second"] / base["accepted_per_second"]
                row["delivered_to_postfix"] = row["delivered_per_second"] / base["delivered_per_second"]
                row["cpu_to_postfix"] = row["cpu_ms_per_message"] / base["cpu_ms_per_message"]
        table.extend(rows.values())
    return table


def print_report(report):
    """The table, the machine, and what each server's 250 rests on."""
    for name, value in report["machine"].items():
        print(f"{name:8} {value}")
    facts = report["load"]
    print(f"load     {facts['sessions']} sessions, {facts['message_bytes']} octets; median of {facts['rounds']} rounds of about "
          f"{facts['seconds']:g} s; {report['took_seconds']} s in all")
    shares = [one["others_share"] for one in report["rounds"]]
    print(f"others   used {statistics.median(shares):.0%} of the cores in the median round, {max(shares):.0%} in the worst")
    for title, client in facts["clients"].items():
        print(f"\n{title} ({client})")
        print(f"{'':10}{'accepted/s':>12}{'to Postfix':>12}{'CPU ms/msg':>12}{'to Postfix':>12}{'delivered/s':>13}{'to Postfix':>12}")
        rows = {row["server"]: row for row in report["medians"] if row["load"] == title}
        for server in report["servers"]:
            print_row(server, rows.get(server))
    print()
    for facts in report["servers"].values():
        print(f"{facts['version']}: {facts['durability']}.")


def print_row(server, row):
    """One server under one load; a dash for each figure when it was not loaded so."""
    if row is None:
        print(f"{server:10}{'-':>12}{'-':>12}{'-':>12}{'-':>12}{'-':>13}{'-':>12}")
        return
    print(f"{server:10}{row['accepted_per_second']:12.0f}{ratio(row, 'rate_to_postfix'):>12}"
          f"{row['cpu_ms_per_message']:12.3f}{ratio(row, 'cpu_to_postfix'):>12}{row['delivered_per_second']:13.0f}"
          f"{ratio(row, 'delivered_to_postfix'):>12}")


def ratio(row, key):
    """A ratio as text, a dash without Postfix."""
    return f"{row[key]:.2f}" if key in row else "-"


def write_json(report):
    """Keeps the whole report beside those of earlier runs; gives the path."""
    folder = os.path.join(os.path.dirname(HERE), "results")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"compare-{report['at'].replace(':', '')}.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(report, file, indent=2)
    return os.path.relpath(path)


def print_logs(folder):
    """The last lines of what each server printed, to find the cause of a failure."""
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name, "output.log")
        if os.path.exists(path) and os.path.getsize(path) > 0:
            with open(path, encoding="utf-8", errors="replace") as file:
                tail = "".join(file.readlines()[-15:])
            print(f"--- the last that {name} printed:\n{tail}", file=sys.stderr)


def say(text):
    """Progress goes to standard error, the table alone to standard output."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
