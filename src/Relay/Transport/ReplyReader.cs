using System.Diagnostics;
using System.Text;
using Relay.Replies;

namespace Relay.Transport;

/// <summary>
/// Puts a reply together from octets as they come, in pieces of any size (RFC 5321 §4.2). Lenient where it does no harm:
/// a line may end in bare LF, and where the lines of one reply differ in code the last one counts.
/// </summary>
internal sealed class ReplyReader
{
    /// <summary>Octets of a line that are kept; the RFC's limit is 512 (§4.5.3.1.5). What is beyond is dropped.</summary>
    public const int MaxLine = 4096;

    /// <summary>Octets of a whole reply. A server that says more has lost its way.</summary>
    public const int MaxReply = 64 * 1024;

    private byte[]? partial;
    private int partialLength;
    private int total;
    private string? firstLine;
    private StringBuilder? lines;
    private EnhancedStatus? enhanced;

    /// <summary>True between two replies.</summary>
    public bool IsIdle => total == 0;

    /// <summary>
    /// Takes octets from the front of <paramref name="input"/> up to the end of a reply; null when there is more to come.
    /// Throws <see cref="InvalidDataException"/> for what is no SMTP reply.
    /// </summary>
    public SmtpReply? Read(ref ReadOnlySpan<byte> input)
    {
        while (!input.IsEmpty)
        {
            var end = input.IndexOf((byte)'\n');
            var taken = end < 0 ? input.Length : end + 1;
            total += taken;
            if (total > MaxReply)
            {
                throw new InvalidDataException($"a reply of more than {MaxReply} octets");
            }

            var part = input[..(end < 0 ? taken : end)];
            input = input[taken..];
            if (end < 0 || partialLength > 0)
            {
                Keep(part);
            }

            if (end >= 0)
            {
                var line = partialLength > 0 ? partial.AsSpan(0, partialLength) : part[..Math.Min(part.Length, MaxLine)];
                partialLength = 0;
                if (EndLine(line.TrimEnd((byte)'\r')) is { } reply)
                {
                    return reply;
                }
            }
        }

        return null;
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        partial ??= new byte[MaxLine];
        part = part[..Math.Min(part.Length, MaxLine - partialLength)];
        part.CopyTo(partial.AsSpan(partialLength));
        partialLength += part.Length;
    }

    /// <summary>The reply, when this was its last line.</summary>
    private SmtpReply? EndLine(ReadOnlySpan<byte> line)
    {
        if (!TryReadCode(line, out var code))
        {
            throw new InvalidDataException($"'{Clean(line[..Math.Min(line.Length, 80)])}' is not an SMTP reply");
        }

        AddText(code, line.Length > 4 ? Clean(line[4..]) : "");
        if (line.Length > 3 && line[3] == '-')
        {
            return null;
        }

        Debug.Assert(firstLine is not null);
        // A code of another class than the reply's is not one to repeat (RFC 2034 §4).
        var reply = enhanced?.Class == code / 100
            ? new SmtpReply(code, enhanced, lines?.ToString() ?? firstLine)
            : new SmtpReply(code, null, lines?.ToString() ?? firstLine);
        (firstLine, lines, enhanced, total) = (null, null, null, 0);
        return reply;
    }

    /// <summary>Each line may begin with the enhanced status; it is taken off where it is the same on all (RFC 2034 §4).</summary>
    private void AddText(int code, string text)
    {
        var has = EnhancedStatus.TryRead(text, out var status, out var length) && status.Class == code / 100;
        if (firstLine is null)
        {
            enhanced = has ? status : null;
            firstLine = has ? text[length..].TrimStart(' ') : text;
            return;
        }

        lines ??= new StringBuilder(firstLine);
        lines.Append('\n').Append(has && status == enhanced ? text[length..].TrimStart(' ') : text);
    }

    /// <summary>Three digits, 200 to 599, alone or before a space or hyphen (RFC 5321 §4.2).</summary>
    private static bool TryReadCode(ReadOnlySpan<byte> line, out int code)
    {
        code = 0;
        if (line.Length < 3 || (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-')))
        {
            return false;
        }

        foreach (var digit in line[..3])
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            code = (code * 10) + digit - '0';
        }

        return code is >= 200 and < 600;
    }

    /// <summary>The text without control characters: it goes into logs and onto terminals.</summary>
    private static string Clean(ReadOnlySpan<byte> text)
    {
        var clean = Encoding.UTF8.GetString(text);
        return clean.Any(char.IsControl)
            ? string.Create(clean.Length, clean, static (span, source) =>
            {
                for (var i = 0; i < span.Length; i++)
                {
                    span[i] = char.IsControl(source[i]) ? ' ' : source[i];
                }
            })
            : clean;
    }
}
