using System.Buffers;

namespace Relay.SmtpIngress;

/// <summary>What counts as a line end inside DATA. Whatever it is, only CRLF is stored.</summary>
internal enum LineEnds
{
    /// <summary>CRLF alone; a bare CR or a bare LF refuses the message (RFC 5321 §2.3.8).</summary>
    Strict,

    /// <summary>A bare CR or LF is stored as CRLF, but it is no line end of the protocol: only CRLF.CRLF ends the content.</summary>
    Normalise,

    /// <summary>For a client that ends its lines in LF: LF, with or without CR before it, is a line end of the protocol too.</summary>
    LineFeed,
}

/// <summary>Where the reading of one content stands.</summary>
internal enum DataStatus
{
    /// <summary>The end was not seen yet.</summary>
    More,

    /// <summary>The final dot was read; what follows are commands.</summary>
    End,

    /// <summary>A bare CR or LF came where only CRLF is allowed.</summary>
    BareLineEnd,
}

/// <summary>
/// Reads the content after DATA octet by octet: finds its end, takes the stuffed dots out and leaves nothing but clean CRLF
/// (RFC 5321 §4.1.1.4, §4.5.2). Lines may be of any length and hold any octet. One reader reads one content.
/// </summary>
/// <param name="lineEnds">What counts as a line end.</param>
/// <param name="maxLength">Octets to write at most; a longer content is read to its end and dropped.</param>
/// <param name="hasDots">False for content that comes counted, by BDAT: a dot is a dot, and <see cref="Finish"/> is the end.</param>
internal sealed class DataReader(LineEnds lineEnds, long maxLength, bool hasDots = true)
{
    private const byte Cr = (byte)'\r';
    private const byte Lf = (byte)'\n';
    private const byte Dot = (byte)'.';

    private State state = State.LineStart;

    private enum State
    {
        LineStart,
        Text,
        AfterCr,
        AfterDot,
        AfterDotCr,
    }

    /// <summary>Whether the end was seen.</summary>
    public DataStatus Status { get; private set; }

    /// <summary>Octets of the content so far: without stuffed dots and without the final dot, as RFC 1870 §3 counts.</summary>
    public long Length { get; private set; }

    /// <summary>True when the content is longer than it may be.</summary>
    public bool IsTooBig => Length > maxLength;

    /// <summary>Reads the next piece of input, which may be cut anywhere.</summary>
    /// <returns>Octets taken: all, unless the content ended or was refused.</returns>
    public int Read(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var position = 0;
        while (Status == DataStatus.More && position < input.Length)
        {
            position += Step(input[position..], output);
        }

        return position;
    }

    /// <summary>The end of counted content.</summary>
    public void Finish(IBufferWriter<byte> output)
    {
        if (state == State.AfterCr)
        {
            BareLineEnd(output);
        }
    }

    /// <summary>One transition. It may take no octet and only move to the state that knows what to do with the next one.</summary>
    private int Step(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        switch (state, input[0])
        {
            case (State.LineStart, Dot) when hasDots:
                state = State.AfterDot;
                return 1;

            case (State.LineStart or State.Text, _):
                return Text(input, output);

            case (State.AfterCr, Lf):
                Write("\r\n"u8, output);
                state = State.LineStart;
                return 1;

            case (State.AfterDot, Cr):
                state = State.AfterDotCr;
                return 1;

            case (State.AfterDotCr, Lf):
            case (State.AfterDot, Lf) when lineEnds == LineEnds.LineFeed:
                Status = DataStatus.End;
                return 1;

            case (State.AfterDot, _):
                state = State.Text;
                return 0;

            default:
                BareLineEnd(output);
                state = State.Text;
                return 0;
        }
    }

    /// <summary>
    /// Takes the longest run that goes out as it came: text and whole lines that end in CRLF, up to a line that begins with
    /// a dot, or a CR or LF that needs a closer look.
    /// </summary>
    private int Text(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var run = 0;
        while (true)
        {
            var length = input[run..].IndexOfAny(Cr, Lf);
            if (length < 0)
            {
                Write(input, output);
                state = State.Text;
                return input.Length;
            }

            run += length;
            if (!input[run..].StartsWith("\r\n"u8))
            {
                Write(input[..run], output);
                LineEndAlone(input[run], output);
                return run + 1;
            }

            run += 2;
            if (run == input.Length || (input[run] == Dot && hasDots))
            {
                Write(input[..run], output);
                state = State.LineStart;
                return run;
            }
        }
    }

    private void LineEndAlone(byte octet, IBufferWriter<byte> output)
    {
        if (octet == Cr)
        {
            state = State.AfterCr;
            return;
        }

        BareLineEnd(output);
        state = lineEnds == LineEnds.LineFeed ? State.LineStart : State.Text;
    }

    private void BareLineEnd(IBufferWriter<byte> output)
    {
        if (lineEnds == LineEnds.Strict)
        {
            Status = DataStatus.BareLineEnd;
            return;
        }

        Write("\r\n"u8, output);
    }

    private void Write(ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
    {
        Length += octets.Length;
        if (!IsTooBig)
        {
            output.Write(octets);
        }
    }
}
