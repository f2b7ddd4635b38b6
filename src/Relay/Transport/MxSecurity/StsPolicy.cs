namespace Relay.Transport.MxSecurity;

/// <summary>What a policy asks for (RFC 8461 §5).</summary>
internal enum StsMode
{
    /// <summary>Nothing: the domain wants no policy any more.</summary>
    None,

    /// <summary>Mail is delivered as if there were no policy, and what would have failed is told.</summary>
    Testing,

    /// <summary>Mail goes to hosts of the list alone, under TLS with a valid certificate.</summary>
    Enforce,
}

/// <summary>A policy of MTA-STS (RFC 8461 §3.2).</summary>
/// <param name="Mode">What it asks for.</param>
/// <param name="MaxAge">How long it holds from when it was fetched.</param>
/// <param name="Mx">Names of mail hosts, in lower case; <c>*.</c> in front stands for one label.</param>
internal sealed record StsPolicy(StsMode Mode, TimeSpan MaxAge, IReadOnlyList<string> Mx)
{
    /// <summary>Whether a mail host is one of the list (RFC 8461 §4.1).</summary>
    public bool Matches(string host)
    {
        host = host.TrimEnd('.').ToLowerInvariant();
        var above = host.IndexOf('.') is > 0 and var dot ? host[(dot + 1)..] : null;
        return Mx.Any(pattern => pattern.StartsWith("*.", StringComparison.Ordinal)
            ? above is not null && pattern.AsSpan(2).SequenceEqual(above)
            : pattern == host);
    }
}
