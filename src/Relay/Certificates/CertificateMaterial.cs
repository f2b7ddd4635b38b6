using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Relay.Certificates;

/// <summary>A certificate with its key as they were read: octets that nobody has looked into yet.</summary>
internal sealed class CertificateMaterial
{
    /// <summary>Where the certificate is from; for people.</summary>
    public required string Source { get; init; }

    /// <summary>PEM or PFX.</summary>
    public required byte[] Certificate { get; init; }

    /// <summary>PEM; null when the key is with the certificate.</summary>
    public byte[]? Key { get; init; }

    public string? Password { get; init; }

    /// <summary>The same for the same octets.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, Certificate.Length);
        hash.AppendData(length);
        hash.AppendData(Certificate);
        hash.AppendData(Key ?? []);
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
