using System.Collections.Concurrent;
using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Relay.Checks.Dkim;

namespace Relay.Signing;

/// <summary>A private key with the domain that it signs for. Many may sign with it at once.</summary>
public sealed class SigningKey
{
    /// <summary>Bits of an RSA key at least (RFC 8301 §3.2).</summary>
    public const int MinRsaBits = 1024;

    /// <summary>Bits of an RSA key at most: verifiers need not take longer ones (RFC 8301 §3.2).</summary>
    public const int MaxRsaBits = 4096;

    private readonly ConcurrentBag<RSA> idle = [];
    private readonly PrivateKey key;

    private SigningKey(string domain, string selector, PrivateKey key)
    {
        (Domain, Selector, this.key) = (domain, selector, key);
        PublicKey = key.Rsa is null ? PublicOf(key.Ed25519!) : With(rsa => rsa.ExportSubjectPublicKeyInfo());
    }

    /// <summary>Whose mail it signs.</summary>
    public string Domain { get; }

    /// <summary>Its name in DNS.</summary>
    public string Selector { get; }

    /// <summary>Its length.</summary>
    public int Bits => key.Bits;

    /// <summary>Such as <c>rsa-sha256</c>.</summary>
    public string AlgorithmName => Algorithm.Word();

    /// <summary>The name of the TXT record that makes the key known.</summary>
    public string RecordName => DkimKeys.NameOf(Selector, Domain);

    /// <summary>The text of that record (RFC 6376 §3.6.1, RFC 8463 §4).</summary>
    public string RecordText => $"v=DKIM1; k={Algorithm.KeyType()}; p={Convert.ToBase64String(PublicKey)}";

    internal SignatureAlgorithm Algorithm => key.Rsa is null ? SignatureAlgorithm.Ed25519Sha256 : SignatureAlgorithm.RsaSha256;

    private byte[] PublicKey { get; }

    /// <summary>Makes a key of PEM.</summary>
    /// <param name="source">Where it is from, for people.</param>
    /// <exception cref="SigningKeyException">There is none in it, or it must not be used.</exception>
    public static SigningKey Parse(string domain, string selector, string pem, string source)
    {
        try
        {
            var key = PrivateKeyPem.Read(pem);
            if (key.Rsa is not null && key.Bits is < MinRsaBits or > MaxRsaBits)
            {
                throw new SigningKeyException(source, $"it is an RSA key of {key.Bits} bits; "
                    + $"verifiers take {MinRsaBits} to {MaxRsaBits}. Make a new one: relay domain dkim DOMAIN.");
            }

            return new SigningKey(domain, selector, key);
        }
        catch (FormatException e)
        {
            throw new SigningKeyException(source, e.Message);
        }
    }

    /// <summary>The signature of a SHA-256 digest.</summary>
    internal byte[] Sign(byte[] digest)
    {
        if (key.Rsa is not null)
        {
            return With(rsa => rsa.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }

        var signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(key.Ed25519!, 0, digest, 0, digest.Length, signature, 0);
        return signature;
    }

    private static byte[] PublicOf(byte[] seed)
    {
        var publicKey = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(seed, 0, publicKey, 0);
        return publicKey;
    }

    /// <summary>The platform does not say that one object may sign twice at once.</summary>
    private T With<T>(Func<RSA, T> use)
    {
        if (!idle.TryTake(out var rsa))
        {
            rsa = RSA.Create(key.Rsa!.Value);
        }

        try
        {
            return use(rsa);
        }
        finally
        {
            idle.Add(rsa);
        }
    }
}
