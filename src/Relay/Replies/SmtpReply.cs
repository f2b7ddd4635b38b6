using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Relay.Replies;

/// <summary>A reply of an SMTP server: ours to a client, or a remote server's to us (RFC 5321 §4.2).</summary>
/// <param name="Code">Three digits, 200 to 599.</param>
/// <param name="Enhanced">The enhanced status code (RFC 2034); null where there is none (a greeting, 354, an old server).</param>
/// <param name="Text">The text without codes; lines are separated by LF.</param>
public sealed record SmtpReply(int Code, EnhancedStatus? Enhanced, string Text)
{
    private static readonly SearchValues<byte> Controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(c => (byte)c), 0x7f]);

    /// <summary>A reply with the enhanced status <c>class.subject.detail</c>, whose class is that of the code.</summary>
    public SmtpReply(int code, int subject, int detail, string text)
        : this(code, new EnhancedStatus(code / 100, subject, detail), text)
    {
    }

    /// <summary>2xx.</summary>
    public bool IsPositive => Code is >= 200 and < 300;

    /// <summary>3xx: go on with the input.</summary>
    public bool IsIntermediate => Code is >= 300 and < 400;

    /// <summary>4xx: the client is to try again.</summary>
    public bool IsTemporary => Code is >= 400 and < 500;

    /// <summary>5xx: the client is not to try again.</summary>
    public bool IsPermanent => Code is >= 500 and < 600;

    /// <summary>Appends the reply as it goes over the wire, every line with the code and the enhanced status.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var text = Text.AsSpan();
        while (true)
        {
            var end = text.IndexOf('\n');
            WriteLine(output, end < 0 ? text : text[..end], last: end < 0);
            if (end < 0)
            {
                return;
            }

            text = text[(end + 1)..];
        }
    }

    /// <summary>The reply on one line, as logs and the status show it.</summary>
    public override string ToString()
    {
        var text = Text.Contains('\n') ? Text.Replace('\n', ' ') : Text;
        return Enhanced is { } enhanced ? $"{Code} {enhanced} {text}" : $"{Code} {text}";
    }

    private void WriteLine(IBufferWriter<byte> output, ReadOnlySpan<char> line, bool last)
    {
        // Code, separator, enhanced status of at most 9 characters, space, text of up to 3 octets a character, CRLF.
        var span = output.GetSpan(16 + Encoding.UTF8.GetMaxByteCount(line.Length));
        Code.TryFormat(span, out var length);
        span[length++] = last ? (byte)' ' : (byte)'-';
        if (Enhanced is { } enhanced)
        {
            Utf8.TryWrite(span[length..], $"{enhanced.Class}.{enhanced.Subject}.{enhanced.Detail} ", out var written);
            length += written;
        }

        var text = span[length..];
        text = text[..Encoding.UTF8.GetBytes(line, text)];
        // A CR or another control in the text would end the line early, or speak to a terminal.
        text.ReplaceAny(Controls, (byte)' ');
        length += text.Length;
        span[length++] = (byte)'\r';
        span[length++] = (byte)'\n';
        output.Advance(length);
    }
}
