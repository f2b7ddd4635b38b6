using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Mail;

/// <summary>
/// The identity of one accepted message: a UUID of version 7 (RFC 9562 §5.7), so that ids sort by the time of
/// acceptance. Its text is 32 lower-case hexadecimal digits, which sort the same way.
/// </summary>
public readonly record struct MessageId(Guid Value)
{
    /// <summary>Octets in the binary form.</summary>
    public const int Size = 16;

    /// <summary>A new id at <paramref name="now"/>.</summary>
    public static MessageId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    /// <summary>
    /// The id of the message that follows from another one (a DSN). The same parent, purpose and time always give the same
    /// id, so that a step which runs twice after a crash accepts its message once: the time must be one that was stored.
    /// </summary>
    public static MessageId Derive(MessageId parent, string purpose, DateTimeOffset at)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{parent}/{purpose}"), hash);
        Span<byte> id = stackalloc byte[Size];
        Guid.CreateVersion7(at).TryWriteBytes(id, bigEndian: true, out _);
        hash[..8].CopyTo(id[8..]);
        id[6] = (byte)(0x70 | (hash[8] & 0x0f));
        id[7] = hash[9];
        id[8] = (byte)(0x80 | (id[8] & 0x3f));
        return new(new Guid(id, bigEndian: true));
    }

    /// <summary>Reads the text form; UUIDs with hyphens are taken too.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out MessageId id)
    {
        var ok = Guid.TryParse(text, out var value);
        id = new(value);
        return ok;
    }

    /// <summary>Reads the 16 octets that <see cref="ToBytes"/> gives.</summary>
    public static MessageId FromBytes(ReadOnlySpan<byte> bytes) => new(new Guid(bytes, bigEndian: true));

    /// <summary>16 octets in network order, which sort by time.</summary>
    public byte[] ToBytes() => Value.ToByteArray(bigEndian: true);

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("N");
}
