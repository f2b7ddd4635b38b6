namespace Relay.Options;

/// <summary>Rewriting the reverse-path of what is forwarded (SRS).</summary>
public sealed record SrsOptions
{
    /// <summary>Characters of a secret at least.</summary>
    internal const int MinSecret = 16;

    /// <summary>The domain of the rewritten addresses; null for the host name.</summary>
    public string? Domain { get; init; }

    /// <summary>What marks them as our own; null for a secret that is kept in the data folder.</summary>
    public string? Secret { get; init; }
}

/// <summary>The return-path of what our own users send.</summary>
public sealed record BounceOptions
{
    /// <summary>The domain of return-paths that name the message; null to send with the sender's own.</summary>
    public string? Domain { get; init; }
}
