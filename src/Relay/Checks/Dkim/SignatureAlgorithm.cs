namespace Relay.Checks.Dkim;

/// <summary>How a signature was made: <c>a=</c> (RFC 6376 §3.3, RFC 8463 §3).</summary>
internal enum SignatureAlgorithm
{
    /// <summary>RSASSA-PKCS1-v1_5 over SHA-256.</summary>
    RsaSha256,

    /// <summary>Ed25519 over SHA-256.</summary>
    Ed25519Sha256,

    /// <summary>Known, and never right any more (RFC 8301 §3.1).</summary>
    RsaSha1,
}

/// <summary>How white space is dealt with before hashing: <c>c=</c> (RFC 6376 §3.4).</summary>
internal enum Canonicalization
{
    /// <summary>Nothing may change but empty lines at the end of the body.</summary>
    Simple,

    /// <summary>White space may change.</summary>
    Relaxed,
}

/// <summary>The words of <c>a=</c>.</summary>
internal static class SignatureAlgorithms
{
    private static readonly (string Word, SignatureAlgorithm Algorithm)[] Known =
    [
        ("rsa-sha256", SignatureAlgorithm.RsaSha256),
        ("ed25519-sha256", SignatureAlgorithm.Ed25519Sha256),
        ("rsa-sha1", SignatureAlgorithm.RsaSha1),
    ];

    /// <summary>The word of an algorithm.</summary>
    public static string Word(this SignatureAlgorithm algorithm) => Known[(int)algorithm].Word;

    /// <summary>The type of key that it takes, as <c>k=</c> names it.</summary>
    public static string KeyType(this SignatureAlgorithm algorithm) =>
        algorithm == SignatureAlgorithm.Ed25519Sha256 ? DkimKeyRecord.Ed25519 : DkimKeyRecord.Rsa;

    /// <summary>Null for a word that is not known.</summary>
    public static SignatureAlgorithm? Find(string word)
    {
        var index = Array.FindIndex(Known, known => known.Word.Equals(word, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : Known[index].Algorithm;
    }
}
