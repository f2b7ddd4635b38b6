using System.Net;

namespace Relay.Options;

/// <summary>A list that somebody publishes in DNS (RFC 5782).</summary>
public sealed record DnsListOptions
{
    /// <summary>The zone in which it is asked.</summary>
    public required string Zone { get; init; }

    /// <summary>What is looked up in it.</summary>
    public IReadOnlyList<DnsListSubject> Of { get; init; } = [DnsListSubject.Address];

    /// <summary>Which of its answers count.</summary>
    public IReadOnlyList<IPNetwork> Replies { get; init; } = [IPNetwork.Parse("127.0.0.0/8")];

    /// <summary>What being listed adds up to <see cref="RelayOptions.DnsListThreshold"/>.</summary>
    public int Weight { get; init; } = 1;
}

/// <summary>What is looked up in a list.</summary>
public enum DnsListSubject
{
    /// <summary>The client's address.</summary>
    Address,

    /// <summary>The domain that the client calls itself in HELO.</summary>
    Helo,

    /// <summary>The domain of the reverse-path.</summary>
    Sender,

    /// <summary>The name that DNS has for the client's address, when that name leads back to it.</summary>
    ReverseDns,
}
