namespace Relay.Options;

/// <summary>ARC (RFC 8617): in whose name mail that is forwarded is sealed, and whose seals count.</summary>
public sealed record ArcOptions
{
    /// <summary>The domain that seals; null where nothing is sealed. With it there are a selector and a key.</summary>
    public string? Domain { get; init; }

    /// <summary>Which of the domain's keys.</summary>
    public string? Selector { get; init; }

    /// <summary>The PEM file with the private key, as a full path.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The secret in Key Vault that holds the same text; in place of a file.</summary>
    public Uri? KeyVault { get; init; }

    /// <summary>Domains whose seals may override that DMARC failed.</summary>
    public IReadOnlyList<string> TrustedSealers { get; init; } = [];
}
