using System.Security.Cryptography;
using Relay.Options;

namespace Relay.Signing;

/// <summary>What a key that is to be made shall be.</summary>
/// <param name="Domain">Whose mail it will sign.</param>
/// <param name="Selector">What it will be called in DNS.</param>
/// <param name="Algorithm"><see cref="Rsa"/> or <see cref="Ed25519"/>.</param>
/// <param name="Bits">Its length, if it is an RSA key.</param>
public sealed record NewKey(string Domain, string Selector, string Algorithm, int Bits)
{
    /// <summary>Understood by everybody.</summary>
    public const string Rsa = "rsa";

    /// <summary>Shorter, and not understood by everybody yet (RFC 8463).</summary>
    public const string Ed25519 = "ed25519";

    /// <summary>What is wrong with it, as "name: what is allowed"; null when it can be made.</summary>
    public string? Fault =>
        !ValueKinds.HostName.Parse(Domain, out _) ? $"DOMAIN: allowed is {ValueKinds.HostName.Allowed}"
        : !ValueKinds.Selector.Parse(Selector, out _) ? $"--selector: allowed is {ValueKinds.Selector.Allowed}"
        : Bits is < SigningKey.MinRsaBits or > SigningKey.MaxRsaBits || Bits % 8 != 0
            ? $"--bits: allowed is a multiple of 8 from {SigningKey.MinRsaBits} to {SigningKey.MaxRsaBits}"
        : null;

    /// <summary>Makes it; only when there is no fault.</summary>
    /// <param name="source">Where it will be kept, for people.</param>
    /// <returns>The key, and its PEM, which nobody else may read.</returns>
    public (SigningKey Key, string Pem) Make(string source, RandomNumberGenerator secrets)
    {
        var pem = Algorithm == Rsa ? PrivateKeyPem.NewRsa(Bits) : PrivateKeyPem.NewEd25519(secrets);
        return (SigningKey.Parse(Domain, Selector, pem, source), pem);
    }
}
