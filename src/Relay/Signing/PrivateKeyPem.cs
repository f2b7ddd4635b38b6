using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Relay.Signing;

/// <summary>A private key in PEM: RSA as PKCS #8 or PKCS #1, Ed25519 as PKCS #8 (RFC 8410 §7).</summary>
internal static class PrivateKeyPem
{
    private const string Ed25519Oid = "1.3.101.112";
    private const string RsaOid = "1.2.840.113549.1.1.1";
    private const int Ed25519Length = 32;
    private const string Broken = "the key is broken. Copy it anew, or make a new one: relay domain dkim DOMAIN.";

    /// <summary>Reads it; what is wrong with it is the message of the exception, which names no part of the key.</summary>
    /// <exception cref="FormatException">There is none that can sign.</exception>
    public static PrivateKey Read(string text)
    {
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var found))
        {
            var der = Convert.FromBase64String(rest[found.Base64Data].ToString());
            try
            {
                switch (rest[found.Label])
                {
                    case "PRIVATE KEY":
                        return ReadPkcs8(der);
                    case "RSA PRIVATE KEY":
                        return ReadRsa(rsa => rsa.ImportRSAPrivateKey(der, out _));
                    case "ENCRYPTED PRIVATE KEY":
                        throw new FormatException("it is encrypted. Write it without a password, for the relay's user alone: openssl pkey -in FILE -out NEW.");
                    case "EC PRIVATE KEY":
                        throw new FormatException("it is an EC key, and DKIM has none. Make an RSA or Ed25519 key: relay domain dkim DOMAIN.");
                    case "PUBLIC KEY" or "RSA PUBLIC KEY":
                        throw new FormatException("it is the public key, which belongs into DNS. Name the file of the private key.");
                }
            }
            finally
            {
                CryptographicOperations.ZeroMemory(der);
            }

            rest = rest[found.Location.End..];
        }

        throw new FormatException("there is no private key in PEM in it. Make one: relay domain dkim DOMAIN.");
    }

    /// <summary>Makes a new RSA key.</summary>
    public static string NewRsa(int bits)
    {
        using var rsa = RSA.Create(bits);
        return rsa.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>Makes a new Ed25519 key.</summary>
    public static string NewEd25519(RandomNumberGenerator secrets)
    {
        var seed = new byte[Ed25519Length];
        secrets.GetBytes(seed);
        var key = new AsnWriter(AsnEncodingRules.DER);
        key.WriteOctetString(seed);
        var info = new AsnWriter(AsnEncodingRules.DER);
        using (info.PushSequence())
        {
            info.WriteInteger(0);
            using (info.PushSequence())
            {
                info.WriteObjectIdentifier(Ed25519Oid);
            }

            info.WriteOctetString(key.Encode());
        }

        return PemEncoding.WriteString("PRIVATE KEY", info.Encode()) + "\n";
    }

    private static PrivateKey ReadPkcs8(byte[] der)
    {
        switch (AlgorithmOf(der, out var key))
        {
            case Ed25519Oid:
                return AsnDecoder.TryReadPrimitiveOctetString(key, AsnEncodingRules.DER, out var seed, out _) && seed.Length == Ed25519Length
                    ? new PrivateKey(null, seed.ToArray(), Ed25519Length * 8)
                    : throw new FormatException(Broken);
            case RsaOid:
                return ReadRsa(rsa => rsa.ImportPkcs8PrivateKey(der, out _));
            default:
                throw new FormatException("it is neither an RSA nor an Ed25519 key. Make one: relay domain dkim DOMAIN.");
        }
    }

    private static string AlgorithmOf(byte[] der, out byte[] key)
    {
        try
        {
            var info = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
            info.ReadInteger();
            var algorithm = info.ReadSequence().ReadObjectIdentifier();
            key = info.ReadOctetString();
            return algorithm;
        }
        catch (AsnContentException)
        {
            throw new FormatException(Broken);
        }
    }

    private static PrivateKey ReadRsa(Action<RSA> import)
    {
        using var rsa = RSA.Create();
        try
        {
            import(rsa);
            return new PrivateKey(rsa.ExportParameters(includePrivateParameters: true), null, rsa.KeySize);
        }
        catch (CryptographicException)
        {
            throw new FormatException(Broken);
        }
    }
}

/// <summary>A private key: one of the two, and how long it is.</summary>
internal readonly record struct PrivateKey(RSAParameters? Rsa, byte[]? Ed25519, int Bits);
