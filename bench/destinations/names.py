"""The destinations: a domain each, with one mail host at a loopback address of its own."""

import ipaddress

LIVE, SLOW, REFUSES, MUTE = "live", "slow", "refuses", "mute"


def kind_of(number):
    """One in ten is slow, one in ten dead: one in twenty refuses connections, one in twenty takes them and never greets."""
    place = number % 20
    return {3: SLOW, 13: SLOW, 7: REFUSES, 17: MUTE}.get(place, LIVE)


def domain_of(number):
    """Its domain."""
    return f"d{number}.test"


def host_of(number):
    """Its mail host."""
    return f"mx.{domain_of(number)}"


def address_of(number):
    """The address of its mail host, from 127.20.0.1 on."""
    return str(ipaddress.IPv4Address("127.20.0.1") + number)


def number_of(name):
    """The number of the destination that a name belongs to; None for any other name."""
    labels = name.lower().rstrip(".").split(".")
    if len(labels) < 2 or labels[-1] != "test" or not labels[-2][1:].isdecimal():
        return None
    return int(labels[-2][1:])
