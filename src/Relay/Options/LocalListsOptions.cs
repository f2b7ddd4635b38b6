using System.Net;

namespace Relay.Options;

/// <summary>Our own lists.</summary>
public sealed record LocalListsOptions
{
    /// <summary>Whom to refuse.</summary>
    public LocalListOptions Block { get; init; } = new();

    /// <summary>Whom to let in, whatever other checks of the client and the envelope say.</summary>
    public LocalListOptions Allow { get; init; } = new();
}

/// <summary>One list of our own, by what stands on it.</summary>
public sealed record LocalListOptions
{
    /// <summary>Addresses of clients.</summary>
    public IReadOnlyList<IPNetwork> Addresses { get; init; } = [];

    /// <summary>Names in HELO: a domain, or <c>*.</c> and a domain for all below it.</summary>
    public IReadOnlyList<string> Helo { get; init; } = [];

    /// <summary>Reverse-paths: addresses, domains, <c>*.</c> and a domain, <c>*</c>, and <c>&lt;&gt;</c> for the null one.</summary>
    public IReadOnlyList<string> Senders { get; init; } = [];

    /// <summary>Forward-paths: the same without the null one.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];
}
