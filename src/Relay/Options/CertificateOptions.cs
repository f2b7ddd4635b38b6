namespace Relay.Options;

/// <summary>Where one certificate with its key comes from: files, or a vault.</summary>
public sealed record CertificateOptions
{
    /// <summary>A PEM file with the certificate and its chain, or a PFX file.</summary>
    public string? File { get; init; }

    /// <summary>The PEM file with the key; null where it is in <see cref="File"/>.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The password of the PFX file or of the key.</summary>
    public string? Password { get; init; }

    /// <summary>The secret of a certificate in Key Vault, such as <c>https://NAME.vault.azure.net/secrets/CERTIFICATE</c>.</summary>
    public Uri? KeyVault { get; init; }
}
