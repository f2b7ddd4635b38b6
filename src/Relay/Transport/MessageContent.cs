using System.Buffers;
using System.Text;

namespace Relay.Transport;

/// <summary>Where a message holds octets above 127.</summary>
internal enum EightBit
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>In the body only.</summary>
    Body,

    /// <summary>In the header, and perhaps in the body.</summary>
    Header,
}

/// <summary>The stored bytes of a message, read as often as an attempt needs them and never held whole.</summary>
internal sealed class MessageContent(Stream stream)
{
    /// <summary>Octets read at a time.</summary>
    public const int ChunkSize = 16 * 1024;

    /// <summary>Octets without the line end.</summary>
    private const int LongestLine = 998;

    private EightBit? eightBit;
    private bool? isText;

    public long Length => stream.Length;

    /// <summary>Back to the first octet.</summary>
    public void Rewind() => stream.Position = 0;

    /// <summary>The next octets; 0 at the end.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer) => stream.ReadAsync(buffer);

    /// <summary>Looks through the content, once.</summary>
    public async ValueTask<EightBit> FindEightBitAsync()
    {
        eightBit ??= await ScanAsync();
        return eightBit.Value;
    }

    /// <summary>
    /// True when DATA carries it as it is, though it was declared BINARYMIME: no NUL, CR and LF in pairs only, lines of at most
    /// 998 octets (RFC 5321 §4.5.3.1.6), a line end last. Looks once.
    /// </summary>
    public async ValueTask<bool> IsTextAsync()
    {
        isText ??= await ScanTextAsync();
        return isText.Value;
    }

    private async Task<bool> ScanTextAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            Rewind();
            var line = default(LineState);
            int octets;
            while ((octets = await ReadAsync(buffer)) > 0)
            {
                if (!IsText(buffer.AsSpan(0, octets), ref line))
                {
                    return false;
                }
            }

            return line == default;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool IsText(ReadOnlySpan<byte> piece, ref LineState line)
    {
        foreach (var octet in piece)
        {
            if (octet == 0 || (octet == '\n') != line.AfterCr)
            {
                return false;
            }

            line = octet switch
            {
                (byte)'\n' => default,
                (byte)'\r' => line with { AfterCr = true },
                _ => line with { Length = line.Length + 1 },
            };
            if (line.Length > LongestLine)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<EightBit> ScanAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            Rewind();
            var inHeader = true;
            var lineIsEmpty = true;
            int octets;
            while ((octets = await ReadAsync(buffer)) > 0)
            {
                var rest = buffer.AsMemory(0, octets);
                if (inHeader)
                {
                    var header = HeaderPart(rest.Span, ref lineIsEmpty, ref inHeader);
                    if (!Ascii.IsValid(rest.Span[..header]))
                    {
                        return EightBit.Header;
                    }

                    rest = rest[header..];
                }

                if (!Ascii.IsValid(rest.Span))
                {
                    return EightBit.Body;
                }
            }

            return EightBit.None;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>How much of a piece is header: up to the first empty line.</summary>
    private static int HeaderPart(ReadOnlySpan<byte> piece, ref bool lineIsEmpty, ref bool inHeader)
    {
        for (var i = 0; i < piece.Length; i++)
        {
            if (piece[i] == '\n')
            {
                if (lineIsEmpty)
                {
                    inHeader = false;
                    return i + 1;
                }

                lineIsEmpty = true;
            }
            else if (piece[i] != '\r')
            {
                lineIsEmpty = false;
            }
        }

        return piece.Length;
    }

    /// <summary>Where in a line a piece of content ended.</summary>
    private readonly record struct LineState(int Length, bool AfterCr);
}
