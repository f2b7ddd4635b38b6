using System.Globalization;
using System.Text;

namespace Relay.Fuzz;

/// <summary>A reply as it was sent (RFC 5321 §4.2).</summary>
internal sealed record Reply(int Code, string Text)
{
    public bool IsPositive => Code / 100 == 2;
}

/// <summary>Takes the server's output apart.</summary>
internal static class Replies
{
    /// <summary>Octets of a reply line, RFC 5321 §4.5.3.1.5.</summary>
    private const int MaxLine = 512;

    /// <returns>What is wrong with the output; null when nothing is.</returns>
    public static string? Read(byte[] output, List<Reply> replies)
    {
        var text = Encoding.Latin1.GetString(output);
        var lines = text.Split("\r\n");
        if (lines[^1] != "")
        {
            return $"the output ends in half a line: {Text.Shown(lines[^1])}";
        }

        var reply = "";
        foreach (var line in lines[..^1])
        {
            if (line.Length < 4 || line.Length + 2 > MaxLine || line[0] is < '2' or > '5' || !line.AsSpan(0, 3).ContainsOnlyDigits() ||
                line[3] is not (' ' or '-') || line.Any(c => c is < ' ' or > '~') || (reply != "" && !reply.StartsWith(line[..3], StringComparison.Ordinal)))
            {
                return $"not a reply line: {Text.Shown(line)}";
            }

            if (line is [_, _, _, _, >= '0' and <= '9', '.', ..] && line[4] != line[0])
            {
                return $"the enhanced status code is of another class: {line}";
            }

            reply += line + "\n";
            if (line[3] == ' ')
            {
                replies.Add(new Reply(int.Parse(line[..3], CultureInfo.InvariantCulture), reply));
                reply = "";
            }
        }

        return reply == "" ? null : $"the last reply has no last line: {reply}";
    }

    private static bool ContainsOnlyDigits(this ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
