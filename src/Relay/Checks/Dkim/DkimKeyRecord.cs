namespace Relay.Checks.Dkim;

/// <summary>A public key as DNS has it (RFC 6376 §3.6.1).</summary>
internal sealed record DkimKeyRecord
{
    /// <summary>The <c>k=</c> of RSA keys.</summary>
    public const string Rsa = "rsa";

    /// <summary>The <c>k=</c> of Ed25519 keys (RFC 8463 §4).</summary>
    public const string Ed25519 = "ed25519";

    /// <summary>Characters of a record at most: twice what a key of 8,192 bits takes.</summary>
    private const int MaxLength = 4096;

    /// <summary><c>k=</c></summary>
    public required string KeyType { get; init; }

    /// <summary><c>p=</c>: the key itself; empty when it has been revoked.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary><c>h=</c> lets SHA-256 be used, or is not there.</summary>
    public required bool AllowsSha256 { get; init; }

    /// <summary><c>s=</c> lets it be used for mail, or is not there.</summary>
    public required bool AllowsMail { get; init; }

    /// <summary><c>t=y</c>: the domain only tries DKIM.</summary>
    public bool IsTest { get; init; }

    /// <summary><c>t=s</c>: not for domains below the one that signs.</summary>
    public bool IsStrict { get; init; }

    /// <summary>Reads a record; null where it is none.</summary>
    public static DkimKeyRecord? Parse(string text)
    {
        if (text.Length > MaxLength || !TagList.TryParse(text, out var tags) ||
            (tags["v"] is { } version && (version != "DKIM1" || tags.First != "v")) ||
            !tags.TryBase64("p", out var key))
        {
            return null;
        }

        var flags = tags.List("t") ?? [];
        return new DkimKeyRecord
        {
            KeyType = (tags["k"] ?? Rsa).ToLowerInvariant(),
            PublicKey = key,
            AllowsSha256 = Allows(tags.List("h"), "sha256"),
            AllowsMail = Allows(tags.List("s"), "email", "*"),
            IsTest = flags.Contains("y"),
            IsStrict = flags.Contains("s"),
        };
    }

    /// <summary>Whether it may be used for this signature (RFC 6376 §6.1.2).</summary>
    public SignatureVerdict Fits(DkimSignature signature) =>
        IsStrict && !signature.IdentityDomain.Equals(signature.Domain, StringComparison.OrdinalIgnoreCase)
            ? new SignatureVerdict(DkimOutcome.PermError, "the key is not for domains below")
            : Fits(signature.Algorithm);

    /// <summary>Whether it may be used for this algorithm.</summary>
    public SignatureVerdict Fits(SignatureAlgorithm algorithm)
    {
        var cause = KeyType != algorithm.KeyType() ? "the key is for another algorithm"
            : PublicKey.Length == 0 ? "the key has been revoked"
            : !AllowsSha256 ? "the key is not for SHA-256"
            : !AllowsMail ? "the key is not for mail"
            : null;
        return cause is null ? SignatureVerdict.Pass : new SignatureVerdict(DkimOutcome.PermError, cause);
    }

    private static bool Allows(string[]? list, params ReadOnlySpan<string> any) => list is null || list.AsSpan().ContainsAny(any);
}
