using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Relay.Mail;

namespace Relay.Spool.Azure;

/// <summary>
/// Keys of the rows of a message. Its partition is the hour of its id and one of <see cref="Parts"/> parts of its random tail. Hours and
/// ids are inverted, so that the newest stands first, in the table and within a partition.
/// </summary>
internal static class RowKeys
{
    /// <summary>Partitions of one hour, so that one is not asked for all that happens in it.</summary>
    public const int Parts = 16;

    private const int IdLength = 32;
    private const long MillisecondsOfHour = 3_600_000;

    /// <summary>The partition of a message.</summary>
    public static string PartitionOf(MessageId id) => Partition(HourOf(id), PartOf(id));

    /// <summary>The partition of an hour and a part.</summary>
    public static string Partition(long hour, int part) => $"{uint.MaxValue - hour:x8}{part:x1}";

    /// <summary>The hours since 1970 of a partition; null for what is none.</summary>
    public static long? HourOf(string partition) =>
        partition.Length == 9 && uint.TryParse(partition.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hour)
            ? uint.MaxValue - hour : null;

    /// <summary>The hours since 1970 at which an id was given.</summary>
    public static long HourOf(MessageId id)
    {
        Span<byte> octets = stackalloc byte[8];
        id.ToBytes().AsSpan(0, 6).CopyTo(octets[2..]);
        return BinaryPrimitives.ReadInt64BigEndian(octets) / MillisecondsOfHour;
    }

    /// <summary>The hours since 1970 of a time.</summary>
    public static long HourOf(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / MillisecondsOfHour;

    /// <summary>Which of the partitions of its hour.</summary>
    public static int PartOf(MessageId id) => id.ToBytes()[15] & (Parts - 1);

    /// <summary>The id as it stands in keys: <c>f</c> for <c>0</c>, <c>e</c> for <c>1</c> and so on.</summary>
    public static string Inverted(MessageId id)
    {
        var octets = id.ToBytes();
        for (var i = 0; i < octets.Length; i++)
        {
            octets[i] ^= 0xff;
        }

        return Convert.ToHexStringLower(octets);
    }

    /// <summary>The id that a key begins with; null where it begins with none.</summary>
    public static MessageId? IdOf(string key)
    {
        Span<byte> octets = stackalloc byte[MessageId.Size];
        if (key.Length < IdLength || Convert.FromHexString(key.AsSpan(0, IdLength), octets, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return null;
        }

        foreach (ref var octet in octets)
        {
            octet ^= 0xff;
        }

        return MessageId.FromBytes(octets);
    }

    /// <summary>What all keys of a message begin with.</summary>
    public static string Prefix(MessageId id) => $"{Inverted(id)}|";

    /// <summary>Behind all keys of a message.</summary>
    public static string End(MessageId id) => $"{Inverted(id)}|~";

    /// <summary>The row of a message itself. Its events stand before it, its recipients and works behind it.</summary>
    public static string Message(MessageId id) => $"{Inverted(id)}|m";

    /// <summary>The row of a recipient.</summary>
    public static string Recipient(MessageId id, int index) => string.Create(CultureInfo.InvariantCulture, $"{Inverted(id)}|r|{index:00000}");

    /// <summary>The row of a work that is left to do.</summary>
    public static string Work(MessageId id, string work) => $"{Inverted(id)}|w|{work}";

    /// <summary>The row of what the end of a work, or something else, wrote to the timeline.</summary>
    public static string Event(MessageId id, string name) => $"{Inverted(id)}|e|{name}";

    /// <summary>What sort of row it is: e, m, r or w.</summary>
    public static char KindOf(string rowKey) => rowKey.Length > IdLength + 1 ? rowKey[IdLength + 1] : '\0';

    /// <summary>What stands behind the sort: the index of a recipient, or the name of a work or an event.</summary>
    public static string NameOf(string rowKey) => rowKey.Length > IdLength + 3 ? rowKey[(IdLength + 3)..] : "";

    /// <summary>The name of a first work of a message.</summary>
    public static string FirstWork(int number) => string.Create(CultureInfo.InvariantCulture, $"first-{number:000}");

    /// <summary>The name of a work that follows from another: the same at every run.</summary>
    public static string NextWork(string parent, int number) => Hash($"{parent}/{number}");

    /// <summary>A name that follows from what is named, such as a report.</summary>
    public static string Hash(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return Convert.ToHexStringLower(hash[..10]);
    }
}
