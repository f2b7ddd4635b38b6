using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Relay.Checks.Dkim;

/// <summary>Holds a signature against a key; for DKIM and for the signatures and seals of ARC.</summary>
internal static class SignatureVerifier
{
    /// <summary>Bits of an RSA key that is taken at all (RFC 8301 §3.2).</summary>
    public const int MinRsaBits = 1024;

    /// <summary>Bits of an RSA key that is still computed with.</summary>
    public const int MaxRsaBits = 8192;

    /// <summary>Octets of the public exponent of an RSA key; one as long as the key makes a verification cost as much as a signature.</summary>
    private const int MaxExponent = 8;

    /// <summary>Whether the signature is that of the digest.</summary>
    /// <param name="digest">SHA-256, for RSA and for Ed25519 (RFC 8463 §3).</param>
    public static SignatureVerdict Verify(DkimKeyRecord key, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature) => key.KeyType switch
    {
        DkimKeyRecord.Rsa => VerifyRsa(key.PublicKey, digest, signature),
        DkimKeyRecord.Ed25519 => VerifyEd25519(key.PublicKey, digest, signature),
        _ => Unusable("the type of the key is not known"),
    };

    private static SignatureVerdict VerifyRsa(byte[] publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        if (!RsaPublicKey.TryRead(publicKey, out var key))
        {
            return Unusable("the RSA key is broken");
        }

        if (key.Bits() < MinRsaBits)
        {
            return new SignatureVerdict(DkimOutcome.Policy, $"an RSA key of {key.Bits()} bits is too weak");
        }

        if (key.Bits() > MaxRsaBits)
        {
            return Unusable($"an RSA key of {key.Bits()} bits is too long");
        }

        if (!IsFit(key.Exponent))
        {
            return Unusable("the exponent of the RSA key is not fit");
        }

        try
        {
            using var rsa = RSA.Create(key);
            return Judge(rsa.VerifyHash(digest, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }
        catch (CryptographicException)
        {
            return Unusable("the RSA key is broken");
        }
    }

    /// <summary>Odd and above 1: with others anybody could sign, or nobody.</summary>
    private static bool IsFit(ReadOnlySpan<byte> exponent) =>
        exponent.Length <= MaxExponent && (exponent[^1] & 1) == 1 && (exponent.Length > 1 || exponent[0] > 1);

    private static SignatureVerdict VerifyEd25519(byte[] publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != Ed25519.PublicKeySize)
        {
            return Unusable("the Ed25519 key does not have 32 octets");
        }

        return Judge(signature.Length == Ed25519.SignatureSize &&
            Ed25519.Verify(signature.ToArray(), 0, publicKey, 0, digest.ToArray(), 0, digest.Length));
    }

    private static SignatureVerdict Judge(bool isRight) =>
        isRight ? SignatureVerdict.Pass : new SignatureVerdict(DkimOutcome.Fail, "the signature does not fit header and key");

    private static SignatureVerdict Unusable(string cause) => new(DkimOutcome.PermError, cause);
}
