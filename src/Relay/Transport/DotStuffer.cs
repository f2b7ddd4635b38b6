namespace Relay.Transport;

/// <summary>
/// Turns content into what follows 354: a dot before each line that begins with one, CRLF at the end, the final dot
/// (RFC 5321 §4.5.2). Content comes in pieces cut anywhere. A bare CR or LF leaves as CRLF: the spool holds none, and a
/// server that took one for a line end could be made to see two messages where there is one (RFC 5321 §2.3.8).
/// </summary>
internal struct DotStuffer()
{
    private bool atLineStart = true;
    private bool afterCr;

    /// <summary>Octets of room that a piece needs at worst.</summary>
    public static int RoomFor(int content) => (2 * content) + 2;

    /// <summary>Octets of room that <see cref="Finish"/> needs.</summary>
    public const int RoomForFinish = 5;

    /// <summary>Writes a piece; returns the octets written.</summary>
    public int Write(ReadOnlySpan<byte> content, Span<byte> output)
    {
        var room = output.Length;
        if (afterCr && !content.IsEmpty)
        {
            afterCr = false;
            EndLine(ref output);
            content = content[0] == '\n' ? content[1..] : content;
        }

        while (!content.IsEmpty)
        {
            if (atLineStart && content[0] == '.')
            {
                Put("."u8, ref output);
            }

            var end = content.IndexOfAny((byte)'\r', (byte)'\n');
            if (end < 0)
            {
                Put(content, ref output);
                atLineStart = false;
                break;
            }

            Put(content[..end], ref output);
            if (end == content.Length - 1 && content[end] == '\r')
            {
                afterCr = true;
                break;
            }

            EndLine(ref output);
            content = content[(content[end] == '\r' && content[end + 1] == '\n' ? end + 2 : end + 1)..];
        }

        return room - output.Length;
    }

    /// <summary>Ends the last line if it is open, then the content; returns the octets written.</summary>
    public int Finish(Span<byte> output)
    {
        var room = output.Length;
        if (afterCr || !atLineStart)
        {
            EndLine(ref output);
        }

        Put(".\r\n"u8, ref output);
        return room - output.Length;
    }

    private void EndLine(ref Span<byte> output)
    {
        Put("\r\n"u8, ref output);
        atLineStart = true;
    }

    private static void Put(ReadOnlySpan<byte> octets, ref Span<byte> output)
    {
        octets.CopyTo(output);
        output = output[octets.Length..];
    }
}
