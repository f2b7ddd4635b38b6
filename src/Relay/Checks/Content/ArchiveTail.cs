using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Relay.Checks.Content;

/// <summary>
/// The end of a zip archive, where it lists its names: no more is kept, however long the archive is. Nothing is unpacked, and
/// archives inside of archives are names like others.
/// </summary>
internal sealed class ArchiveTail
{
    /// <summary>Octets of an archive's end that are kept.</summary>
    internal const int MaxTail = 128 * 1024;

    /// <summary>Octets of a name that are looked at, from its end.</summary>
    private const int MaxName = 1024;

    private const int EntryHeader = 46;

    private byte[] octets = [];
    private int length;

    /// <summary>Begins anew.</summary>
    public void Clear() => length = 0;

    /// <summary>Takes the next octets of the archive.</summary>
    public void Append(ReadOnlySpan<byte> next)
    {
        next = next[Math.Max(0, next.Length - MaxTail)..];
        if (length + next.Length > octets.Length)
        {
            MakeRoom(next.Length);
        }

        next.CopyTo(octets.AsSpan(length));
        length += next.Length;
    }

    /// <summary>The names of its central directory, as far as that is kept.</summary>
    public IReadOnlyList<string> Names()
    {
        List<string> names = [];
        var rest = (ReadOnlySpan<byte>)octets.AsSpan(Math.Max(0, length - MaxTail)..length);
        var begin = rest.IndexOf("PK\u0001\u0002"u8);
        while (begin >= 0)
        {
            rest = rest[begin..];
            if (rest.Length < EntryHeader)
            {
                break;
            }

            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[28..]);
            var name = rest.Slice(EntryHeader, Math.Min(nameLength, rest.Length - EntryHeader));
            names.Add(Text(name[Math.Max(0, name.Length - MaxName)..]));
            // Found anew rather than reckoned: what an entry says of its own length may be a lie.
            rest = rest[EntryHeader..];
            begin = rest.IndexOf("PK\u0001\u0002"u8);
        }

        return names;
    }

    /// <summary>Names that are no UTF-8 are of an older kind, and what is looked for in them is ASCII. To decode them as UTF-8 costs most of all.</summary>
    private static string Text(ReadOnlySpan<byte> name) => (Utf8.IsValid(name) ? Encoding.UTF8 : Encoding.Latin1).GetString(name);

    /// <summary>The buffer is twice as long as what is kept, so that it is seldom moved.</summary>
    private void MakeRoom(int count)
    {
        if (octets.Length < 2 * MaxTail && length + count <= 2 * MaxTail)
        {
            Array.Resize(ref octets, Math.Min(2 * MaxTail, Math.Max(length + count, octets.Length * 4)));
            return;
        }

        Array.Resize(ref octets, 2 * MaxTail);
        var kept = Math.Min(length, MaxTail);
        octets.AsSpan(length - kept, kept).CopyTo(octets);
        length = kept;
    }
}
