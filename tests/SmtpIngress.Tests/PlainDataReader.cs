using System.Text;

namespace Relay.SmtpIngress.Tests;

/// <summary>
/// What <see cref="DataReader"/> has to do, said once more in the plainest way: the whole input is cut into lines, and each
/// line is looked at by itself. It serves as the reference.
/// </summary>
internal static class PlainDataReader
{
    public static (DataStatus Status, string Content, int Taken) Read(LineEnds mode, string input)
    {
        var content = new StringBuilder();
        var position = 0;
        while (true)
        {
            var (line, lineEnd) = NextLine(mode, input[position..]);
            if (lineEnd != "" && line == ".")
            {
                return (DataStatus.End, content.ToString(), position + line.Length + lineEnd.Length);
            }

            var text = line.StartsWith('.') ? line[1..] : line;
            if (lineEnd == "" && line.EndsWith('\r'))
            {
                // Whether this CR is bare only the next octet can tell.
                text = text[..^1];
            }

            if (mode == LineEnds.Strict && text.AsSpan().IndexOfAny('\r', '\n') is >= 0 and var bare)
            {
                var octetsBefore = position + (line.StartsWith('.') ? 1 : 0) + bare;
                return (DataStatus.BareLineEnd, content.ToString() + text[..bare], octetsBefore + 1);
            }

            content.Append(WithCrLf(text));
            if (lineEnd == "")
            {
                return (DataStatus.More, content.ToString(), input.Length);
            }

            content.Append("\r\n");
            position += line.Length + lineEnd.Length;
        }
    }

    /// <summary>The text up to the next line end of the protocol, and that line end; without one, all that is left.</summary>
    private static (string Line, string LineEnd) NextLine(LineEnds mode, string rest)
    {
        var end = mode == LineEnds.LineFeed ? rest.IndexOf('\n') : rest.IndexOf("\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return (rest, "");
        }

        if (mode != LineEnds.LineFeed)
        {
            return (rest[..end], "\r\n");
        }

        return end > 0 && rest[end - 1] == '\r' ? (rest[..(end - 1)], "\r\n") : (rest[..end], "\n");
    }

    private static string WithCrLf(string text) => text.Replace("\r", "\n").Replace("\n", "\r\n");
}
