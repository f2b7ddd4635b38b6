using System.Buffers;
using System.Text;

namespace Relay.Mail;

/// <summary>
/// The header of a message as its octets are: nothing is decoded, nothing is put right, so that what a signature covers can
/// be given back exactly. However hostile the message is, no more than the two limits is read.
/// </summary>
public sealed class MessageHeader
{
    /// <summary>Octets of a header at most; more is not read.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>Fields at most; more are not read.</summary>
    public const int MaxFields = 2000;

    private MessageHeader(List<HeaderField> fields, int length, bool isWhole) =>
        (Fields, Length, IsWhole) = (fields, length, isWhole);

    /// <summary>The fields in their order. A line that is none stands among them with an empty name.</summary>
    public IReadOnlyList<HeaderField> Fields { get; }

    /// <summary>Where the body begins: octets of the header with the empty line behind it. Of a header that is not whole, what was read.</summary>
    public int Length { get; }

    /// <summary>False when the header is longer than the limits.</summary>
    public bool IsWhole { get; }

    /// <summary>Reads the header from the beginning of the content; the content's position is of no matter before and after.</summary>
    public static async ValueTask<MessageHeader> ReadAsync(Stream content, CancellationToken cancel)
    {
        content.Position = 0;
        var octets = new byte[(int)Math.Min(content.Length, 4096)];
        var read = 0;
        while (true)
        {
            var more = await content.ReadAtLeastAsync(octets.AsMemory(read), octets.Length - read, throwOnEndOfStream: false, cancel);
            var from = Math.Max(0, read - 3);
            read += more;
            var ended = EndsIn(octets.AsSpan(0, read), from) || read == content.Length || more == 0;
            if (ended || read >= MaxLength)
            {
                return Parse(octets.AsMemory(0, read), isAll: ended);
            }

            Array.Resize(ref octets, (int)Math.Min(Math.Min(content.Length, octets.Length * 4L), MaxLength));
        }
    }

    /// <summary>Reads the header at the beginning of these octets.</summary>
    public static MessageHeader Parse(ReadOnlyMemory<byte> content) =>
        Parse(content.Length > MaxLength ? content[..MaxLength] : content, isAll: content.Length <= MaxLength);

    /// <summary>The fields of a name, without case, in their order.</summary>
    public IEnumerable<HeaderField> Named(string name) => Fields.Where(field => field.Is(name));

    private static bool EndsIn(ReadOnlySpan<byte> octets, int from) =>
        octets[from..].IndexOf("\r\n\r\n"u8) >= 0 || octets[from..].IndexOf("\n\n"u8) >= 0 || octets.StartsWith("\r\n"u8) || octets.StartsWith("\n"u8);

    private static MessageHeader Parse(ReadOnlyMemory<byte> octets, bool isAll)
    {
        List<HeaderField> fields = [];
        var position = 0;
        while (position < octets.Length)
        {
            var line = octets.Span[position..];
            if (line.StartsWith("\r\n"u8) || line[0] == '\n')
            {
                return new MessageHeader(fields, position + (line[0] == '\n' ? 1 : 2), isWhole: true);
            }

            var length = FieldLength(line);
            if (fields.Count == MaxFields || (!isAll && position + length == octets.Length))
            {
                return new MessageHeader(fields, position, isWhole: false);
            }

            fields.Add(new HeaderField(octets.Slice(position, length), position));
            position += length;
        }

        return new MessageHeader(fields, position, isWhole: isAll);
    }

    /// <summary>To the end of the first line that no folded one follows.</summary>
    private static int FieldLength(ReadOnlySpan<byte> octets)
    {
        var length = 0;
        do
        {
            var end = octets[length..].IndexOf((byte)'\n');
            if (end < 0)
            {
                return octets.Length;
            }

            length += end + 1;
        }
        while (length < octets.Length && octets[length] is (byte)' ' or (byte)'\t');

        return length;
    }
}

/// <summary>One field of a header, with all its octets.</summary>
/// <param name="Octets">Name, colon, value, folding and the last line end.</param>
/// <param name="Offset">Where it begins in the content.</param>
public readonly record struct HeaderField(ReadOnlyMemory<byte> Octets, int Offset)
{
    /// <summary>Its name as it is written; empty for a line that is no field.</summary>
    public string Name => Encoding.Latin1.GetString(NameOctets);

    /// <summary>What stands behind the colon, without one nothing, unfolded and without the line end and white space at both ends; octets that are no UTF-8 show as U+FFFD.</summary>
    public string Value => Colon < 0 ? "" : Encoding.UTF8.GetString(Octets.Span[(Colon + 1)..])
        .Replace("\r", "").Replace("\n", "").Trim(' ', '\t');

    /// <summary>Whether it has this name, without case.</summary>
    public bool Is(string name) => Colon >= 0 && Ascii.EqualsIgnoreCase(NameOctets, name);

    private int Colon => Octets.Span.IndexOf((byte)':');

    /// <summary>White space before the colon is obsolete, and read (RFC 5322 §4.5).</summary>
    private ReadOnlySpan<byte> NameOctets => Colon < 0 ? default : Octets.Span[..Colon].TrimEnd(" \t"u8);
}
