using System.Text;

namespace Relay.Fuzz;

/// <summary>The content after DATA, cut into lines by the book (RFC 5321 §4.5.2). End is -1 where there is none.</summary>
internal static class PlainContent
{
    /// <summary>Only CRLF.CRLF ends it; the CRLF before it may be the one that ended the command.</summary>
    public static (string Content, int End, bool HasBareLineEnd) ByCrLf(string input, int start)
    {
        var rest = "\r\n" + input[start..];
        var dot = rest.IndexOf("\r\n.\r\n", StringComparison.Ordinal);
        var lines = (dot < 0 ? rest : rest[..(dot + 2)])[2..];
        var content = new StringBuilder();
        foreach (var line in lines.Split("\r\n"))
        {
            content.Append(CrLfOnly(WithoutDot(line))).Append("\r\n");
        }

        // The last line ends before the dot: behind it stands no line more.
        content.Length -= 2;
        var bare = lines.Replace("\r\n", "", StringComparison.Ordinal);
        if (dot < 0 && lines.EndsWith('\r'))
        {
            // Only the next octet could tell whether it is bare.
            bare = bare[..^1];
        }

        return (content.ToString(), dot < 0 ? -1 : start + dot + 3, bare.AsSpan().ContainsAny('\r', '\n'));
    }

    /// <summary>For a client that knows no CRLF: LF is a line end, with or without CR before it.</summary>
    public static (string Content, int End, bool HasBareLineEnd) ByLineFeed(string input, int start)
    {
        var content = new StringBuilder();
        while (input.IndexOf('\n', start) is >= 0 and var end)
        {
            var line = input[start..end];
            line = line.EndsWith('\r') ? line[..^1] : line;
            start = end + 1;
            if (line == ".")
            {
                return (content.ToString(), start, false);
            }

            content.Append(CrLfOnly(WithoutDot(line))).Append("\r\n");
        }

        return (content.ToString(), -1, false);
    }

    /// <summary>Every line end made CRLF.</summary>
    public static string CrLfOnly(string text) => text.Replace("\r\n", "\n").Replace('\r', '\n').Replace("\n", "\r\n");

    private static string WithoutDot(string line) => line.StartsWith('.') ? line[1..] : line;
}
