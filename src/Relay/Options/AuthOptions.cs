namespace Relay.Options;

/// <summary>Signing in (RFC 4954).</summary>
public sealed record AuthOptions
{
    /// <summary>Failures from one address before it is locked out.</summary>
    public int MaxFailuresPerAddress { get; init; } = 10;

    /// <summary>Failures for one account before it is locked out.</summary>
    public int MaxFailuresPerAccount { get; init; } = 20;

    /// <summary>How long a lock lasts, and within which time the failures must come.</summary>
    public TimeSpan LockTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The issuer of access tokens, such as <c>https://login.microsoftonline.com/TENANT/v2.0</c>; null for no tokens.</summary>
    public Uri? TokenAuthority { get; init; }

    /// <summary>What a token must have been issued for: one of these in its <c>aud</c>.</summary>
    public IReadOnlyList<string> TokenAudiences { get; init; } = [];

    /// <summary>Further issuers of the same keys, such as <c>https://sts.windows.net/TENANT/</c> for tokens of version 1.</summary>
    public IReadOnlyList<string> TokenIssuers { get; init; } = [];
}
