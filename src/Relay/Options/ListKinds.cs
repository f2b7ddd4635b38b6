using System.Net;
using System.Net.Sockets;

namespace Relay.Options;

/// <summary>The sorts of values that lists know.</summary>
internal static class ListKinds
{
    private static readonly IPNetwork Loopback = new(new IPAddress([127, 0, 0, 0]), 8);

    /// <summary>Senders that a list names.</summary>
    public static ValueKind<string> Sender { get; } = new(
        "<> (the null reverse-path), * (everyone), a domain (example.com), *.domain (below it, not itself) or one address (user@example.com)",
        (string text, out string value) => (value = text) == "<>" || ValueKinds.RecipientPattern.Parse(text, out _),
        sender => sender);

    /// <summary>Where a list is asked.</summary>
    public static ValueKind<string> Zone { get; } = new(
        "a DNS zone, such as bl.example.org",
        (string text, out string value) => ValueKinds.HostName.Parse(text, out value),
        zone => zone);

    /// <summary>
    /// Answers of a list that count. Whatever a list says outside of 127.0.0.0/8 is no answer of a list (RFC 5782 §2.1), and by
    /// those in 127.255.255.0/24 and by 127.0.0.1 it refuses to answer.
    /// </summary>
    public static ValueKind<IPNetwork> Reply { get; } = new(
        "a network in 127.0.0.0/8, or one address, such as 127.0.0.0/24 or 127.0.0.2; 127.0.0.1 and 127.255.255.0/24 never count",
        (string text, out IPNetwork value) => ValueKinds.Network.Parse(text, out value) && CanCount(value),
        network => network.ToString());

    private static bool CanCount(IPNetwork network) =>
        network.BaseAddress.AddressFamily == AddressFamily.InterNetwork && network.PrefixLength >= Loopback.PrefixLength &&
        Loopback.Contains(network.BaseAddress) &&
        !(network.PrefixLength >= 24 && network.BaseAddress.GetAddressBytes() is [127, 255, 255, _]) &&
        !(network.PrefixLength == 32 && network.BaseAddress.Equals(IPAddress.Loopback));
}
