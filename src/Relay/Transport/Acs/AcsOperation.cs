using System.Diagnostics.CodeAnalysis;
using Relay.Mail;

namespace Relay.Transport.Acs;

/// <summary>
/// The id of an operation: that of the message, with the group that the operation is for mixed into its last three octets. The
/// same group always gets the same id, so that a send whose end is not known can be asked for; and a delivery report, which
/// names the operation alone, leads back to the message. Pure.
/// </summary>
/// <remarks>
/// A group is known by the lowest index among its recipients: groups of one message never share a recipient, so that no two have the
/// same id, however the recipients were parted among works and routes.
/// </remarks>
internal static class AcsOperation
{
    private const int RoundBits = 7;
    private const int GroupBits = 24;

    /// <summary>Index of the last recipient that a group can begin with.</summary>
    public const int MaxFirst = 131_071;

    /// <summary>The operation of a group.</summary>
    /// <param name="message">The message.</param>
    /// <param name="first">The lowest index, in the envelope, of its recipients.</param>
    /// <param name="round">How often the service has failed this group for good before; such an operation cannot be used again.</param>
    public static Guid Of(MessageId message, int first, int round)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, MaxFirst);
        return Mix(message.Value, (first << RoundBits) | (round & ((1 << RoundBits) - 1)));
    }

    /// <summary>Which group of the message the operation is for; false where it is none of this message's.</summary>
    public static bool TryMatch(string operation, MessageId message, out int first, out int round)
    {
        (first, round) = (0, 0);
        if (!Guid.TryParse(operation, out var id) || Mix(id, GroupOf(id) ^ GroupOf(message.Value)) != message.Value)
        {
            return false;
        }

        var group = GroupOf(id) ^ GroupOf(message.Value);
        (first, round) = (group >> RoundBits, group & ((1 << RoundBits) - 1));
        return true;
    }

    /// <summary>The ids between which that of the message is; another message of the same millisecond is there by no chance to speak of.</summary>
    public static bool TryCandidates(string? operation, [NotNullWhen(true)] out (MessageId First, MessageId Last)? candidates)
    {
        candidates = Guid.TryParse(operation, out var id)
            ? (new MessageId(Mix(id, GroupOf(id))), new MessageId(Mix(id, GroupOf(id) ^ ((1 << GroupBits) - 1))))
            : null;
        return candidates is not null;
    }

    private static Guid Mix(Guid id, int group)
    {
        Span<byte> octets = stackalloc byte[MessageId.Size];
        id.TryWriteBytes(octets, bigEndian: true, out _);
        octets[^3] ^= (byte)(group >> 16);
        octets[^2] ^= (byte)(group >> 8);
        octets[^1] ^= (byte)group;
        return new Guid(octets, bigEndian: true);
    }

    private static int GroupOf(Guid id)
    {
        Span<byte> octets = stackalloc byte[MessageId.Size];
        id.TryWriteBytes(octets, bigEndian: true, out _);
        return (octets[^3] << 16) | (octets[^2] << 8) | octets[^1];
    }
}
