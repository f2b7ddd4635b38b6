using System.Buffers;

namespace Relay.SmtpIngress;

/// <summary>
/// Takes the octets of the chunks of one message (RFC 3030 §2). No dot means anything in them. But for BINARYMIME they are
/// held to clean CRLF as after DATA, since the message will leave by DATA.
/// </summary>
/// <param name="lineEnds">What counts as a line end; null for octets that are no lines (BINARYMIME).</param>
/// <param name="maxLength">Octets to write at most; a longer content is read to its end and dropped.</param>
internal sealed class ChunkReader(LineEnds? lineEnds, long maxLength)
{
    private readonly DataReader? lines = lineEnds is { } ends ? new DataReader(ends, maxLength, hasDots: false) : null;
    private long length;

    /// <summary>Octets of the message so far.</summary>
    public long Length => lines?.Length ?? length;

    /// <summary>True when the message is longer than it may be.</summary>
    public bool IsTooBig => Length > maxLength;

    /// <summary>False when a bare CR or LF came where it is not allowed.</summary>
    public bool IsClean => lines is null || lines.Status != DataStatus.BareLineEnd;

    /// <summary>Takes the next octets.</summary>
    public void Read(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        if (lines is not null)
        {
            lines.Read(input, output);
            return;
        }

        length += input.Length;
        if (!IsTooBig)
        {
            output.Write(input);
        }
    }

    /// <summary>After the last chunk: a CR that waits for its LF waits in vain.</summary>
    public void Finish(IBufferWriter<byte> output) => lines?.Finish(output);
}
