namespace Relay.Transport.FinalDelivery;

/// <summary>
/// Turns content into lines that end with LF, as files of this machine have them, and the last one too. In an mbox each line that begins
/// with <c>From </c>, behind any number of <c>&gt;</c>, gets one <c>&gt;</c> more, which a reader takes away again (mboxrd). Content
/// comes in pieces cut anywhere.
/// </summary>
internal struct UnixLines(bool quoteFrom)
{
    private bool atLineStart = true;
    private bool afterCr;
    private byte matched;
    private bool isOpen;

    private static ReadOnlySpan<byte> From => "From "u8;

    /// <summary>Octets of room that a piece needs at worst.</summary>
    public static int RoomFor(int content) => (2 * content) + 8;

    /// <summary>Writes a piece; returns the octets written.</summary>
    public int Write(ReadOnlySpan<byte> content, Span<byte> output)
    {
        var written = 0;
        foreach (var octet in content)
        {
            if (afterCr && octet != '\n')
            {
                Put((byte)'\r', output, ref written);
            }

            afterCr = octet == '\r';
            switch (octet)
            {
                case (byte)'\r':
                    FlushMatch(output, ref written);
                    break;
                case (byte)'\n':
                    FlushMatch(output, ref written);
                    Put(octet, output, ref written);
                    (atLineStart, isOpen) = (true, false);
                    break;
                default:
                    WriteWithinLine(octet, output, ref written);
                    break;
            }
        }

        return written;
    }

    /// <summary>Ends the last line if it is open; returns the octets written, at most 8.</summary>
    public int Finish(Span<byte> output)
    {
        var written = 0;
        FlushMatch(output, ref written);
        if (isOpen || afterCr)
        {
            Put((byte)'\n', output, ref written);
        }

        return written;
    }

    private void WriteWithinLine(byte octet, Span<byte> output, ref int written)
    {
        isOpen = true;
        if (!quoteFrom || !atLineStart)
        {
            Put(octet, output, ref written);
            atLineStart = false;
            return;
        }

        if (octet == From[matched])
        {
            if (++matched == From.Length)
            {
                Put((byte)'>', output, ref written);
                FlushMatch(output, ref written);
            }

            return;
        }

        var isQuote = matched == 0 && octet == '>';
        FlushMatch(output, ref written);
        Put(octet, output, ref written);
        atLineStart = isQuote;
    }

    /// <summary>What looked like the beginning of a From line and was kept back until it was known.</summary>
    private void FlushMatch(Span<byte> output, ref int written)
    {
        From[..matched].CopyTo(output[written..]);
        written += matched;
        atLineStart &= matched == 0;
        matched = 0;
    }

    private static void Put(byte octet, Span<byte> output, ref int written) => output[written++] = octet;
}
