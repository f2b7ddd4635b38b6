using System.Security.Cryptography;

namespace Relay.Checks.Dkim;

/// <summary>
/// Hashes a body in one form (RFC 6376 §3.4.3, §3.4.4) while it passes by, whole and up to several lengths at once. Only CRLF is a
/// line end; a CR or LF by itself is an octet like others.
/// </summary>
internal sealed class BodyHasher : IDisposable
{
    private const int BufferSize = 16 * 1024;

    private readonly Canonicalization form;
    private readonly long[] lengths;
    private readonly Dictionary<long, byte[]> hashes = [];
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] buffer = new byte[BufferSize];
    private int buffered;
    private int nextLength;
    private long lineEnds;
    private bool space;
    private bool carriageReturn;
    private bool finished;

    /// <param name="lengths">The values of <c>l=</c> that hashes are wanted for besides that of the whole body.</param>
    public BodyHasher(Canonicalization form, IEnumerable<long> lengths)
    {
        this.form = form;
        this.lengths = [.. lengths.Distinct().Order()];
        TakeHashes();
    }

    /// <summary>Octets of the canonical body.</summary>
    public long Length { get; private set; }

    /// <summary>After <see cref="Finish"/>: the hash of the whole body.</summary>
    public byte[] Whole { get; private set; } = [];

    /// <summary>After <see cref="Finish"/>: the hash of the first octets, of one of the lengths; null where the body is shorter.</summary>
    public byte[]? UpTo(long length) => hashes.GetValueOrDefault(length);

    /// <summary>The next octets of the body.</summary>
    public void Append(ReadOnlySpan<byte> octets)
    {
        while (octets.Length > 0)
        {
            if (carriageReturn)
            {
                carriageReturn = false;
                if (octets[0] == '\n')
                {
                    // White space before it is dropped with the line's end.
                    space = false;
                    lineEnds++;
                    octets = octets[1..];
                    continue;
                }

                WriteText("\r"u8);
            }

            var special = form == Canonicalization.Relaxed
                ? octets.IndexOfAny((byte)'\r', (byte)' ', (byte)'\t')
                : octets.IndexOf((byte)'\r');
            var text = special < 0 ? octets : octets[..special];
            if (text.Length > 0)
            {
                WriteText(text);
            }

            if (special < 0)
            {
                return;
            }

            if (octets[special] == '\r')
            {
                carriageReturn = true;
            }
            else
            {
                space = true;
            }

            octets = octets[(special + 1)..];
        }
    }

    /// <summary>The body ends here.</summary>
    public void Finish()
    {
        ObjectDisposedException.ThrowIf(finished, this);
        finished = true;
        if (carriageReturn)
        {
            WriteText("\r"u8);
        }

        // Empty lines at the end are one line end; a relaxed body of nothing else is empty, a simple one is a line end.
        if (form == Canonicalization.Simple || Length + buffered > 0)
        {
            Write("\r\n"u8);
        }

        Flush();
        Whole = hash.GetHashAndReset();
    }

    public void Dispose() => hash.Dispose();

    /// <summary>Text that is not white space; what was held back before it turns out to be inside of the body.</summary>
    private void WriteText(ReadOnlySpan<byte> text)
    {
        for (; lineEnds > 0; lineEnds--)
        {
            Write("\r\n"u8);
        }

        if (space)
        {
            space = false;
            Write(" "u8);
        }

        Write(text);
    }

    private void Write(ReadOnlySpan<byte> octets)
    {
        while (octets.Length > 0)
        {
            if (buffered == BufferSize)
            {
                Flush();
            }

            var part = octets[..Math.Min(octets.Length, BufferSize - buffered)];
            part.CopyTo(buffer.AsSpan(buffered));
            buffered += part.Length;
            octets = octets[part.Length..];
        }
    }

    private void Flush()
    {
        var octets = buffer.AsSpan(0, buffered);
        buffered = 0;
        while (octets.Length > 0)
        {
            var part = nextLength < lengths.Length ? (int)Math.Min(octets.Length, lengths[nextLength] - Length) : octets.Length;
            hash.AppendData(octets[..part]);
            Length += part;
            octets = octets[part..];
            TakeHashes();
        }
    }

    private void TakeHashes()
    {
        while (nextLength < lengths.Length && lengths[nextLength] == Length)
        {
            hashes[lengths[nextLength++]] = hash.GetCurrentHash();
        }
    }
}
