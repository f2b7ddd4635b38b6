namespace Relay.Options;

/// <summary>A key that mail of a domain is signed with.</summary>
public sealed record DkimOptions
{
    /// <summary>Whose mail is signed: that from this domain, and from those below it that have no key of their own.</summary>
    public string Domain { get; init; } = "";

    /// <summary>What the key is called in DNS: <c>SELECTOR._domainkey.DOMAIN</c>.</summary>
    public string Selector { get; init; } = "";

    /// <summary>The PEM file with the private key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>In place of a file: the secret of Key Vault that is the key in PEM.</summary>
    public Uri? KeyVault { get; init; }
}
