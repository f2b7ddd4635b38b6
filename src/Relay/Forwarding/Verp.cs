using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Relay.Mail;

namespace Relay.Forwarding;

/// <summary>
/// Return-paths that name the message and the recipient (variable envelope return paths): <c>bounces+TOKEN@domain</c>. A report
/// that comes back to one tells which message it is about whatever its text is. The token is the message's id, the
/// recipient's index, and a mark that only we can make. Pure.
/// </summary>
/// <param name="domain">Where they are; null when they are not used.</param>
public sealed class Verp(ReturnPathSecrets secrets, string? domain)
{
    private const string Prefix = "bounces+";
    private const int MarkLength = 8;
    private const int IndexAt = MessageId.Size;
    private const int MarkAt = IndexAt + sizeof(ushort);
    private const int TokenLength = MarkAt + MarkLength;

    /// <summary>In place of an index: the attempt has several recipients, or the index is too large.</summary>
    private const ushort NoIndex = ushort.MaxValue;

    /// <summary>None are made, and none known.</summary>
    public static Verp Off { get; } = new(ReturnPathSecrets.Of("unused"), null);

    /// <summary>Whether they are used.</summary>
    [MemberNotNullWhen(true, nameof(Domain))]
    public bool IsOn => Domain is not null;

    private string? Domain => domain;

    /// <summary>The return-path of an attempt.</summary>
    /// <param name="recipient">The one recipient's index in the envelope; null where there are several.</param>
    public Mailbox Of(MessageId message, int? recipient)
    {
        if (!IsOn)
        {
            throw new InvalidOperationException("there is no domain for return-paths");
        }

        Span<byte> token = stackalloc byte[TokenLength];
        message.ToBytes().CopyTo(token);
        BinaryPrimitives.WriteUInt16BigEndian(token[IndexAt..], recipient is < NoIndex and { } index ? (ushort)index : NoIndex);
        Mark(secrets.Current, token[..MarkAt], token[MarkAt..]);
        return new Mailbox(Prefix + Base32.Encode(token), Domain);
    }

    /// <summary>Whether an address looks like one of these, whoever has made it.</summary>
    public bool IsShaped(Mailbox address) =>
        IsOn && address.Domain.Equals(Domain, StringComparison.OrdinalIgnoreCase) &&
        address.LocalPart.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads one that we have made; false for all else.</summary>
    /// <param name="recipient">The recipient's index; null where the attempt had several.</param>
    public bool TryRead(Mailbox address, out MessageId message, out int? recipient)
    {
        (message, recipient) = (default, null);
        if (!IsShaped(address) || !Base32.TryDecode(address.LocalPart.AsSpan(Prefix.Length), TokenLength, out var token) || !IsMarked(token))
        {
            return false;
        }

        message = MessageId.FromBytes(token.AsSpan(0, MessageId.Size));
        var index = BinaryPrimitives.ReadUInt16BigEndian(token.AsSpan(IndexAt));
        recipient = index == NoIndex ? null : index;
        return true;
    }

    private bool IsMarked(ReadOnlySpan<byte> token)
    {
        Span<byte> mark = stackalloc byte[MarkLength];
        foreach (var secret in secrets.All)
        {
            Mark(secret, token[..MarkAt], mark);
            if (CryptographicOperations.FixedTimeEquals(mark, token[MarkAt..]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The name in front keeps it apart from whatever else the secret marks.</summary>
    private static void Mark(byte[] secret, ReadOnlySpan<byte> what, Span<byte> mark)
    {
        Span<byte> marked = stackalloc byte[Prefix.Length + MarkAt];
        "bounces+"u8.CopyTo(marked);
        what.CopyTo(marked[Prefix.Length..]);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, marked, hash);
        hash[..MarkLength].CopyTo(mark);
    }
}
